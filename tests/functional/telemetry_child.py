"""A worker with its telemetry switch on, one request and one event: `python telemetry_child.py APP`."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

from azure.functions.meta import Datum

from devhost.worker import Function, Worker

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def http(path: str) -> Datum:
    content = {
        "method": Datum("GET", "string"),
        "url": Datum(f"http://127.0.0.1{path}", "string"),
        "headers": {"traceparent": Datum(TRACEPARENT, "string")},
        "params": {},
        "query": {},
        "body": Datum(b"", "bytes"),
    }
    return Datum(content, "http")


async def main() -> None:
    worker = Worker(Path(sys.argv[1]))
    functions = {function.name: function for function in await worker.start()}
    await invoke(worker, functions["health_live"], http("/api/health"), {})
    metadata = {
        "BlobTrigger": Datum("recordings/not-a-recording", "string"),
        "Uri": Datum('"http://127.0.0.1/recordings/not-a-recording"', "json"),
        "Properties": Datum("{}", "json"),
        "Metadata": Datum(f'{{"Traceparent": "{TRACEPARENT}"}}', "json"),
    }
    await invoke(worker, functions["index_recording"], Datum(b"x", "bytes"), metadata)

    from shared.logs import say

    say(logging.INFO, "told", phone="+12025550142", kiosk="K7")
    worker.stop()
    flush()


async def invoke(worker: Worker, function: Function, value: Datum, metadata: dict[str, Datum]) -> None:
    await worker.invoke(function, {str(function.trigger["name"]): value}, metadata)


def flush() -> None:
    from opentelemetry import trace
    from opentelemetry._logs import get_logger_provider

    providers: tuple[Any, ...] = (trace.get_tracer_provider(), get_logger_provider())
    for provider in providers:
        provider.force_flush()


asyncio.run(main())
