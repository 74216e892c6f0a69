"""Index an app with Microsoft's worker library and print its functions as JSON: `python -I index_app.py ROOT APP`.

A process of its own, isolated from the caller's environment: what is not in APP or installed is not there. Only the
few lines that drive the library come from ROOT, and no module of the app may.
"""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

root, app = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
sys.path.append(str(root))

from devhost.worker import Worker  # noqa: E402


async def functions() -> dict[str, str]:
    worker = Worker(app)
    try:
        return {function.name: function.kind for function in await worker.start()}
    finally:
        worker.stop()


with contextlib.redirect_stdout(sys.stderr):
    found = asyncio.run(functions())
foreign = [
    name
    for name, module in sys.modules.items()
    if name.split(".")[0] in {"function_app", "functions", "shared"}
    and not Path(getattr(module, "__file__", None) or app).resolve().is_relative_to(app)
]
sys.stdout.write(json.dumps({"functions": found, "foreign": foreign}))
