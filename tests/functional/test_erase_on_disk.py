"""Erasure on the real stores: afterwards the state folder itself is searched, file by file, byte by byte."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shared.adapters.azure_media import AzureMedia
from shared.adapters.cursors import Cursors
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.containers import MEDIA_INDEX, SEARCHES, STRANGERS
from shared.domain.recording import CONTAINER
from shared.domain.roles import Operator, Role
from shared.domain.session import State
from shared.ports import Query
from shared.services.attention.items import Matter
from shared.services.audit.entries import ground
from shared.services.deletion.holds import Held
from shared.services.people.templates import Kind
from tests.fakes import fake_keys
from tests.functional.storage import Azurite
from tests.stage import MODEL, Stage, StageApp

NAME, PHONE = "Canary Zugvogel", "+12025550155"
VECTOR = b"\x01the canary's own vector\x02"
OTTO = Operator("otto", "Otto", Role.OFFICER)
WHY = ground("Asked for in writing", "INC-7")


class House:
    """A stage whose stores are files: a SQLite database, and a blob store that is stopped before anybody looks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.storage = Azurite(folder / "storage")
        self.storage.start()
        self.app = StageApp(local_host=True, face_search="strangers")
        self.documents = SqliteDocuments(folder / "documents.sqlite", self.app.clock, Cursors(fake_keys()))
        connection = self.storage.connection_string
        self.media = AzureMedia.with_connection_string(connection, connect_timeout=20, read_timeout=60)
        self.app.__dict__ |= {"documents": self.documents, "media": self.media}
        self.stage = Stage(self.app)

    def settle(self) -> None:
        self.app.fake_clock.advance(30)
        for blob in list(self.media.list(CONTAINER)):
            self.app.index.recording(blob.name)
        self.app.index.settle_due()

    def visit(self, who: str) -> str:
        self.stage.to_granted(who)
        self.app.visit.leave(self.stage.stored())
        self.settle()
        return self.stage.session

    def shut(self) -> None:
        """As a stack that stops; what was deleted from the log is gone from the disk by then."""
        self.app.fake_clock.advance(61)
        self.documents.delete(SEARCHES, "x", "x")  # any write after a minute sweeps
        self.documents.close()
        self.media.close()
        self.storage.stop()

    def holding(self, wanted: bytes) -> list[str]:
        """Files that hold these bytes."""
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        return sorted(str(f.relative_to(self.folder)) for f in files if wanted in f.read_bytes())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = House(tmp_path)
    yield found
    if found.storage.process.poll() is None:
        found.storage.stop()


def planted(house: House) -> dict[str, bytes]:
    """The canary, in every store there is; what to look for afterwards."""
    app, stage = house.app, house.stage
    stage.enrol("ben", "+12025550187")
    house.visit("ben")
    stage.enrol("canary", PHONE)
    person = app.people.save(
        replace(app.people.require("pcanary"), name=NAME, given_name="Canary", name_key="canary zugvogel")
    )
    app.templates.add("pcanary", Kind.FACE, MODEL, VECTOR, at=app.clock.now())
    session = house.visit("canary")
    stage.to_pin("canary")
    for _ in range(3):
        stage.type_pin("000000" if stage.code() != "000000" else "000001")
    assert stage.state is State.DENIED
    house.settle()
    app.ledger.withdraw("C-canary", "checking", 70_00, "12345678-1234-1234-1234-123456789abc")
    app.strangers.keep(session, VECTOR)
    app.face_search.by_frame(OTTO, session, 1, WHY)
    app.attention.call(Matter.LOCKOUT, "pcanary", person="pcanary", session=session)
    entry = next(d for d in house.documents.query(Query(MEDIA_INDEX, where={"session": session})).items)
    assert entry.body["sha256"] == hashlib.sha256(house.media.read(CONTAINER, str(entry.body["name"]))).hexdigest()
    return {
        "name": NAME.encode(),
        "search key": b"canary zugvogel",
        "number": PHONE.encode(),
        "bare number": PHONE[1:].encode(),
        "number's stand-in": app.people.phone_place(PHONE, "k1").encode(),
        "sealed number": person.phone.encode(),
        "customer": b"C-canary",
        "vector": VECTOR,
        "vector in base64": base64.b64encode(VECTOR),
        "a picture's SHA-256": str(entry.body["sha256"]).encode(),
    }


SEALED_ANYWAY = {"number", "bare number", "vector", "vector in base64"}
"""Never on the disk in clear, not even before."""


def test_afterwards_no_file_holds_anything_of_the_person(house: House) -> None:
    canaries = planted(house)
    for what, wanted in canaries.items():
        assert bool(house.holding(wanted)) is (what not in SEALED_ANYWAY), what
    assert house.app.erase.person(None, "pcanary", WHY).done
    recordings = [blob.name for blob in house.media.list(CONTAINER)]
    assert recordings and not any(b"canary" in house.media.read(CONTAINER, name) for name in recordings)
    for container in (STRANGERS, SEARCHES):
        assert house.documents.count(Query(container)) == 0
    assert house.app.attention.items().items == ()
    house.shut()
    assert {what: house.holding(wanted) for what, wanted in canaries.items() if house.holding(wanted)} == {}


def test_under_a_hold_all_of_it_stays_and_goes_by_itself_when_it_ends(house: House) -> None:
    canaries = planted(house)
    hold = house.app.holds.lay(OTTO, Held.PERSON, "pcanary", WHY)
    assert house.app.erase.person(None, "pcanary", WHY).held
    assert house.holding(canaries["name"])
    house.app.holds.release(OTTO, hold.id, WHY)
    assert house.app.erase.resume() == 1
    house.shut()
    assert {what: house.holding(wanted) for what, wanted in canaries.items() if house.holding(wanted)} == {}
