"""Document stores: point operations and pages, SQLite with few and with many documents, Cosmos DB at small scale.

The Cosmos DB numbers are the npm emulator's and say nothing about the service but the adapter's own share.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from shared.adapters.cosmos_documents import CosmosDocuments
from shared.adapters.cursors import Cursors
from shared.adapters.keyring import Keyring
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.adapters.system import SystemClock
from shared.containers import LIMITS, MEDIA_INDEX
from shared.ports import Body, Documents, Query, Range
from tests.functional.storage import Cosmos

TARGET_MS = 1.0
"""Of a SQLite point operation at the median."""

_PER_PARTITION = 1_000  # a busy kiosk's day
_FRESH = 10_000_000


def entry(number: int) -> tuple[str, str, Body]:
    """An index entry as the app writes them, about 400 bytes."""
    body: Body = {
        "at": f"2026-11-22T10:{number % _PER_PARTITION:06d}Z", "session": f"K7_{number // 40:08d}", "kind": "frame",
        "sha256": f"{number:064x}", "quality": 0.91, "faces": 1, "claimed": None, "person": f"p{number % 500:04d}",
        "bytes": 61_234, "state": "identifying", "guidance": "come closer", "version": number % 90,
    }  # fmt: skip
    return f"K7_{number // _PER_PARTITION:05d}", f"{number:08d}", body


def fill(documents: Documents, count: int) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: documents.create(MEDIA_INDEX, *entry(number)), range(count)))


def operations(documents: Documents, there: int) -> dict[str, Callable[[int], object]]:
    """By name; each takes a running number."""
    page = Query(MEDIA_INDEX, entry(there // 2)[0], order_by="at", limit=100)
    last = Range("at", f"2026-11-22T10:{min(there, _PER_PARTITION) - 50:06d}Z")

    def replace_one(number: int) -> None:
        partition, id, body = entry(number * 37 % there)
        if found := documents.get(MEDIA_INDEX, partition, id):
            documents.replace(MEDIA_INDEX, partition, id, body, found.etag)

    return {
        "get": lambda number: documents.get(MEDIA_INDEX, *entry(number * 37 % there)[:2]),
        "create": lambda number: documents.create(MEDIA_INDEX, *entry(_FRESH + number)),
        "get and replace": replace_one,
        "increment": lambda number: documents.increment(LIMITS, f"l{number % 5}", f"l{number % 5}", "n", ttl=3600),
        "delete": lambda number: documents.delete(MEDIA_INDEX, *entry(_FRESH + number)[:2]),
        "page of 100, one partition": lambda _: documents.query(page),
        "its last 50 by time": lambda _: documents.query(replace(page, range=last)),
        "page of 100, all partitions": lambda _: documents.query(replace(page, partition=None)),
        "page of one person": lambda n: documents.query(replace(page, where={"person": f"p{n % 500:04d}"})),
        "count of a partition": lambda _: documents.count(page),
    }


type Opened = Callable[[int], AbstractContextManager[dict[str, Documents]]]

POINT = ("get", "create", "get and replace", "increment", "delete")


def measure(action: Callable[[int], object], times: int) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds."""
    taken = []
    for number in range(times):
        begun = time.perf_counter()
        action(number)
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


@contextmanager
def sqlite(count: int) -> Iterator[dict[str, Documents]]:
    """As the app opens it, and waiting for the disk on every write."""
    folder = Path(tempfile.mkdtemp())
    file, clock = folder / "documents.sqlite", SystemClock()
    usual = SqliteDocuments(file, clock, _cursors())
    safe = SqliteDocuments(file, clock, _cursors(), power_loss_safe=True)
    try:
        fill(usual, count)
        yield {"SQLite": usual, "SQLite with fsync": safe}
    finally:
        usual.close()
        safe.close()
        shutil.rmtree(folder)


@contextmanager
def cosmos(count: int) -> Iterator[dict[str, Documents]]:
    server = Cosmos.start()
    documents = CosmosDocuments(server.endpoint, server.key, SystemClock(), _cursors(), verify_tls=False, timeout=60)
    try:
        documents.ensure_containers()
        fill(documents, count)
        yield {"Cosmos DB emulator": documents}
    finally:
        documents.close()
        server.stop()


def _cursors() -> Cursors:
    return Cursors(Keyring({"k1": bytes(32)}, "bench"))


def results(store: str, documents: Documents, there: int, times: int) -> Iterator[dict[str, object]]:
    for name, action in operations(documents, there).items():
        median, p95 = measure(action, times)
        yield {
            "store": store,
            "documents": there,
            "operation": name,
            "median_ms": round(median, 3),
            "p95_ms": round(p95, 3),
        }


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench documents", description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000, 200_000], help="how many SQLite holds")
    parser.add_argument("--cosmos", type=int, default=500, help="how many the emulator holds; 0 leaves it out")
    parser.add_argument("--times", type=int, default=200, help="repetitions of each operation")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(argv)
    all_results: list[dict[str, object]] = []
    opened: list[tuple[Opened, int]] = [(sqlite, count) for count in given.documents]
    for opener, there in [*opened, *([(cosmos, given.cosmos)] if given.cosmos else [])]:
        with opener(there) as stores:
            for store, documents in stores.items():
                for result in results(store, documents, there, given.times):
                    all_results.append(result)
                    if not given.json:
                        line = (
                            "{store:<18} {documents:>7}  {operation:<27} median {median_ms:>8} ms  p95 {p95_ms:>8} ms"
                        )
                        print(line.format(**result), flush=True)
    if given.json:
        print(json.dumps({"bench": "documents", "target_ms": TARGET_MS, "results": all_results}))
    measured = [r for r in all_results if r["store"] == "SQLite" and r["operation"] in POINT]
    return 0 if all(float(str(result["median_ms"])) <= TARGET_MS for result in measured) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
