"""What needs attention: called where it happens, once for each matter, and over when the matter is."""

from dataclasses import replace
from typing import Any

import pytest

from functions import assistance, attention, http, kiosk_admin, kiosks, operators, people, sessions
from shared.domain.recording import CONTAINER
from shared.domain.session import Reason, State
from shared.ports import PoisonMessage
from shared.services.attention.items import Matter
from shared.services.people.registry import Status
from tests.desk import Desk
from tests.unit import test_enrolment_story as story
from tests.unit.test_kiosk_admin import Page

WHY = {"reason": "Seen on the camera", "case": "INC-7"}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return new_desk(monkeypatch)


def new_desk(monkeypatch: pytest.MonkeyPatch, **chosen: object) -> Desk:
    desk = Desk(monkeypatch, http, operators, kiosks, kiosk_admin, people, assistance, attention, **chosen)
    desk.stage.enrol("ada", "+12025550142")
    desk.stage.enrol("ben", "+12025550187")
    return desk


def items(desk: Desk, by: str = "otto", **params: str) -> list[dict[str, Any]]:
    status, told = desk.call(attention.attention, by, method="GET", params=params)
    assert status == 200
    return list(told["items"])


def kinds(desk: Desk) -> list[str]:
    return [item["kind"] for item in items(desk)]


def call_staff(desk: Desk) -> None:
    desk.stage.begin()
    desk.stage.show(*["eve"] * 5)
    desk.app.visit.assistance(desk.stage.stored())
    desk.stage.show("eve")


def wrong_pins(desk: Desk, times: int) -> None:
    desk.stage.to_pin("ada")
    for _ in range(times):
        code = desk.stage.code()
        desk.stage.type_pin("000000" if code != "000000" else "000001")


def test_a_call_for_staff_waits_until_somebody_answers(desk: Desk) -> None:
    call_staff(desk)
    (item,) = items(desk)
    assert (item["kind"], item["kiosk"], item["session"]) == ("assistance", "K7", desk.stage.session)
    desk.call(assistance.refuse, "otto", body={"reason": "No document at all"}, id=desk.stage.session)
    assert items(desk) == []
    (over,) = items(desk, open="false")
    assert over["id"] == item["id"] and over["closedAt"] is not None


def test_a_call_that_the_customer_gave_up_is_over_as_well(desk: Desk) -> None:
    call_staff(desk)
    desk.app.visit.leave(desk.stage.stored())
    assert items(desk) == []


def test_one_matter_is_one_item_however_often_it_is_reported(desk: Desk) -> None:
    for _ in range(3):
        desk.app.attention.call(Matter.TAMPER, "2026-11-22/seal.000001", why="seal_altered")
    _, told = desk.call(attention.attention, "vera", method="GET")
    assert (len(told["items"]), told["counts"]) == (1, {"tamper": 1})


def test_failures_that_bar_a_person_are_shown_until_somebody_unlocks_them(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = new_desk(monkeypatch, limit_wrong_pins_day=3)
    wrong_pins(desk, 3)
    assert desk.stage.state is State.DENIED
    (item,) = items(desk)
    assert (item["kind"], item["person"]) == ("lockout", "pada")
    desk.call(people.unlock, "otto", body=WHY, id="pada")
    assert items(desk) == []


def test_a_locked_out_person_who_tries_again_is_no_second_item(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = new_desk(monkeypatch, limit_wrong_pins_day=2)
    wrong_pins(desk, 3)
    assert desk.stage.now().reason is Reason.CUT_OFF
    assert kinds(desk) == ["lockout"]


def test_a_person_at_two_kiosks_is_reported_with_both_visits(desk: Desk) -> None:
    desk.stage.to_pin("ada")
    first = desk.stage.session
    desk.stage.begin()
    desk.stage.show(*["ada"] * 3)
    assert desk.stage.state is State.AMBIGUOUS
    (item,) = items(desk)
    assert (item["kind"], item["person"]) == ("person_two_places", "pada")
    assert (item["session"], item["facts"]) == (desk.stage.session, {"otherSession": first})


def test_what_merely_happened_is_over_once_somebody_took_note_by_name(desk: Desk) -> None:
    desk.stage.to_pin("ada")
    desk.stage.begin()
    desk.stage.show(*["ada"] * 3)
    (item,) = items(desk)
    status, told = desk.call(attention.acknowledge, "otto", body={"note": "Twins, both known"}, id=item["id"])
    assert status == 200
    assert told["acknowledged"]["by"] == "otto" and told["acknowledged"]["note"] == "Twins, both known"
    assert items(desk) == []
    (entry,) = desk.audited("attention_acknowledged")
    assert (entry["operator"], entry["subjects"]) == ("otto", {"item": item["id"]})


def test_a_matter_that_goes_on_stays_with_the_name_of_whoever_took_it(desk: Desk) -> None:
    call_staff(desk)
    (item,) = items(desk)
    desk.call(attention.acknowledge, "otto", body={}, id=item["id"])
    desk.call(attention.acknowledge, "olga", body={}, id=item["id"])
    (item,) = items(desk)
    assert item["acknowledged"] == {"by": "otto", "at": "2026-11-22T12:00:02.400Z", "note": None}
    assert len(desk.audited("attention_acknowledged")) == 1


def test_the_same_matter_later_is_a_new_item(desk: Desk) -> None:
    desk.app.attention.call(Matter.TAMPER, "x")
    for item in items(desk):
        desk.call(attention.acknowledge, "otto", body={}, id=item["id"])
    desk.app.fake_clock.advance(60)
    desk.app.attention.call(Matter.TAMPER, "x")
    assert kinds(desk) == ["tamper"]
    assert len(items(desk, open="false")) == 1


def test_a_viewer_sees_that_something_is_the_matter_and_not_with_whom(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.app.attention.call(Matter.LOCKOUT, "pada", person="pada", other="pben")
    monkeypatch.setattr(desk.app.standing, "barred", lambda _: True)
    (item,) = items(desk, "vera")
    assert (item["person"], item["facts"]) == (None, {})
    (item,) = items(desk, "otto")
    assert (item["person"], item["facts"]) == ("pada", {"other": "pben"})
    assert desk.call(attention.acknowledge, "vera", body={}, id=item["id"])[0] == 403


@pytest.mark.parametrize("near", [False, True])
def test_who_registers_and_waits_is_shown_until_somebody_decides(desk: Desk, near: bool) -> None:
    ada = desk.app.people.require("pada")
    desk.app.people.save(replace(ada, status=Status.PENDING))
    kind = Matter.ENROLMENT_DUPLICATE if near else Matter.APPROVAL
    desk.app.attention.call(kind, "pada", person="pada", other="pben" if near else None)
    assert kinds(desk) == [kind]
    assert desk.call(people.approve, "otto", id="pada")[0] == 200
    assert items(desk) == []


def register(desk: Desk, who: str, phone: str) -> None:
    """All of a registration at the kiosk, as `test_enrolment_story.py` tells it."""
    story.ask(desk.stage, who)
    story.fill_in(desk.stage, phone, "Somebody New")
    story.pose(desk.stage, who)
    story.prove_phone(desk.stage, who)
    story.read_phrases(desk.stage, who)


def test_a_registration_that_resembles_somebody_is_shown_with_whom(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the kiosk the face was nobody's; at the end the looser search finds ada."""
    monkeypatch.setattr(desk.app.recognition, "near", lambda _: frozenset({"pada"}))
    register(desk, "eve", "+12025550155")
    assert desk.stage.now().reason is Reason.AWAITING_APPROVAL
    (item,) = items(desk)
    assert (item["kind"], item["person"], item["facts"]) == (
        "enrolment_duplicate",
        desk.stage.now().person,
        {"other": "pada"},
    )
    assert desk.call(people.approve, "otto", id=item["person"])[0] == 200
    assert items(desk) == []


def test_where_registrations_wait_for_approval_each_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = new_desk(monkeypatch, enrolment="approval")
    register(desk, "eve", "+12025550155")
    assert kinds(desk) == ["approval"]


def test_a_blob_on_the_poison_queue_is_one_item_until_it_is_gone(desk: Desk) -> None:
    desk.stage.begin()
    desk.stage.show("ada")
    (blob,) = desk.app.fake_media.list(CONTAINER)
    desk.app.fake_poison.messages = [PoisonMessage("blobs-poison", "m1", blob.name, desk.stage.session)]
    assert desk.app.attention_review.poisoned() == 1
    desk.app.attention_review.poisoned()
    (item,) = items(desk)
    assert (item["kind"], item["session"], item["facts"]["blob"]) == ("poison", desk.stage.session, blob.name)
    desk.app.fake_poison.messages = []
    desk.app.attention_review.poisoned()
    assert items(desk) == []


def test_a_store_that_is_down_stops_no_visit_from_being_reported_about(desk: Desk) -> None:
    desk.app.fake_documents.down = True
    desk.app.attention.call(Matter.TAMPER, "x")
    desk.app.fake_documents.down = False
    assert items(desk) == []


def start(desk: Desk, address: str, at_ms: int | None = None) -> str:
    kiosk = desk.app.kiosks.get("K7")
    assert kiosk is not None
    if kiosk.public_key is None:
        desk.app.kiosks.pair(desk.app.kiosks.pairing_code("K7"), {"kty": "EC", "crv": "P-256", "x": "a", "y": "b"}, "x")
    desk.stage.begin()
    now = round(desk.app.clock.now().timestamp() * 1000)
    desk.app.two_places.started(desk.stage.now(), address, now if at_ms is None else at_ms)
    return desk.stage.session


def test_a_kiosk_that_starts_one_visit_after_another_is_in_one_place(desk: Desk) -> None:
    start(desk, "10.0.0.7")
    desk.stage.show("nobody")
    desk.app.visit.leave(desk.stage.stored())
    desk.app.fake_clock.advance(30)
    start(desk, "10.9.9.9")  # its line changed over night, and no visit was under way
    desk.app.two_places.look()
    assert items(desk) == []


def test_a_page_that_was_loaded_anew_leaves_its_last_visit_alone(desk: Desk) -> None:
    start(desk, "10.0.0.7")
    desk.stage.show("nobody")
    start(desk, "10.0.0.7")
    desk.stage.show(*["nobody"] * 10, every=1)
    assert desk.app.two_places.look() == 0


def test_another_address_while_a_visit_is_under_way_is_a_second_place(desk: Desk) -> None:
    start(desk, "10.0.0.7")
    second = start(desk, "10.9.9.9")
    (item,) = items(desk)
    assert (item["kind"], item["kiosk"], item["session"]) == ("kiosk_two_places", "K7", second)
    assert item["facts"] == {"why": "other_address"}
    assert "10.9.9.9" not in "".join(desk.app.fake_documents.texts())


def test_a_clock_that_goes_back_is_another_pages(desk: Desk) -> None:
    now = round(desk.app.clock.now().timestamp() * 1000)
    start(desk, "10.0.0.7", now)
    start(desk, "10.0.0.7", now - 4_000)
    assert items(desk) == []
    start(desk, "10.0.0.7", now - 20_000)
    assert items(desk)[0]["facts"] == {"why": "clock_went_back"}


def test_two_visits_that_both_go_on_are_two_pages(desk: Desk) -> None:
    start(desk, "10.0.0.7")
    first, token = desk.stage.session, desk.stage.token
    start(desk, "10.0.0.7")
    for _ in range(12):
        desk.stage.show("ben", every=0.5)
        second = desk.stage.session, desk.stage.token
        desk.stage.session, desk.stage.token = first, token
        desk.stage.show("nobody", every=0.5)
        desk.stage.session, desk.stage.token = second
    assert desk.app.two_places.look() == 1
    assert items(desk)[0]["facts"] == {"why": "two_visits"}


def test_the_same_key_signing_from_two_addresses_is_noticed_at_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, http, operators, kiosks, attention, sessions)
    page = Page()
    desk.app.kiosks.pair(desk.app.kiosks.pairing_code("K7"), dict(page.jwk), "x")
    for address, nonce in (("203.0.113.7", "one"), ("198.51.100.9", "two")):
        signed = page.start(desk, "K7", nonce)
        headers = {
            "X-Kiosk": signed.kiosk,
            "X-Kiosk-Time": signed.time_ms,
            "X-Kiosk-Nonce": signed.nonce,
            "X-Kiosk-Signature": signed.signature,
            "X-Forwarded-For": address,
        }
        assert desk.call(sessions.start, raw=signed.body, headers=headers)[0] == 201
    (item,) = items(desk)
    assert (item["kind"], item["facts"]) == ("kiosk_two_places", {"why": "other_address"})


def test_it_is_over_when_the_key_is_cut_off(desk: Desk) -> None:
    start(desk, "10.0.0.7")
    start(desk, "10.9.9.9")
    assert kinds(desk) == ["kiosk_two_places"]
    desk.call(kiosk_admin.revoke, "otto", body=WHY, id="K7")
    assert items(desk) == []


@pytest.mark.parametrize("params", [{"open": "maybe"}, {"limit": "0"}, {"limit": "201"}, {"limit": "ten"}])
def test_what_is_no_list_is_refused(desk: Desk, params: dict[str, str]) -> None:
    assert desk.call(attention.attention, "otto", method="GET", params=params)[0] == 400


def test_what_is_over_cannot_be_acknowledged(desk: Desk) -> None:
    assert desk.code(attention.acknowledge, "otto", body={}, id="0" * 24) == (404, "not_found")
