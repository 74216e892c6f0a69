"""The stores the `Documents` contract is tested on, and a clock that tests can move."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from shared.adapters.cosmos_documents import CosmosDocuments
from shared.adapters.cursors import Cursors
from shared.adapters.keyring import Keyring
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.containers import Container
from shared.ports import Documents
from tests.fakes import FakeDocuments
from tests.functional.storage import Cosmos

THINGS = Container("things", "group", ("at", "rank"))
SINGLES = Container("singles", "id", ("name",))
CONTAINERS = (THINGS, SINGLES)


class MovableClock:
    """The true time, moved ahead by what a test has moved it."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


class Make(Protocol):
    def __call__(self, keyring: Keyring) -> Documents:
        """A store on the same data with other keys."""


@dataclass
class Store:
    """`many` is how many documents a test of large numbers makes here: an emulator is slow and keeps all in memory."""

    kind: str
    documents: Documents
    clock: MovableClock
    many: int
    make: Make


def keyring(*ids: str) -> Keyring:
    return Keyring({id: secrets.token_bytes(32) for id in ids or ("k1",)}, "tests")


def memory_store() -> Store:
    """The unit tests' fake, so that it never promises what the real ones do not keep."""
    clock = MovableClock()
    documents = FakeDocuments(clock)

    def make(keyring: Keyring) -> FakeDocuments:
        return documents.under(keyring)

    return Store("memory", documents, clock, 5_000, make)


@contextmanager
def sqlite_store(folder: Path) -> Iterator[Store]:
    clock = MovableClock()

    def make(keyring: Keyring) -> SqliteDocuments:
        return SqliteDocuments(folder / "documents.sqlite", clock, Cursors(keyring))

    documents = make(keyring())
    yield Store("sqlite", documents, clock, 10_000, make)
    documents.close()


@contextmanager
def cosmos_store(server: Cosmos) -> Iterator[Store]:
    clock = MovableClock()

    def make(keyring: Keyring) -> CosmosDocuments:
        return CosmosDocuments(
            server.endpoint, server.key, clock, Cursors(keyring), database="tests", verify_tls=False, timeout=60
        )

    documents = make(keyring())
    documents.ensure_containers(CONTAINERS)
    yield Store("cosmos", documents, clock, 800 if server.process else 10_000, make)
    documents.close()
