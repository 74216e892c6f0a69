"""One cold start, measured: `python -P cold_child.py ROOT APP PICTURE CLIP`. The last line it prints is JSON.

Nothing is imported beside what a process of the app imports, but for the few lines that drive the worker library.
"""

import asyncio
import base64
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

root, app, picture, clip = (Path(argument) for argument in sys.argv[1:])
os.environ |= {
    "ATM_KEYS": f"k1:{base64.b64encode(bytes(32)).decode()}",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "SQLITE_PATH": str(app / "documents.sqlite"),
}
sys.path.append(str(root))
SENTENCE, DIGITS = "My voice is my passport, verify me", "493817"

from devhost.worker import Function, Worker  # noqa: E402


def _request(path: str) -> Any:
    from azure.functions.meta import Datum

    raw = {
        "method": Datum("GET", "string"),
        "url": Datum(f"http://127.0.0.1{path}", "string"),
        **{name: {} for name in ("headers", "params", "query")},
        "body": Datum(b"", "bytes"),
    }
    return Datum(raw, "http")


async def measure() -> dict[str, float]:
    import psutil

    def resident_mb() -> float:
        return round(float(psutil.Process().memory_info().rss) / 1e6, 1)

    measured: dict[str, float] = {}
    begun, busy = time.perf_counter(), time.process_time()

    def start() -> None:
        nonlocal begun, busy
        begun, busy = time.perf_counter(), time.process_time()

    def lap(stage: str) -> None:
        measured[stage] = round(1000 * (time.perf_counter() - begun), 1)
        measured[f"{stage}_cpu"] = round(1000 * (time.process_time() - busy), 1)
        start()

    worker = Worker(app)
    functions = {function.name: function for function in await worker.start()}
    lap("import")
    await _get(worker, functions["health_live"], "/api/health")
    lap("first_request")
    await _get(worker, functions["page_home"], "/")
    lap("page")
    measured["memory_http_mb"] = resident_mb()

    from shared.wiring import app as services

    image, wav = picture.read_bytes(), clip.read_bytes()
    start()
    assert services().face_engine.analyse(image).faces  # noqa: S101 - what is measured must have happened
    lap("face")
    services().face_engine.analyse(image)
    lap("next_face")
    services().voice_engine.analyse(wav, SENTENCE, DIGITS)
    lap("voice")
    measured["memory_mb"] = resident_mb()
    worker.stop()
    return measured


async def _get(worker: Worker, function: Function, path: str) -> None:
    await worker.invoke(function, {str(function.trigger["name"]): _request(path)}, {})


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure())))
