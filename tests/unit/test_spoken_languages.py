"""What is read aloud in each language: the phrase engine understands English, and nobody is told otherwise."""

import pytest

from shared.domain.session import State
from tests.stage import Stage, StageApp


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada")
    return stage


def to_voice(stage: Stage, language: str) -> None:
    stage.begin(language)
    stage.show("ada", "ada", "ada", "ada")
    assert stage.type_pin(stage.code())


def phrase(stage: Stage) -> dict[str, object]:
    shown = stage.view()["voice"]
    assert isinstance(shown, dict)
    return shown


def test_an_english_speaker_reads_the_sentence_and_the_digits(stage: Stage) -> None:
    to_voice(stage, "en")
    assert phrase(stage)["sentence"] == "My voice is my passport, verify me"
    stage.say("ada", words="no")
    assert stage.now().voice_failures == 1
    stage.show("ada")
    stage.say("ada")
    assert stage.state is State.GRANTED


def test_a_language_without_a_sentence_has_the_digits_alone(stage: Stage) -> None:
    to_voice(stage, "ja")
    assert phrase(stage)["sentence"] is None
    stage.show("ada")
    stage.say("ada", words="no")
    assert stage.state is State.GRANTED


def test_the_digits_and_the_speaker_are_checked_in_every_language(stage: Stage) -> None:
    to_voice(stage, "ja")
    stage.show("ada")
    stage.say("ada", digits="000000")
    stage.show("ada")
    stage.say("eve")
    assert stage.state is State.VOICE
    assert stage.now().voice_failures == 2


def test_a_bank_may_have_the_sentence_read_in_another_language_too() -> None:
    sentence = "My voice is my passport, verify me"
    stage = Stage(StageApp(voice_sentences={"en": sentence, "ja": sentence}))
    stage.enrol("ada")
    to_voice(stage, "ja")
    assert phrase(stage)["sentence"] == sentence
    stage.show("ada")
    stage.say("ada", words="no")
    assert stage.state is State.VOICE
