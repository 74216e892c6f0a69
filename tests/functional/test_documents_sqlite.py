"""What SQLite alone must show: durable when killed, several processes at once, every page served by an index."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from shared.adapters.cursors import Cursors, Place
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.adapters.sqlite_queries import number_of, page
from shared.containers import ALL, Container
from shared.domain.errors import Unavailable
from shared.ports import Query, Range
from tests.functional.documents import THINGS, MovableClock, keyring

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "documents.sqlite"


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def documents(file: Path, clock: MovableClock) -> Iterator[SqliteDocuments]:
    store = SqliteDocuments(file, clock, Cursors(keyring()), patience=0.3)
    yield store
    store.close()


def writer(file: Path, name: str, most: int = 0) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.functional.sqlite_writer", str(file), name, str(most)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_every_acknowledged_write_survives_the_kill_of_its_process(file: Path, documents: SqliteDocuments) -> None:
    acknowledged = 0
    for turn in range(6):
        process = writer(file, f"writer{turn}")
        assert process.stdout is not None
        seen = [int(process.stdout.readline()) for _ in range(20 + 37 * turn)]
        process.kill()
        seen += [int(line) for line in process.stdout if line.endswith("\n")]
        process.wait()
        for number in seen:
            found = documents.get(THINGS, f"writer{turn}", f"{number}")
            assert found is not None and found.body["filling"] == "x" * (number % 5000)
        acknowledged += len(seen)
        counter = documents.get(THINGS, "shared", "counter")
        assert counter is not None and isinstance(counter.body["n"], int)
        assert acknowledged <= counter.body["n"] <= acknowledged + turn + 1  # one a kill may be done and not yet said
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (etags,) = connection.execute("SELECT COUNT(*) - COUNT(DISTINCT etag) FROM things").fetchone()
        assert etags == 0


@pytest.mark.slow
def test_processes_that_begin_together_on_a_new_file_lose_nothing(file: Path, documents: SqliteDocuments) -> None:
    processes = [writer(file, f"writer{number}", 150) for number in range(4)]
    assert [process.communicate()[0].count("\n") for process in processes] == [150] * 4
    counter = documents.get(THINGS, "shared", "counter")
    assert counter is not None and counter.body["n"] == 600
    assert documents.count(Query(THINGS, "race")) == 150
    for number in range(4):
        assert documents.count(Query(THINGS, f"writer{number}")) == 150


def test_while_another_process_writes_long_readers_go_on_and_writers_give_up_in_time(
    file: Path, documents: SqliteDocuments
) -> None:
    created = documents.create(THINGS, "g", "one", {})
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert documents.get(THINGS, "g", "one") == created
    with pytest.raises(Unavailable):
        documents.create(THINGS, "g", "two", {})
    other.execute("COMMIT")
    other.close()
    documents.create(THINGS, "g", "two", {})


def test_a_write_that_fails_midway_leaves_nothing_and_blocks_nobody(
    documents: SqliteDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents.create(THINGS, "g", "one", {"n": 1})

    def fail(*_: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("shared.adapters.sqlite_documents.encode", fail)
        documents.increment(THINGS, "g", "one", "n")
    assert documents.increment(THINGS, "g", "one", "n") == 2


def queries(container: Container) -> Iterator[tuple[Query, Place | None]]:
    for order_by, partition, descending in product(("id", *container.orders), ("p", None), (False, True)):
        plain = Query(container, partition, order_by=order_by, descending=descending)
        ranged = replace(plain, range=Range(order_by, "a", "b"), where={"x": 1})
        place = ("x",) * len(container.keyset(order_by))
        yield from ((plain, None), (plain, place), (ranged, place))


@pytest.mark.parametrize("container", ALL, ids=[container.name for container in ALL])
def test_every_page_is_read_from_an_index_already_in_order(
    file: Path, documents: SqliteDocuments, container: Container
) -> None:
    documents.count(Query(container))  # makes the table
    with closing(sqlite3.connect(file)) as connection:
        for query, place in queries(container):
            statement, values = page(query, 0.0, place)
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert len(plan) == 1 and " USING " in plan[0], plan
            assert query.partition is None or "partition=?" in plan[0], plan
            assert place is None or plan[0].startswith("SEARCH"), plan


def test_a_count_of_a_partition_looks_at_that_partition_only(file: Path, documents: SqliteDocuments) -> None:
    query = Query(THINGS, "g", order_by="at", range=Range("at", "a"))
    documents.count(query)
    statement, values = number_of(query, 0.0)
    with closing(sqlite3.connect(file)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert "(partition=? AND by_at>?)" in plan[0]


def test_a_container_that_gains_an_order_keeps_its_documents(documents: SqliteDocuments) -> None:
    documents.create(Container("growing", "group"), "g", "one", {"at": "2"})
    wider = Container("growing", "group", ("at",))
    documents.create(wider, "g", "two", {"at": "1"})
    assert [found.id for found in documents.query(Query(wider, "g", order_by="at")).items] == ["two", "one"]


def test_what_expired_is_taken_off_the_disk_by_a_later_write_to_anything(
    file: Path, documents: SqliteDocuments, clock: MovableClock
) -> None:
    documents.create(THINGS, "g", "short", {"secret": "VECTOR-OF-A-STRANGER"}, ttl=30)
    clock.move(100)
    documents.check()
    left = b"".join(path.read_bytes() for path in file.parent.iterdir() if not path.name.endswith("-shm"))
    assert b"VECTOR-OF-A-STRANGER" not in left


def test_what_was_deleted_is_overwritten(file: Path, documents: SqliteDocuments, clock: MovableClock) -> None:
    documents.create(THINGS, "g", "one", {"secret": "TEMPLATE-OF-ADA" * 1000})
    documents.delete(THINGS, "g", "one")
    clock.move(100)
    documents.check()
    left = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert b"TEMPLATE-OF-ADA" not in left


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes: its folders inherit the owner's rights")
def test_nobody_else_may_read_the_file(file: Path, documents: SqliteDocuments) -> None:
    documents.create(THINGS, "g", "one", {})
    assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("")
    documents = SqliteDocuments(tmp_path / "in the way" / "documents.sqlite", MovableClock(), Cursors(keyring()))
    with pytest.raises(Unavailable):
        documents.check()
