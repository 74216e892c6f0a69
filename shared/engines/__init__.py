"""The embedded engines. Nothing outside this package imports numpy, cv2 or onnxruntime.

numpy's linear algebra reads its thread count once, when it is imported: it gets one thread a call, like the models
(sessions.py), because many calls run beside each other and idle BLAS threads spin.

ONNX Runtime's official builds give the machine an identifier and report to Microsoft which models run and how often,
unless they are told before they are imported. Not from a cash machine.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("VECLIB_MAXIMUM_THREADS", "1")
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
