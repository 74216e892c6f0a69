"""A language chosen in the middle of a visit: for its messages, and the customer's own once they are let in."""

from dataclasses import replace

import pytest

from functions import http, kiosks, operators, sessions
from shared.domain.session import State
from shared.domain.transitions import Refused
from tests.desk import Desk
from tests.stage import Stage


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada")
    return stage


def choose(stage: Stage, language: str) -> None:
    stage.app.visit.speak(stage.stored(), language)


def remembered(stage: Stage) -> str:
    return stage.app.people.require("pada").language


def test_it_is_the_visits_at_once_and_the_persons_after_the_grant(stage: Stage) -> None:
    stage.to_pin()
    choose(stage, "es")
    assert stage.view()["language"] == "es"
    assert remembered(stage) == "en"
    assert stage.type_pin(stage.code())
    stage.show("ada")
    stage.say("ada")
    assert stage.state is State.GRANTED
    assert remembered(stage) == "es"


def test_a_visit_that_is_not_granted_changes_nobodys_language(stage: Stage) -> None:
    stage.to_pin()
    choose(stage, "es")
    stage.app.visit.leave(stage.stored())
    assert remembered(stage) == "en"


def test_a_kiosk_that_happens_to_speak_another_language_is_no_choice(stage: Stage) -> None:
    """The page begins in the language it was left in: that says nothing of whoever comes next."""
    stage.app.people.save(replace(stage.app.people.require("pada"), language="ja"))
    stage.to_granted()
    assert stage.now().language == "en"
    assert remembered(stage) == "ja"


def test_messages_are_in_the_language_chosen_and_else_in_the_persons(stage: Stage) -> None:
    stage.app.people.save(replace(stage.app.people.require("pada"), language="ja"))
    stage.to_pin()
    assert "コード" in stage.app.fake_sms.sent[-1].text
    choose(stage, "es")
    stage.show(*["ada"] * 4, every=8)
    stage.app.visit.send_pin(stage.stored())
    assert "código" in stage.app.fake_sms.sent[-1].text


def test_the_same_choice_again_writes_nothing(stage: Stage) -> None:
    stage.to_pin()
    choose(stage, "es")
    version = stage.now().version
    choose(stage, "es")
    assert stage.now().version == version


def test_after_the_grant_it_is_the_persons_at_once(stage: Stage) -> None:
    stage.to_granted()
    choose(stage, "ar")
    assert remembered(stage) == "ar"


def test_not_while_a_clip_is_being_judged(stage: Stage) -> None:
    stage.to_voice()
    stage.show("ada")
    phrase = stage.now().phrase
    assert phrase is not None
    stage.app.visit.voice(stage.stored(), phrase.attempt, b"voice:ada;digits:000000")
    with pytest.raises(Refused, match="nothing_being_judged"):
        choose(stage, "es")


def test_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, http, operators, kiosks, sessions)
    desk.stage.enrol("ada")
    desk.stage.to_pin()
    visit = desk.stage.session
    token = {"X-Visit-Token": desk.stage.token}
    status, view = desk.call(sessions.language, body={"language": "ja"}, headers=token, method="PUT", id=visit)
    assert (status, view["language"]) == (200, "ja")
    for wrong in ({"language": "xx"}, {"language": 1}, {}):
        assert desk.code(sessions.language, body=wrong, headers=token, method="PUT", id=visit) == (400, "bad_language")
    assert desk.code(sessions.language, body={"language": "ja"}, method="PUT", id=visit) == (401, "not_allowed")
