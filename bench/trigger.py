"""Blob written -> function entered: the time from the end of the upload to the first line of the function.

One blob after another through the whole local chain (Azurite, its access log, local Event Grid, the webhook, the
queue, the worker library), with few and with many blobs in the container.
"""

import argparse
import json
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from azure.storage.blob import ContainerClient

from tests.functional.hostapps.running import RunningHost, RunningStorage

TARGET_MS = 30.0
_FRAME = b"\xff\xd8" + bytes(60_000)  # about the size of a kiosk's frame
_WARM_UP = 5
_FILLERS = 8


@contextmanager
def running_chain(teller: socket.socket, profile: str) -> Iterator[ContainerClient]:
    """The chain with an app that tells when it is entered; its blobs end in .jpg."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"TELL_PORT": str(teller.getsockname()[1])}
        host = RunningHost("entered", folder / "host", environment=environment)
        storage = RunningStorage(
            folder / "storage", host.url, "--subscription", "enter=box::.jpg", "--profile", profile
        )
        host.environment = {**host.environment, "AzureWebJobsStorage": storage.connection}
        storage.start()
        try:
            host.start()
            try:
                yield storage.blobs().create_container("box")
            finally:
                host.stop()
        finally:
            storage.stop()


def fill(container: ContainerClient, count: int) -> None:
    """Blobs that no function wants; they only lie there."""
    with ThreadPoolExecutor(_FILLERS) as pool:
        list(
            pool.map(
                lambda number: container.upload_blob(f"old/{number:06d}.txt", b"old", overwrite=True), range(count)
            )
        )


def measure(container: ContainerClient, teller: socket.socket, count: int, pause: float) -> list[float]:
    """Milliseconds, one for each blob."""
    taken = []
    for number in range(_WARM_UP + count):
        container.upload_blob(f"new/{time.time_ns()}.jpg", _FRAME)
        written = time.time_ns()
        entered = int(teller.recv(1024).split()[0])
        if number >= _WARM_UP:
            taken.append((entered - written) / 1e6)
        time.sleep(pause)
    return taken


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench trigger", description=__doc__)
    parser.add_argument("--blobs", type=int, nargs="+", default=[10, 20_000], help="blobs in the container")
    parser.add_argument("--writes", type=int, default=100, help="writes measured for each")
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between writes")
    parser.add_argument("--profile", choices=["fast", "cloud"], default="fast")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(argv)
    results = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as teller:
        teller.bind(("127.0.0.1", 0))
        teller.settimeout(30)
        with running_chain(teller, given.profile) as container:
            there = 0
            for wanted in sorted(given.blobs):
                fill_from, there = there, wanted
                fill(container, max(0, wanted - fill_from))
                taken = measure(container, teller, given.writes, given.pause)
                result = {
                    "blobs": wanted,
                    "writes": given.writes,
                    "median_ms": round(statistics.median(taken), 1),
                    "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 1),
                }
                results.append(result)
                if not given.json:
                    print("{blobs:>6} blobs: median {median_ms} ms, p95 {p95_ms} ms ({writes} writes)".format(**result))
    met = all(float(result["median_ms"]) < TARGET_MS for result in results)
    if given.json:
        print(json.dumps({"bench": "trigger", "profile": given.profile, "target_ms": TARGET_MS, "results": results}))
    return 0 if met or given.profile != "fast" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
