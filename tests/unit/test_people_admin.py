"""People looked after by staff, told by requests: found, approved, suspended, unlocked, revealed."""

from dataclasses import replace
from typing import Any

import pytest

from functions import http, kiosks, operators, people
from shared.domain.session import Reason, State
from shared.services.people.registry import Status
from tests.desk import Desk

WHY = {"reason": "Customer asked at the counter", "case": "INC-7"}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(monkeypatch, http, operators, kiosks, people)
    desk.stage.enrol("ada", "+12025550142")
    desk.stage.enrol("adam", "+12025550143")
    desk.stage.enrol("ben", "+12025550187")
    return desk


def found(desk: Desk, **asked: Any) -> list[str]:
    status, told = desk.call(people.find, "otto", body=asked)
    assert status == 200
    return [person["id"] for person in told["people"]]


def status_of(desk: Desk, person: str) -> Status:
    return desk.app.people.require(person).status


def make(desk: Desk, person: str, **change: Any) -> None:
    desk.app.people.save(replace(desk.app.people.require(person), **change))
    desk.app.feed.announce(person)


def test_people_are_found_by_the_beginning_of_their_name_however_it_is_typed(desk: Desk) -> None:
    assert found(desk) == ["pada", "padam", "pben"]
    assert found(desk, name="  ADA ") == ["pada", "padam"]
    assert found(desk, name="adam") == ["padam"]
    assert found(desk, name="da") == []


def test_and_by_status(desk: Desk) -> None:
    make(desk, "padam", status=Status.PENDING)
    assert found(desk, status="pending") == ["padam"]
    assert found(desk, name="ada", status="active") == ["pada"]
    assert desk.code(people.find, "otto", body={"status": "gone"}) == (400, "bad_status")


def test_pages_follow_one_another_and_a_foreign_cursor_opens_nothing(desk: Desk) -> None:
    _, first = desk.call(people.find, "otto", body={"limit": 2})
    _, second = desk.call(people.find, "otto", body={"limit": 2, "cursor": first["cursor"]})
    assert [p["id"] for p in first["people"] + second["people"]] == ["pada", "padam", "pben"]
    assert second["cursor"] is None
    foreign = {"limit": 2, "name": "ada", "cursor": first["cursor"]}
    assert desk.code(people.find, "otto", body=foreign) == (400, "bad_cursor")


def test_the_number_is_masked_wherever_it_is_shown(desk: Desk) -> None:
    _, listed = desk.call(people.find, "anna", body={})
    _, one = desk.call(people.one, "anna", method="GET", id="pada")
    assert listed["people"][0]["phone"] == one["phone"] == "••••••42"
    assert "2025550" not in f"{listed}{one}"
    assert one["templates"] == {"face": 1, "learned": 0, "voice": 1}
    assert [e["subjects"] for e in desk.audited("person_viewed")] == [{"person": "pada"}]


def test_an_admin_sees_the_number_for_a_reason_that_is_kept(desk: Desk) -> None:
    assert desk.code(people.phone, "otto", body=WHY, id="pada") == (403, "forbidden")
    assert desk.code(people.phone, "anna", body={}, id="pada") == (400, "reason_needed")
    assert desk.audited("phone_revealed") == []
    assert desk.call(people.phone, "anna", body=WHY, id="pada") == (200, {"phone": "+12025550142"})
    (entry,) = desk.audited("phone_revealed")
    assert (entry["operator"], entry["subjects"], entry["reason"], entry["case"]) == (
        "anna",
        {"person": "pada"},
        WHY["reason"],
        "INC-7",
    )


def test_no_name_and_no_number_is_in_the_audit(desk: Desk) -> None:
    for _ in range(2):
        desk.call(people.find, "otto", body={"name": "ada"})
        desk.call(people.one, "otto", method="GET", id="pada")
        desk.call(people.phone, "anna", body=WHY, id="pada")
        desk.call(people.suspend, "otto", body=WHY, id="pada")
    kept = str([d.body for d in desk.app.audit.day(desk.app.clock.now().date()).items])
    assert "2025550142" not in kept and "Ada" not in kept and "C-ada" not in kept


def test_an_approved_person_is_recognised_at_once(desk: Desk) -> None:
    make(desk, "pada", status=Status.PENDING, registered_by="K7")
    desk.stage.begin()
    desk.stage.show(*["ada"] * 5)
    assert desk.stage.state is State.UNKNOWN
    assert desk.call(people.approve, "otto", id="pada")[1]["status"] == "active"
    desk.app.fake_clock.advance(2)
    desk.stage.to_pin("ada")


def test_nobody_approves_whom_they_registered_nor_themselves(desk: Desk) -> None:
    make(desk, "pada", status=Status.PENDING, registered_by="otto")
    make(desk, "pben", status=Status.PENDING, operator="otto")
    for person in ("pada", "pben"):
        assert desk.code(people.approve, "otto", id=person) == (403, "own_matter")
        assert status_of(desk, person) is Status.PENDING
        assert desk.call(people.approve, "olga", id=person)[0] == 200


def test_nor_unlocks_reactivates_or_changes_their_own_entry(desk: Desk) -> None:
    make(desk, "pada", status=Status.SUSPENDED, operator="anna")
    assert desk.code(people.reactivate, "anna", body=WHY, id="pada") == (403, "own_matter")
    assert desk.code(people.unlock, "anna", body=WHY, id="pada") == (403, "own_matter")
    assert desk.code(people.change, "anna", method="PATCH", body={"operator": None}, id="pada") == (403, "own_matter")
    assert desk.call(people.change, "alma", method="PATCH", body={"operator": None}, id="pada")[0] == 200


def test_a_suspended_persons_visit_ends_and_the_face_opens_nothing(desk: Desk) -> None:
    desk.stage.to_voice("ada")
    assert desk.call(people.suspend, "otto", body=WHY, id="pada")[1]["status"] == "suspended"
    assert (desk.stage.state, desk.stage.now().reason) == (State.ENDED, Reason.CUT_OFF)
    desk.app.fake_clock.advance(2)
    desk.stage.begin()
    desk.stage.show(*["ada"] * 5)
    assert desk.stage.state is State.UNKNOWN
    assert desk.call(people.reactivate, "otto", body=WHY, id="pada")[1]["status"] == "active"
    desk.app.fake_clock.advance(2)
    desk.stage.to_pin("ada")


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        (Status.INVITED, set()),
        (Status.PENDING, {"approve"}),
        (Status.ACTIVE, {"suspend"}),
        (Status.SUSPENDED, {"reactivate"}),
        (Status.ERASING, set()),
    ],
)
def test_a_status_changes_only_as_it_may(desk: Desk, status: Status, allowed: set[str]) -> None:
    for name in ("approve", "suspend", "reactivate"):
        make(desk, "pada", status=status)
        answered = desk.call(getattr(people, name), "otto", body=WHY, id="pada")
        assert answered[0] == (200 if name in allowed else 409)
        if name not in allowed:
            assert answered[1]["code"] == "wrong_status"


def test_unlocking_forgets_the_failures(desk: Desk) -> None:
    for _ in range(10):
        assert desk.app.standing.try_pin("pada")
    _, locked = desk.call(people.one, "otto", method="GET", id="pada")
    assert locked["lockout"] == {"wrongPinsDay": 10, "wrongPinsTotal": 10, "barred": True}
    assert desk.code(people.unlock, "otto", body={}, id="pada") == (400, "reason_needed")
    assert desk.call(people.unlock, "otto", body=WHY, id="pada")[0] == 200
    assert not desk.app.standing.barred("pada")
    (entry,) = desk.audited("person_unlocked")
    assert entry["facts"] == {"day": 10, "total": 10}


def test_an_admin_gives_the_banks_reference_and_takes_it_away(desk: Desk) -> None:
    changed = desk.call(people.change, "anna", method="PATCH", body={"customer": "C-4711"}, id="pada")[1]
    assert changed["customer"] == "C-4711"
    assert desk.call(people.change, "anna", method="PATCH", body={"customer": None}, id="pada")[1]["customer"] is None
    for wrong in ({"customer": "=1+1"}, {"customer": ""}, {"name": "Eve"}, {}):
        assert desk.call(people.change, "anna", method="PATCH", body=wrong, id="pada")[0] == 400
    assert desk.app.people.require("pada").name == "Ada"


def test_the_photo_is_the_picture_the_template_was_made_from(desk: Desk) -> None:
    assert desk.code(people.photo, "otto", method="GET", id="pada") == (404, "not_found")
    from shared.services.people.templates import Kind

    desk.stage.begin()
    desk.stage.show("ada")
    (blob,) = desk.app.fake_media.list("recordings")
    desk.app.templates.add("pnew", Kind.FACE, "m", b"x", at=desk.app.clock.now(), source=blob.name)
    desk.app.people.create(
        "pnew",
        name="New",
        given_name="New",
        phone="+12025550199",
        status=Status.ACTIVE,
        language="en",
        consent_version="1",
        assurance="self-asserted",
    )
    assert desk.call(people.photo, "otto", method="GET", id="pnew") == (200, b"ada")
    assert len(desk.audited("photo_viewed")) == 1


@pytest.mark.parametrize("asked", ["pnobody", "phone.k1.abc", "erasure.pada", "../x"])
def test_what_is_no_person_is_not_found(desk: Desk, asked: str) -> None:
    for function in (people.approve, people.suspend, people.unlock, people.phone, people.erase):
        assert desk.call(function, "anna", body=WHY, id=asked)[0] in {400, 404}
