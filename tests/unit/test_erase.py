"""Erasure: canaries are planted wherever a person leaves something, and afterwards every store is searched for them."""

import base64
from dataclasses import replace

import pytest

from functions import http, kiosks, operators, people
from shared.containers import MEDIA_INDEX, PEOPLE, SEARCHES, STRANGERS, VISITS, Container
from shared.domain.errors import NotFound, Unavailable
from shared.domain.session import Reason, State
from shared.ports import PoisonMessage, Query
from shared.services.attention.items import Matter
from shared.services.audit.entries import ground
from shared.services.deletion.erase import Step
from shared.services.people.registry import Status
from shared.services.people.templates import Kind
from tests.desk import Desk

WHY = {"reason": "Asked for in writing", "case": "INC-7"}
NAME, PHONE = "Canary Zugvogel", "+12025550155"
VECTOR = b"pcanary-vector"


class Erased:
    """Everything the fakes hold, ids and all, as one text to search."""

    def __init__(self, desk: Desk) -> None:
        app = desk.app
        kept = app.fake_documents._kept
        self.documents = "\n".join(
            f"{name}/{partition}/{id} {entry.text}" for name, c in kept.items() for (partition, id), entry in c.items()
        )
        self.media = [name for _, name in app.fake_media._blobs]
        self.bytes = b"\n".join(data for data, _ in app.fake_media._blobs.values())
        self.opened = [t.embedding for t in app.templates.of("pcanary", Kind.FACE)]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return full_desk(monkeypatch)


def full_desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two customers; the canary visited twice, once denied, and is spoken of in every index there is or will be."""
    desk = Desk(monkeypatch, http, operators, kiosks, people, local_host=True)
    stage, app = desk.stage, desk.app
    stage.enrol("ben", "+12025550187")
    stage.to_granted("ben")
    app.visit.leave(stage.stored())
    stage.enrol("canary", PHONE)
    app.people.save(replace(app.people.require("pcanary"), name=NAME, given_name="Canary", name_key="canary zugvogel"))
    app.templates.add("pcanary", Kind.FACE, "m", VECTOR, at=app.clock.now())
    stage.to_granted("canary")
    app.visit.leave(stage.stored())
    stage.to_pin("canary")
    for _ in range(3):
        stage.type_pin("000000" if stage.code() != "000000" else "000001")
    assert stage.state is State.DENIED
    app.ledger.withdraw("C-canary", "checking", 70_00, "12345678-1234-1234-1234-123456789abc")
    for blob in list(app.fake_media.list("recordings")):
        app.index.recording(blob.name)
    app.fake_clock.advance(10)
    assert app.index.settle_due() == 3
    assert app.fake_documents.count(Query(VISITS, "person:pcanary")) == 2
    assert app.fake_documents.count(Query(VISITS, "claimed:pcanary")) == 1
    return desk


def erase(desk: Desk, person: str = "pcanary") -> tuple[int, dict[str, object]]:
    status, told = desk.call(people.erase, "anna", body=WHY, id=person)
    return status, told


def canaries(desk: Desk) -> list[str]:
    app = desk.app
    person = app.people.get("pcanary")
    sealed = [person.phone] if person else []
    vector = base64.b64encode(VECTOR).decode()
    return [NAME, "canary zugvogel", PHONE, PHONE[1:], app.people.phone_place(PHONE, "k1"), vector, "C-canary", *sealed]


def test_afterwards_no_store_holds_anything_of_the_person(desk: Desk) -> None:
    planted, before = canaries(desk), Erased(desk)
    for canary in (NAME, app_place(desk), "C-canary", "ledger/C-canary", "limits/sms-hour.phone.k1.", "pcanary.0"):
        assert canary in before.documents
    assert VECTOR in before.opened and b"canary" in before.bytes
    status, told = erase(desk)
    assert (status, told["done"]) == (200, True)
    after = Erased(desk)
    for canary in planted:
        assert canary not in after.documents
    assert after.opened == []
    assert b"canary" not in after.bytes
    assert desk.app.people.by_phone(PHONE) is None
    left = {line.split("/")[0] for line in after.documents.splitlines() if "pcanary" in line}
    assert left <= {"people", "audit", "templates"}  # the erasure's record, its audit, and the gallery's tombstones


def app_place(desk: Desk) -> str:
    return desk.app.people.phone_place(PHONE, "k1")


def test_and_everybody_elses_things_are_untouched(desk: Desk) -> None:
    def bens(erased: Erased) -> list[str]:
        return sorted(line for line in erased.documents.splitlines() if "ben" in line and "audit/" not in line)

    before = Erased(desk)
    others = [n for n in before.media if desk.app.fake_media.read("recordings", n).startswith((b"ben", b"voice:ben"))]
    assert others
    erase(desk)
    after = Erased(desk)
    assert bens(after) == bens(before)
    assert sorted(after.media) == sorted(others)


def test_the_face_is_a_strangers_within_seconds_and_the_number_free_for_another(desk: Desk) -> None:
    erase(desk)
    desk.app.fake_clock.advance(2)
    desk.stage.begin()
    desk.stage.show(*["canary"] * 5)
    assert desk.stage.state is State.UNKNOWN
    desk.stage.enrol("dora", PHONE)


def test_a_visit_under_way_ends(desk: Desk) -> None:
    desk.app.fake_clock.advance(60)
    desk.stage.to_voice("canary")
    erase(desk)
    session = desk.stage.now()
    assert (session.state, session.reason, session.person, session.factors) == (State.ENDED, Reason.CUT_OFF, None, ())
    assert session.pin is None and session.phrase is None


def test_the_audit_knows_that_somebody_was_erased_by_a_random_id(desk: Desk) -> None:
    erase(desk)
    (asked,), (done,) = desk.audited("person_erasure_asked"), desk.audited("person_erased")
    assert (asked["operator"], asked["subjects"], asked["case"]) == ("anna", {"person": "pcanary"}, "INC-7")
    assert (done["operator"], done["subjects"]) == ("system", {"person": "pcanary"})


def test_asking_again_changes_nothing_and_nobody_is_not_found(desk: Desk) -> None:
    erase(desk)
    writes = desk.app.fake_documents.writes
    assert erase(desk)[0] == 200
    assert desk.app.fake_documents.writes == writes
    assert desk.code(people.erase, "anna", body=WHY, id="pnobody") == (404, "not_found")
    assert desk.code(people.erase, "anna", body={}, id="pben") == (400, "reason_needed")


class Crash(Exception):
    pass


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.TOLD])
def test_a_crash_after_any_step_is_made_good_by_the_timer(
    desk: Desk, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted, note = canaries(desk), desk.app.erase._note

    def crashing(person: str, done: Step, *more: object) -> object:
        if done is step:
            raise Crash
        return note(person, done, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.app.erase, "_note", crashing)
    with pytest.raises(Crash):
        desk.app.erase.person(None, "pcanary", ground(WHY["reason"], None))
    monkeypatch.setattr(desk.app.erase, "_note", note)
    assert desk.app.erase.resume() == 1
    after = Erased(desk)
    for canary in planted:
        assert canary not in after.documents
    assert b"canary" not in after.bytes and after.opened == []
    assert desk.app.erase.resume() == 0


def test_a_store_that_fails_in_the_middle_leaves_the_erasure_for_later(desk: Desk) -> None:
    desk.app.fake_media.down = True
    with pytest.raises(Unavailable):
        desk.app.erase.person(None, "pcanary", ground(WHY["reason"], None))
    assert desk.app.people.require("pcanary").status is Status.ERASING
    assert desk.app.erase.resume() == 0
    desk.app.fake_media.down = False
    assert desk.app.erase.resume() == 1


def test_a_hold_suspends_it_and_it_resumes_when_the_hold_ends(desk: Desk) -> None:
    holds = {"pcanary"}
    desk.app.erase._held = lambda person: person in holds
    status, told = erase(desk)
    assert (status, told["done"], told["held"]) == (202, False, True)
    assert NAME in Erased(desk).documents
    desk.app.fake_clock.advance(2)
    desk.stage.begin()
    desk.stage.show(*["canary"] * 5)
    assert desk.stage.state is State.UNKNOWN
    holds.clear()
    assert desk.app.erase.resume() == 1
    assert NAME not in Erased(desk).documents


def test_a_strangers_visit_that_only_claimed_the_number_stays_and_is_unlinked(desk: Desk) -> None:
    desk.app.fake_clock.advance(60)
    desk.stage.begin()
    desk.stage.show(*["eve"] * 5)
    desk.app.visit.claim(desk.stage.stored(), PHONE)
    desk.stage.show("eve")
    assert desk.stage.now().person == "pcanary"
    erase(desk)
    assert desk.stage.now().person is None
    assert b"eve" in Erased(desk).bytes


def test_a_registration_at_the_kiosk_is_erased_with_its_draft(desk: Desk) -> None:
    app, stage = desk.app, desk.stage
    stage.begin()
    stage.show("canary")
    (blob,) = [b for b in app.fake_media.list("recordings") if stage.session in b.name]
    app.templates.add("pcanary", Kind.FACE, "m", b"first", at=app.clock.now(), source=blob.name)
    erase(desk)
    assert not any(stage.session in name for name in Erased(desk).media)


@pytest.mark.parametrize("field", ["person", "claimed"])
def test_a_visit_known_by_its_index_or_its_tags_alone_is_erased(desk: Desk, field: str) -> None:
    app, stage = desk.app, desk.stage
    stage.begin()
    stage.show("nobody")
    session = stage.session
    app.fake_documents.create(MEDIA_INDEX, session.rpartition("_")[0], "x", {"session": session, field: "pcanary"})
    stage.begin()
    stage.show("nobody")
    (blob,) = [b for b in app.fake_media.list("recordings") if stage.session in b.name]
    app.fake_media.set_tags("recordings", blob.name, {"person": "pcanary"})
    erase(desk)
    assert not any(s in name for s in (session, stage.session) for name in Erased(desk).media)


def test_the_record_that_remains_names_no_visit(desk: Desk) -> None:
    erase(desk)
    record = desk.app.documents.get(PEOPLE, "erasure.pcanary", "erasure.pcanary")
    assert record is not None
    assert record.body == {
        "kind": "erasure",
        "person": "pcanary",
        "askedAt": record.body["askedAt"],
        "finishedAt": record.body["finishedAt"],
        "steps": [*Step],
        "own": [],
        "claims": [],
        "done": True,
    }
    with pytest.raises(NotFound):
        desk.app.people.require("erasure.pcanary")


def test_no_container_is_forgotten() -> None:
    """Whoever adds a container says here whether it can hold anything of a person, and erases it if so."""
    from shared import containers

    personal = {
        "sessions",
        "session_log",
        "visits",
        "media_index",
        "people",
        "templates",
        "limits",
        "ledger",
        "exports",
    }
    personal |= {"attention", "searches", "strangers"}
    assert {c.name for c in containers.ALL if isinstance(c, Container)} - personal == {
        "kiosks",
        "audit",
        "holds",  # by random ids, like the audit; none is open when an erasure runs
        "housekeeping",
    }


def test_what_speaks_of_the_person_beside_their_visits_goes_as_well(desk: Desk) -> None:
    """What needs attention, searches by face, faces of strangers, and what lies on the poison queue."""
    app, session = desk.app, desk.stage.session
    app.attention.call(Matter.LOCKOUT, "pcanary", person="pcanary")
    app.attention.call(Matter.ENROLMENT_DUPLICATE, "pben", person="pben", other="pcanary")
    app.attention.call(Matter.LOCKOUT, "pben", person="pben")
    app.fake_documents.create(STRANGERS, session.split("_")[1], session, {"at": "2026", "sealed": ""})
    app.fake_documents.create(SEARCHES, "s1", "s1", {"people": [{"person": "pcanary", "band": "match"}]})
    app.fake_documents.create(SEARCHES, "s2", "s2", {"session": session, "people": []})
    app.fake_documents.create(SEARCHES, "s3", "s3", {"people": [{"person": "pben", "band": "match"}]})
    mine, other = PoisonMessage("q-poison", "1", "x", session), PoisonMessage("q-poison", "2", None, None)
    app.fake_poison.messages = [mine, other]
    erase(desk)
    assert [item.person for item in app.attention.items().items] == ["pben"]
    assert app.documents.count(Query(STRANGERS)) == 0
    assert [d.id for d in app.documents.query(Query(SEARCHES)).items] == ["s3"]
    assert app.fake_poison.messages == [other]
