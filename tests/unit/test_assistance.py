"""Staff help at the machine, told by requests: who may answer for whom, and what the PIN still decides."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions import assistance, http, kiosks, operators, people
from shared.domain.session import Assurance, Factor, Reason, State
from shared.ports import SmsUnknown
from shared.services.people.registry import Status
from tests.desk import Desk


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(monkeypatch, http, operators, kiosks, people, assistance)
    desk.stage.enrol("ada", "+12025550142")
    desk.stage.enrol("ben", "+12025550187")
    return desk


def call_as_unknown(desk: Desk, who: str = "eve") -> None:
    """Nobody's face to the machine; then staff are called and the customer looks at the camera."""
    desk.stage.begin()
    desk.stage.show(*[who] * 5)
    assert desk.stage.state is State.UNKNOWN
    desk.app.visit.assistance(desk.stage.stored())
    desk.stage.show(who, who)


def call_as_recognised(desk: Desk) -> None:
    desk.stage.to_pin("ada")
    desk.app.visit.assistance(desk.stage.stored())
    desk.stage.show("ada", "ada")


def shown(desk: Desk, by: str = "otto", **params: str) -> dict[str, Any]:
    status, told = desk.call(assistance.call, by, method="GET", params=params, id=desk.stage.session)
    assert status == 200
    return dict(told)


def vouch(desk: Desk, by: str, person: str = "pada", **change: Any) -> tuple[int, Any]:
    frame = desk.call(assistance.call, by, method="GET", id=desk.stage.session)[1].get("frame")
    body = {"person": person, "seq": frame["seq"] if frame else 1, "document": "passport", **change}
    return desk.call(assistance.vouch, by, body=body, id=desk.stage.session)


def test_open_calls_are_listed_longest_first_and_say_nothing_of_the_person(desk: Desk) -> None:
    call_as_unknown(desk)
    first = desk.stage.session
    desk.app.fake_clock.advance(20)
    call_as_unknown(desk, "ivy")
    _, told = desk.call(assistance.calls, "vera", method="GET")
    assert [call["session"] for call in told["calls"]] == [first, desk.stage.session]
    assert set(told["calls"][0]) == {"session", "reference", "kiosk", "place", "language", "since", "expiresAt"}
    assert told["calls"][0]["place"] == "Shibuya Station"
    desk.app.fake_clock.advance(300)
    assert desk.call(assistance.calls, "vera", method="GET")[1] == {"calls": []}


def test_an_officer_sees_the_live_frame_beside_the_photo(desk: Desk) -> None:
    call_as_recognised(desk)
    told = shown(desk)
    assert (told["person"], told["recognised"]) == ("pada", "pada")
    assert told["frame"]["name"].endswith(f"/{told['frame']['seq']:06d}.jpg")
    seq = str(told["frame"]["seq"])
    looked = desk.call(assistance.frame, "otto", method="GET", id=desk.stage.session, seq=seq)
    assert looked == (200, b"ada")
    assert len(desk.audited("call_frame_viewed")) == 1
    assert desk.call(assistance.frame, "vera", method="GET", id=desk.stage.session, seq=seq)[0] == 403


def test_one_officer_is_enough_where_the_machine_knew_the_face_and_the_pin_is_needed_still(desk: Desk) -> None:
    call_as_recognised(desk)
    assert vouch(desk, "otto") == (200, {"state": "pin", "complete": True})
    session = desk.stage.now()
    assert session.passed(Factor.STAFF) and session.assurance is None
    desk.stage.show("ada", "ada", "ada")
    assert desk.stage.type_pin(desk.stage.code())
    assert (desk.stage.state, desk.stage.now().assurance) == (State.GRANTED, Assurance.ASSISTED)


def test_where_the_face_failed_it_takes_two(desk: Desk) -> None:
    call_as_unknown(desk)
    assert vouch(desk, "otto") == (202, {"state": "assistance", "complete": False})
    assert desk.app.fake_sms.sent == []
    assert vouch(desk, "otto") == (202, {"state": "assistance", "complete": False})
    assert shown(desk, "olga")["firstOfficer"] == "otto"
    assert vouch(desk, "olga") == (200, {"state": "pin", "complete": True})
    desk.stage.show("eve", "eve", "eve")
    assert desk.stage.type_pin(desk.stage.code())
    assert desk.stage.now().assurance is Assurance.ASSISTED


def test_the_second_answers_for_the_same_person_and_the_same_frame(desk: Desk) -> None:
    call_as_unknown(desk)
    seq = shown(desk)["frame"]["seq"]
    vouch(desk, "otto")
    desk.stage.show("mallory", "mallory")
    assert shown(desk, "olga")["frame"]["seq"] == seq
    assert vouch(desk, "olga", person="pben")[1]["code"] == "other_person"
    assert vouch(desk, "olga", seq=seq + 2)[1]["code"] == "no_face_in_view"
    assert vouch(desk, "olga")[0] == 200
    desk.stage.show("mallory", "mallory", "mallory")
    assert not desk.stage.now().passed(Factor.STAFF)


def test_who_stepped_in_after_the_recognised_one_counts_as_a_face_that_failed(desk: Desk) -> None:
    call_as_recognised(desk)
    desk.stage.show("eve", "eve")
    assert vouch(desk, "otto")[0] == 202
    assert desk.audited("vouched")[0]["facts"]["faceFailed"] is True


def test_and_so_does_another_person_than_the_recognised_one(desk: Desk) -> None:
    call_as_recognised(desk)
    assert vouch(desk, "otto", person="pben")[0] == 202


@pytest.mark.parametrize("view", [("nobody", "nobody"), ("eve+ben", "eve+ben"), ("eve+live:no", "eve+live:no")])
def test_a_frame_without_one_live_face_is_nobodys_to_answer_for(desk: Desk, view: tuple[str, str]) -> None:
    desk.stage.begin()
    desk.stage.show(*["eve"] * 5)
    desk.app.visit.assistance(desk.stage.stored())
    desk.stage.show(*view)
    assert shown(desk)["frame"] is None
    for seq in (1, 6, 7, 99):
        assert vouch(desk, "otto", seq=seq)[1]["code"] == "no_face_in_view"


def test_nor_is_an_old_one(desk: Desk) -> None:
    call_as_unknown(desk)
    seq = shown(desk)["frame"]["seq"]
    desk.app.fake_clock.advance(31)
    assert vouch(desk, "otto", seq=seq)[1]["code"] == "no_face_in_view"


def test_for_three_days_after_a_change_of_phone_nobody_vouches(desk: Desk) -> None:
    ada = desk.app.people.require("pada")
    desk.app.people.save(replace(ada, phone_changed_at=desk.app.clock.now() - timedelta(hours=71)))
    call_as_recognised(desk)
    status, told = vouch(desk, "otto")
    assert (status, told["code"]) == (403, "barred")
    ada = desk.app.people.require("pada")
    desk.app.people.save(replace(ada, phone_changed_at=desk.app.clock.now() - timedelta(hours=72)))
    assert vouch(desk, "otto")[0] == 200


def test_nobody_vouches_for_themselves_or_whom_they_registered(desk: Desk) -> None:
    call_as_recognised(desk)
    for change in ({"operator": "otto"}, {"operator": None, "registered_by": "otto"}):
        desk.app.people.save(replace(desk.app.people.require("pada"), **change))
        assert vouch(desk, "otto")[1]["code"] == "own_matter"
    assert vouch(desk, "olga")[0] == 200


def test_only_an_active_customer_who_is_at_no_other_machine(desk: Desk) -> None:
    desk.stage.to_pin("ben")
    call_as_unknown(desk)
    assert vouch(desk, "otto", person="pben")[0] == 202
    assert vouch(desk, "olga", person="pben")[1]["code"] == "not_active"
    desk.app.people.save(replace(desk.app.people.require("pada"), status=Status.SUSPENDED))
    assert vouch(desk, "otto")[1]["code"] == "not_active"
    assert vouch(desk, "otto", person="pnobody")[0] == 404


def test_the_customer_is_told_by_message_beside_the_code(desk: Desk) -> None:
    call_as_unknown(desk)
    vouch(desk, "otto")
    vouch(desk, "olga")
    code, notice = desk.app.fake_sms.sent
    assert code.text.startswith(desk.stage.code()) and code.to == notice.to == "+12025550142"
    assert notice.text.startswith("Staff confirmed your identity at Shibuya Station, visit K7-")
    assert "customer_told" in [e["what"] for e in desk.app.timeline.of(desk.stage.session)]


def test_a_provider_that_fails_is_noted_and_lets_nobody_in_without_the_code(desk: Desk) -> None:
    call_as_recognised(desk)
    desk.app.fake_sms.failure = SmsUnknown()
    assert vouch(desk, "otto")[0] == 200
    assert "customer_not_told" in [e["what"] for e in desk.app.timeline.of(desk.stage.session)]
    assert desk.stage.state is State.PIN


def test_an_officer_refuses_for_a_reason(desk: Desk) -> None:
    call_as_unknown(desk)
    session = desk.stage.session
    assert desk.code(assistance.refuse, "otto", body={}, id=session) == (400, "reason_needed")
    assert desk.call(assistance.refuse, "otto", body={"reason": "No document at all"}, id=session) == (
        200,
        {"state": "denied"},
    )
    assert desk.stage.now().reason is Reason.REFUSED_BY_STAFF
    assert desk.code(assistance.refuse, "otto", body={"reason": "No document at all"}, id=session)[0] == 409


def test_each_word_is_in_the_audit_and_the_timeline_without_names_or_numbers(desk: Desk) -> None:
    call_as_unknown(desk)
    vouch(desk, "otto", reason="Known at the branch", case="INC-7")
    vouch(desk, "olga")
    second, first = desk.audited("vouched")[:2]
    assert {first["operator"], second["operator"]} == {"otto", "olga"}
    assert first["subjects"] == {"session": desk.stage.session, "person": "pada"}
    assert first["facts"]["paper"] == "passport"
    what = [e["what"] for e in desk.app.timeline.of(desk.stage.session)]
    assert {"staff_vouched_first", "staff_vouched"} <= set(what)


@pytest.mark.parametrize(
    "change", [{"document": "library card"}, {"document": None}, {"seq": "7"}, {"seq": True}, {"person": ""}]
)
def test_what_is_no_answer_is_refused(desk: Desk, change: dict[str, Any]) -> None:
    call_as_unknown(desk)
    assert vouch(desk, "otto", **change)[0] == 400


def test_where_nobody_waits_nothing_can_be_answered(desk: Desk) -> None:
    desk.stage.to_pin("ada")
    body = {"person": "pada", "seq": 2, "document": "passport"}
    assert desk.code(assistance.vouch, "otto", body=body, id=desk.stage.session) == (409, "wrong_state")
    assert desk.call(assistance.call, "otto", method="GET", id="K7_20261122_" + "a" * 24)[0] == 404
    assert desk.call(assistance.call, "otto", method="GET", id="nonsense")[0] == 404


def test_a_person_who_walks_up_elsewhere_while_staff_answer_is_let_in_at_one_machine(desk: Desk) -> None:
    """The reservation is made by the very change that lets them in, not merely looked at before it."""
    call_as_unknown(desk)
    vouch(desk, "otto")
    first = desk.stage.session, desk.stage.token
    desk.stage.to_pin("ada")
    desk.stage.session, desk.stage.token = first
    status, told = vouch(desk, "olga")
    assert (status, told["code"]) == (409, "not_active")
    assert desk.stage.state is State.ASSISTANCE


def test_whom_staff_could_not_let_in_is_free_for_another_machine(desk: Desk) -> None:
    call_as_unknown(desk)
    vouch(desk, "otto")
    session = desk.stage.now()
    desk.app.visit.leave(desk.stage.stored())
    assert vouch(desk, "olga", seq=session.since_seq + 2)[0] == 409
    desk.stage.to_pin("ada")


def test_and_who_was_let_in_by_staff_is_nobody_at_the_next(desk: Desk) -> None:
    call_as_unknown(desk)
    vouch(desk, "otto")
    assert vouch(desk, "olga")[0] == 200
    desk.stage.begin()
    desk.stage.show(*["ada"] * 4)
    assert desk.stage.state is State.AMBIGUOUS
