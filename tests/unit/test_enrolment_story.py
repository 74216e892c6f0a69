"""Registering on the spot, on fakes: from an unknown face to a customer the machine knows."""

import pytest

from shared.domain.capture import Turn
from shared.domain.errors import BadRequest
from shared.domain.session import Reason, State
from shared.services.people.registry import Status
from shared.services.session.enrolment_draft import Details
from tests.stage import Stage

PHONE = "+12025550163"
_YAW = {Turn.STRAIGHT: "0", Turn.LEFT: "12", Turn.RIGHT: "-12"}


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada")
    return stage


def ask(stage: Stage, who: str = "eve") -> None:
    stage.begin()
    stage.show(*[who] * 5)
    assert stage.state is State.UNKNOWN
    stage.app.enrolment.ask(stage.stored())


def fill_in(stage: Stage, phone: str = PHONE, name: str = "Eve Moreno") -> None:
    details = Details(name=name, given_name="Eve", phone=phone, language="en", consent_version="2026-11")
    stage.app.enrolment.fill_in(stage.now(), details)


def pose(stage: Stage, who: str = "eve") -> None:
    """Look wherever the kiosk asks, until it has what it needs."""
    for _ in range(12):
        seen = stage.app.enrolment.view(stage.now())
        if seen is None or seen.step != "capture" or seen.pose is None:
            return
        stage.show(f"{who}+yaw:{_YAW[seen.pose]}")


def prove_phone(stage: Stage, who: str = "eve") -> None:
    stage.show(who, who)
    assert stage.type_pin(stage.code())


def read_phrases(stage: Stage, who: str = "eve") -> None:
    for _ in range(3):
        stage.show(who)
        stage.say(who)


def test_an_unknown_person_registers_goes_on_and_is_known_next_time(stage: Stage) -> None:
    ask(stage)
    fill_in(stage)
    pose(stage)
    prove_phone(stage)
    read_phrases(stage)
    assert (stage.state, stage.now().assurance) == (State.GRANTED, "full")
    person = stage.app.people.require(str(stage.now().person))
    assert (person.name, person.status, person.assurance) == ("Eve Moreno", Status.ACTIVE, "self-asserted")
    stage.app.visit.leave(stage.stored())
    stage.to_granted("eve")
    assert stage.now().person == person.id


def test_pictures_taken_before_consent_do_not_count(stage: Stage) -> None:
    ask(stage)
    stage.show("eve", "eve+yaw:12", "eve+yaw:-12")
    fill_in(stage)
    seen = stage.app.enrolment.view(stage.now())
    assert seen is not None
    assert (seen.step, seen.taken) == ("capture", 0)


def test_two_people_taking_turns_are_never_enrolled(stage: Stage) -> None:
    ask(stage)
    fill_in(stage)
    for _ in range(10):
        seen = stage.app.enrolment.view(stage.now())
        if seen is None:
            break
        wanted = seen.pose or Turn.STRAIGHT
        stage.show(f"eve+yaw:{_YAW[wanted]}", f"zoe+yaw:{_YAW[wanted]}")
    assert (stage.state, stage.now().reason) == (State.DENIED, Reason.REFUSED_AT_ENROLMENT)
    assert stage.now().factors == ()
    assert stage.app.fake_sms.sent == []


def test_the_owner_of_a_registered_number_gets_a_warning_and_no_code(stage: Stage) -> None:
    ask(stage)
    fill_in(stage, phone="+12025550142")
    pose(stage)
    (message,) = stage.app.fake_sms.sent
    assert "tried to register" in message.text
    assert stage.code() not in message.text
    assert stage.view()["pin"]["phoneEnding"] == "42"  # type: ignore[index]


def test_somebody_enrolled_already_goes_to_approval(stage: Stage) -> None:
    """A face near an enrolled one, under another name and number, is for staff to look at."""
    ask(stage, "eve")
    fill_in(stage)
    pose(stage)
    prove_phone(stage)
    stage.app.gallery.replace("pother", [b"eve"])
    read_phrases(stage)
    assert (stage.state, stage.now().reason) == (State.ENDED, Reason.AWAITING_APPROVAL)
    assert stage.app.people.require(str(stage.now().person)).status is Status.PENDING


def test_a_different_voice_half_way_is_not_taken(stage: Stage) -> None:
    ask(stage)
    fill_in(stage)
    pose(stage)
    prove_phone(stage)
    stage.show("eve")
    stage.say("eve")
    stage.show("eve")
    stage.say("zoe")
    seen = stage.app.enrolment.view(stage.now())
    assert seen is not None
    assert (seen.step, seen.taken) == ("phrases", 1)


def test_nothing_of_an_abandoned_registration_becomes_a_template(stage: Stage) -> None:
    ask(stage)
    fill_in(stage)
    pose(stage)
    prove_phone(stage)
    stage.show("eve")
    stage.say("eve")
    stage.app.visit.leave(stage.stored())
    kept = "\n".join(stage.app.fake_documents.texts())
    assert "Eve Moreno" not in kept
    assert PHONE[1:] not in kept
    assert stage.app.people.by_phone(PHONE) is None


def test_details_are_given_once(stage: Stage) -> None:
    ask(stage)
    fill_in(stage)
    with pytest.raises(BadRequest, match="already"):
        fill_in(stage, name="Somebody Else")
