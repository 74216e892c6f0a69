"""The embedded engines. Nothing outside this package imports numpy, cv2 or onnxruntime.

numpy's linear algebra reads its thread count once, when it is imported: it gets one thread a call, like the models
(sessions.py), because many calls run beside each other and idle BLAS threads spin.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("VECLIB_MAXIMUM_THREADS", "1")
