"""Two processes, each with a gallery of its own, on one SQLite file and one blob store: who is known where."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Queue

import pytest

from shared.containers import PEOPLE
from shared.services.people.registry import Status
from shared.services.people.templates import Kind
from tests.functional.gallery_follower import MODEL, Instance, face
from tests.functional.storage import Azurite

ROOT = Path(__file__).parents[2]
_PATIENCE = 30.0


class Follower:
    """The other process. `waits_for` returns once it has said that it knows exactly these people."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._lines: Queue[str | None] = Queue()
        self._known: set[str] | None = None
        threading.Thread(target=self._read, args=(process,), daemon=True).start()

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def waits_for(self, *people: str) -> None:
        while self._known != set(people):
            line = self._lines.get(timeout=_PATIENCE)
            assert line is not None, "the other process ended"
            self._known = set(line.split())


@contextmanager
def following(file: Path, connection: str) -> Iterator[Follower]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.functional.gallery_follower", file, connection],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Follower(process)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def here(tmp_path: Path, azurite: Azurite) -> Instance:
    instance = Instance(tmp_path / "documents.sqlite", azurite.connection_string)
    for blob in list(instance.media.list("galleries")):
        instance.media.delete("galleries", blob.name)
    return instance


def enrol(here: Instance, number: int, status: Status = Status.ACTIVE) -> str:
    person = here.people.create(
        f"p{number}",
        name=f"Person {number}",
        given_name="Person",
        phone=f"+1202555{number:04d}",
        status=status,
        language="en",
        consent_version="1",
        assurance="staff",
    )
    here.templates.add(person.id, Kind.FACE, MODEL, face(number), at=here.clock.now())
    here.log.announce(person.id)
    return person.id


def becomes(here: Instance, person: str, status: Status) -> None:
    here.people.save(replace(here.people.require(person), status=status))
    here.log.announce(person)


def test_whoever_registers_here_is_known_there_and_whoever_goes_is_gone_from_there(
    here: Instance, tmp_path: Path, azurite: Azurite
) -> None:
    with following(tmp_path / "documents.sqlite", azurite.connection_string) as there:
        there.waits_for()
        enrol(here, 1)
        enrol(here, 2)
        enrol(here, 3, Status.PENDING)
        there.waits_for("p1", "p2")
        becomes(here, "p3", Status.ACTIVE)
        there.waits_for("p1", "p2", "p3")
        becomes(here, "p1", Status.SUSPENDED)
        there.waits_for("p2", "p3")
        for template in here.templates.of("p2", Kind.FACE):
            here.templates.remove("p2", template.id)
        here.documents.delete(PEOPLE, "p2", "p2")
        here.log.announce("p2")
        there.waits_for("p3")
        assert here.recognised() == ["p3"]


def test_a_process_that_starts_later_takes_the_snapshot_and_the_rest_of_the_log(
    here: Instance, tmp_path: Path, azurite: Azurite
) -> None:
    for number in range(1, 21):
        enrol(here, number)
    assert here.snapshots.tend(MODEL)
    enrol(here, 21)
    becomes(here, "p5", Status.SUSPENDED)
    expected = [f"p{number}" for number in range(1, 22) if number != 5]
    with following(tmp_path / "documents.sqlite", azurite.connection_string) as there:
        there.waits_for(*expected)
        here.snapshots.catch_up()
        assert len(list(here.media.list("galleries"))) == 1
        becomes(here, "p6", Status.SUSPENDED)
        expected.remove("p6")
        there.waits_for(*expected)
    snapshot = here.snapshots.read(MODEL)
    assert snapshot is not None and "p5" not in snapshot.people


def test_two_processes_that_write_a_snapshot_at_once_leave_one_that_is_right(
    here: Instance, tmp_path: Path, azurite: Azurite
) -> None:
    other = Instance(tmp_path / "documents.sqlite", azurite.connection_string)
    for number in range(1, 6):
        enrol(here, number)
    barrier, wrote = threading.Barrier(2), []

    def write(instance: Instance) -> None:
        barrier.wait(timeout=_PATIENCE)
        wrote.append(instance.snapshots.tend(MODEL))

    threads = [threading.Thread(target=write, args=(instance,)) for instance in (here, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE)
    assert True in wrote and len(wrote) == 2
    assert len(list(here.media.list("galleries"))) == 1
    with following(tmp_path / "documents.sqlite", azurite.connection_string) as there:
        there.waits_for(*(f"p{number}" for number in range(1, 6)))
