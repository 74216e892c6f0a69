"""Where has this face been seen? Off by default, for a reason, in bands; for strangers only with a second officer."""

import base64
import hashlib
import struct
from dataclasses import replace
from typing import Any

import pytest

from functions import face_search, http, kiosks, operators, people, visit_shapes
from shared.adapters.keyring import Keyring
from shared.containers import SEARCHES, STRANGERS, TEMPLATES
from shared.domain.face import FaceAnalysis
from shared.domain.recording import CONTAINER
from shared.domain.session import State
from shared.ports import Query
from shared.services.people.templates import Kind
from tests.desk import Desk
from tests.stage import MODEL, ScriptedFaceEngine

WHY = {"reason": "Theft at the station", "case": "INC-7"}


def vector(name: str) -> bytes:
    """A face's vector, which is in no picture of it."""
    return b"\x00vector:" + hashlib.sha256(name.encode()).digest()


def picture(name: str, width: int = 640, height: int = 480) -> bytes:
    """A JPEG's header with the name in its comment."""
    comment = name.encode()
    sof = struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0)
    return b"".join(
        (
            b"\xff\xd8\xff\xfe",
            struct.pack(">H", len(comment) + 2) + comment,
            b"\xff\xc0" + struct.pack(">H", len(sof) + 2) + sof,
            b"\xff\xda" + struct.pack(">HBBBBBB", 8, 1, 1, 0, 0, 63, 0) + b"\x00",
            b"\xff\xd9",
        )
    )


class Eyes(ScriptedFaceEngine):
    """Sees pictures as well as the stage's lines of text; vectors are no names."""

    def analyse(self, image: bytes) -> FaceAnalysis:
        if image.startswith(b"\xff\xd8"):
            (length,) = struct.unpack(">H", image[4:6])
            image = image[6 : 4 + length]
        seen = super().analyse(image)
        return replace(seen, embedding=vector(seen.embedding.decode()) if seen.embedding else None)


def new_desk(monkeypatch: pytest.MonkeyPatch, **chosen: object) -> Desk:
    desk = Desk(monkeypatch, http, operators, kiosks, people, face_search, visit_shapes, **chosen)
    desk.app.__dict__["face_engine"] = desk.app.eyes = Eyes()
    for name, phone in (("ada", "+12025550142"), ("ben", "+12025550187")):
        person = desk.stage.enrol(name, phone)
        for template in desk.app.documents.query(Query(TEMPLATES, person.id)).items:
            desk.app.documents.delete(TEMPLATES, template.partition, template.id)
        desk.app.templates.add(person.id, Kind.FACE, MODEL, vector(name), at=desk.app.clock.now())
        desk.app.templates.add(person.id, Kind.VOICE, MODEL, name.encode(), at=desk.app.clock.now())
        desk.app.feed.announce(person.id)
    return desk


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return new_desk(monkeypatch, face_search="people")


@pytest.fixture
def open_desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return new_desk(monkeypatch, face_search="strangers")


def stranger(desk: Desk, name: str = "eve") -> str:
    desk.stage.begin()
    desk.stage.show(*[name] * 5)
    assert desk.stage.state is State.UNKNOWN
    desk.app.visit.leave(desk.stage.stored())
    desk.app.fake_clock.advance(60)
    return desk.stage.session


def customer(desk: Desk, name: str = "ada") -> str:
    desk.stage.to_granted(name)
    desk.app.visit.leave(desk.stage.stored())
    desk.app.fake_clock.advance(60)
    return desk.stage.session


def search(desk: Desk, by: str = "otto", **asked: Any) -> tuple[int, Any]:
    return desk.call(face_search.search, by, body={**WHY, **asked})


def photo(name: str, **more: int) -> str:
    return base64.b64encode(picture(name, **more)).decode()


def test_it_is_off_unless_a_setting_turns_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = new_desk(monkeypatch)
    session = customer(desk)
    assert search(desk, visit=session, frame=1)[1]["code"] == "search_off"
    assert search(desk, photo=photo("ada"))[1]["code"] == "search_off"
    assert desk.app.documents.count(Query(SEARCHES)) == 0


def test_a_photograph_finds_an_enrolled_person_and_every_visit_of_theirs(desk: Desk) -> None:
    visits = [customer(desk), customer(desk)]
    customer(desk, "ben")
    status, told = search(desk, photo=photo("ada"))
    assert status == 200
    assert told["people"] == [{"person": "pada", "name": "Ada", "band": "match", "visits": 2}]
    assert [visit["id"] for visit in told["visits"]] == visits[::-1]
    assert {visit["band"] for visit in told["visits"]} == {"match"}
    assert told["strangers"] == {"state": "off"}


def test_so_does_a_frame_of_a_visit(desk: Desk) -> None:
    session = customer(desk)
    status, told = search(desk, visit=session, frame=1)
    assert (status, told["people"][0]["person"]) == (200, "pada")


def test_a_face_like_two_people_is_told_as_both_and_never_with_a_number(desk: Desk) -> None:
    session = customer(desk)
    _, told = search(desk, visit=session, frame=1)
    assert "score" not in str(told) and "0.8" not in str(told)
    assert {person["band"] for person in told["people"]} <= {"match", "possible"}


def test_nobody_is_an_answer_too(desk: Desk) -> None:
    assert search(desk, photo=photo("eve"))[1]["people"] == []


def test_each_use_is_in_the_audit_with_its_reason_and_names_no_face(desk: Desk) -> None:
    session = customer(desk)
    _, told = search(desk, visit=session, frame=1)
    desk.call(face_search.one, "olga", method="GET", id=told["id"])
    (entry,) = desk.audited("face_search")
    assert entry["operator"] == "otto" and entry["case"] == "INC-7"
    assert entry["subjects"] == {"search": told["id"], "session": session}
    assert [e["operator"] for e in desk.audited("face_search_viewed")] == ["olga"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"reason": None}, (400, "reason_needed")),
        ({"case": None}, (400, "case_needed")),
        ({"photo": "not base64!"}, (400, "bad_photo")),
        ({"photo": base64.b64encode(b"no picture at all").decode()}, (415, "not_an_image")),
        ({"photo": photo("ada", width=30_000, height=30_000)}, (415, "too_large")),
        ({"photo": photo("nobody")}, (400, "no_face")),
        ({"photo": None, "visit": "K7_20261122_" + "a" * 24, "frame": 1}, (404, "not_found")),
        ({"photo": None, "visit": "nonsense", "frame": 1}, (404, "not_found")),
        ({"photo": None, "visit": "x", "frame": "1"}, (400, "bad_frame")),
        ({"photo": None, "visit": "x", "frame": True}, (400, "bad_frame")),
        ({"visit": "x"}, (400, "bad_subject")),
    ],
)
def test_what_is_no_search_is_refused(desk: Desk, asked: dict[str, Any], code: tuple[int, str]) -> None:
    status, told = search(desk, **{"photo": photo("ada"), **asked})
    assert (status, told["code"]) == code


def test_a_photograph_is_bounded_before_anything_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = new_desk(monkeypatch, face_search="people", face_search_photo_bytes=100_000)
    big = base64.b64encode(picture("ada") + bytes(100_000)).decode()
    status, told = search(desk, photo=big)
    assert (status, told["code"]) in {(415, "too_large"), (413, "too_large")}
    assert search(desk, photo="A" * 400_000)[0] == 413
    assert desk.app.eyes.analysed == []


def test_searches_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = new_desk(monkeypatch, face_search="people", limit_face_searches=2)
    assert [search(desk, photo=photo("ada"))[0] for _ in range(3)] == [200, 200, 429]
    assert search(desk, "olga", photo=photo("ada"))[0] == 200


# --- strangers ---


class Sealed:
    """Everything that is ever encrypted, so that a test can look inside what lies in the stores."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.plain: list[bytes] = []
        whole = Keyring.seal

        def seal(keys: Keyring, purpose: str, plain: bytes, context: str) -> bytes:
            self.plain.append(plain)
            return whole(keys, purpose, plain, context)

        monkeypatch.setattr(Keyring, "seal", seal)


def holds_vector(desk: Desk, sealed: Sealed, name: str) -> bool:
    wanted = vector(name)
    spelled = [wanted.hex(), base64.b64encode(wanted).decode(), base64.urlsafe_b64encode(wanted).decode()]
    texts = "".join(desk.app.fake_documents.texts())
    blobs = b"".join(data + str(info).encode() for data, info in desk.app.fake_media._blobs.values())
    return (
        any(s in texts or s.encode() in blobs for s in spelled)
        or wanted in blobs
        or any(wanted in plain for plain in sealed.plain)
    )


@pytest.mark.parametrize("setting", ["off", "people"])
def test_while_strangers_are_not_searched_no_store_holds_the_vector_of_one(
    monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    desk = new_desk(monkeypatch, face_search=setting)
    sealed = Sealed(monkeypatch)
    session = stranger(desk)
    for blob in list(desk.app.fake_media.list(CONTAINER)):
        desk.app.index.recording(blob.name)
    desk.app.index.settle_due()
    search(desk, visit=session, frame=1)
    search(desk, photo=photo("eve"))
    assert not holds_vector(desk, sealed, "eve")
    assert desk.app.documents.count(Query(STRANGERS)) == 0


def test_and_the_test_would_find_one(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = new_desk(monkeypatch, face_search="strangers")
    sealed = Sealed(monkeypatch)
    stranger(desk)
    assert holds_vector(desk, sealed, "eve")
    assert vector("eve").hex() not in "".join(desk.app.fake_documents.texts())


def test_a_second_officer_has_to_agree_before_strangers_are_searched(open_desk: Desk) -> None:
    desk = open_desk
    visits = [stranger(desk), stranger(desk)]
    stranger(desk, "ivy")
    _, asked = search(desk, photo=photo("eve"))
    assert (asked["strangers"], asked["visits"]) == ({"state": "needs_second_officer"}, [])
    assert desk.code(face_search.approve, "otto", id=asked["id"]) == (403, "another_officer")
    status, told = desk.call(face_search.approve, "olga", id=asked["id"])
    assert (status, told["strangers"]) == (200, {"state": "approved"})
    assert [visit["id"] for visit in told["visits"]] == visits[::-1]
    assert desk.call(face_search.one, "otto", method="GET", id=asked["id"])[1]["visits"] == told["visits"]
    assert [e["operator"] for e in desk.audited("face_search_approved")] == ["olga"]


def test_it_is_approved_once_and_its_vector_is_gone_then(open_desk: Desk) -> None:
    _, asked = search(open_desk, photo=photo("eve"))
    open_desk.call(face_search.approve, "olga", id=asked["id"])
    assert open_desk.code(face_search.approve, "anna", id=asked["id"]) == (409, "search_off")
    document = open_desk.app.documents.get(SEARCHES, asked["id"], asked["id"])
    assert document is not None and document.body["vector"] is None


def test_a_strangers_face_is_kept_for_72_hours_and_no_longer(open_desk: Desk) -> None:
    desk = open_desk
    stranger(desk)
    desk.app.fake_clock.advance(72 * 3600 - 120)
    assert desk.app.documents.count(Query(STRANGERS)) == 1
    desk.app.fake_clock.advance(120)
    assert desk.app.documents.count(Query(STRANGERS)) == 0


def test_who_becomes_known_is_a_stranger_no_more(open_desk: Desk) -> None:
    desk = open_desk
    desk.stage.begin()
    desk.stage.show(*["eve"] * 5)
    assert desk.app.documents.count(Query(STRANGERS)) == 1
    desk.app.visit.retry(desk.stage.stored())
    desk.stage.show(*["ada"] * 3)
    assert desk.stage.state is State.PIN
    assert desk.app.documents.count(Query(STRANGERS)) == 0


def test_turning_it_on_goes_through_nothing_that_was_recorded_before(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_desk(monkeypatch)
    stranger(before)
    desk = new_desk(monkeypatch, face_search="strangers")
    desk.app.__dict__ |= {"documents": before.app.fake_documents, "media": before.app.fake_media}
    assert desk.app.documents.count(Query(STRANGERS)) == 0
    assert desk.app.strangers.search(vector("eve"), desk.app.eyes.similarity) == []


def test_turning_it_off_removes_what_was_kept(open_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger(open_desk)
    assert open_desk.app.strangers.purge() == 0
    monkeypatch.setattr(open_desk.app.strangers, "allowed", False)
    assert open_desk.app.strangers.purge() == 1
    assert open_desk.app.documents.count(Query(STRANGERS)) == 0


def test_an_erased_person_is_in_no_search_that_was_made(desk: Desk) -> None:
    customer(desk)
    _, told = search(desk, photo=photo("ada"))
    desk.call(people.erase, "anna", body=WHY, id="pada")
    assert desk.code(face_search.one, "otto", method="GET", id=told["id"]) == (404, "not_found")


def test_viewers_search_nobody(desk: Desk) -> None:
    assert desk.call(face_search.search, "vera", body={**WHY, "photo": photo("ada")})[0] == 403
