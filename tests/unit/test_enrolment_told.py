"""What a new customer is told while registering, and by SMS afterwards, in their language."""

from dataclasses import replace

import pytest

from shared.domain.session import State
from shared.ports import SmsUnknown
from shared.services.messages.texts import text
from tests.stage import Stage, StageApp
from tests.unit.test_enrolment_story import ask, fill_in, pose, prove_phone, read_phrases


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada")
    return stage


def register(stage: Stage) -> None:
    ask(stage)
    fill_in(stage)
    pose(stage)
    prove_phone(stage)
    read_phrases(stage)


def speaks(stage: Stage, language: str) -> None:
    """Ada, from now on."""
    people = stage.app.people
    people.save(replace(people.require("pada"), language=language))


def messages(stage: Stage) -> list[str]:
    return [message.text for message in stage.app.fake_sms.sent]


def test_the_owner_of_the_telephone_learns_of_the_registration_once(stage: Stage) -> None:
    register(stage)
    assert stage.state is State.GRANTED
    assert messages(stage)[1:] == [text("registered", "en")]


def test_whoever_waits_for_approval_is_told_so() -> None:
    stage = Stage(StageApp(enrolment="approval"))
    register(stage)
    assert stage.state is State.ENDED
    assert messages(stage)[1:] == [text("awaiting_approval", "en")]


def test_a_registration_whose_message_fails_stands_all_the_same(stage: Stage) -> None:
    ask(stage)
    fill_in(stage)
    pose(stage)
    prove_phone(stage)
    stage.app.fake_sms.failure = SmsUnknown("no answer")
    read_phrases(stage)
    assert stage.state is State.GRANTED


def test_learning_counts_each_picture_and_each_phrase(stage: Stage) -> None:
    seen: list[int] = []
    ask(stage)
    fill_in(stage)
    pose(stage)
    prove_phone(stage)
    real = stage.app.drafts.with_learned

    def watched(session: object, learned: int, at: object) -> object:
        seen.append(learned)
        return real(session, learned, at)  # type: ignore[arg-type]

    stage.app.drafts.with_learned = watched  # type: ignore[method-assign, assignment]
    read_phrases(stage)
    draft = stage.app.drafts.get(stage.now())
    assert draft is not None
    assert draft.learned == len(draft.taken) + len(draft.clips) == 5 + 3
    assert seen == list(range(1, draft.learned + 1))


def to_the_last_phrase(stage: Stage) -> None:
    ask(stage)
    fill_in(stage)
    pose(stage)
    prove_phone(stage)
    for _ in range(2):
        stage.show("eve")
        stage.say("eve")
    stage.show("eve")


def test_while_one_worker_stores_the_person_nobody_else_does_it_again(stage: Stage) -> None:
    to_the_last_phrase(stage)
    assert stage.app.drafts.take(stage.now(), "another instance", stage.app.clock.now())
    stage.say("eve")
    stage.show("eve")
    assert stage.state is State.ENROLLING
    assert stage.view()["enrolment"]["step"] == "learning"  # type: ignore[index]


def test_a_worker_that_stood_still_is_relieved_by_the_poll(stage: Stage) -> None:
    to_the_last_phrase(stage)
    stage.app.drafts.take(stage.now(), "an instance that dies", stage.app.clock.now())
    stage.say("eve")
    for _ in range(6):
        stage.show("eve", every=2)
    stage.view()
    assert stage.state is State.GRANTED


def test_two_workers_that_store_the_very_same_person_agree(stage: Stage) -> None:
    to_the_last_phrase(stage)
    people = stage.app.people
    person, real, blind = str(stage.now().person), people.create, [True]

    def faster(person_id: str, **facts: object) -> object:
        if blind.pop() if blind else False:
            real(person_id, **facts)  # type: ignore[arg-type]
        return real(person_id, **facts)  # type: ignore[arg-type]

    people.create = faster  # type: ignore[method-assign, assignment]
    stage.say("eve")
    assert stage.state is State.GRANTED
    assert people.require(person).name == "Eve Moreno"


def test_the_owner_of_a_number_is_warned_in_the_owners_language(stage: Stage) -> None:
    speaks(stage, "ja")
    ask(stage)
    fill_in(stage, phone="+12025550142")
    pose(stage)
    assert messages(stage) == [text("number_tried", "ja", place="Shibuya Station")]


def test_a_code_is_written_in_the_language_of_its_owner(stage: Stage) -> None:
    speaks(stage, "es")
    stage.to_pin()
    (message,) = messages(stage)
    assert message == text("code", "es", code=stage.code(), place="Shibuya Station", minutes=3)
