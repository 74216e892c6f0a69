"""Audio of a person's earlier visits and of their registration is not taken again; how that is kept."""

import base64

import pytest

from shared.containers import SESSION_LOG
from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.domain.session import State
from shared.services.audit.entries import Ground
from shared.services.people.templates import Kind
from tests.stage import Stage, StageApp
from tests.unit import test_enrolment_story as registering


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada")
    return stage


def prints(stage: Stage, person: str = "pada") -> list[str]:
    return [t.id for t in stage.app.templates.of(person, Kind.FINGERPRINT)]


def clip(stage: Stage, session: str, attempt: int) -> bytes:
    return stage.app.fake_media.read(CONTAINER, str(recording_name(session, RecordingKind.VOICE, attempt)))


def replay(stage: Stage, audio: bytes) -> str:
    """Play a recording as the answer to the phrase now shown; returns what the judgement says."""
    stage.show("ada")
    phrase = stage.now().phrase
    assert phrase is not None
    stage.app.visit.voice(stage.stored(), phrase.attempt, audio)
    stage.app.inline_voice(stage.now(), phrase.attempt, audio)
    judged = stage.app.documents.get(SESSION_LOG, stage.session, f"voice.{phrase.attempt:02d}")
    assert judged is not None
    return str(judged.body["why"])


def visit(stage: Stage) -> str:
    stage.to_granted()
    session = stage.session
    stage.app.visit.leave(stage.stored())
    stage.app.fake_clock.advance(3600)
    return session


def test_the_recording_of_a_visit_long_ago_is_refused_as_such(stage: Stage) -> None:
    first = visit(stage)
    for _ in range(10):
        visit(stage)
    stage.to_voice()
    assert replay(stage, clip(stage, first, 1)) == "repeated"


def test_a_clip_that_was_refused_then_is_known_now(stage: Stage) -> None:
    """An attacker who listened in does not get a second use out of a reading that failed."""
    stage.to_voice()
    stage.show("ada")
    stage.say("ada", digits="000000")
    failed = stage.session
    stage.app.visit.leave(stage.stored())
    stage.to_voice()
    assert replay(stage, clip(stage, failed, 1)) == "repeated"


def test_the_same_attempt_delivered_twice_is_no_repeat(stage: Stage) -> None:
    stage.to_voice()
    stage.show("ada")
    stage.say("ada")
    audio = clip(stage, stage.session, 1)
    stage.app.inline_voice(stage.now(), 1, audio)
    assert stage.state is State.GRANTED
    assert len(prints(stage)) == 1


def test_the_phrases_of_the_registration_are_remembered(stage: Stage) -> None:
    registering.ask(stage)
    registering.fill_in(stage)
    registering.pose(stage)
    registering.prove_phone(stage)
    registering.read_phrases(stage)
    person = stage.now().person
    assert person is not None
    assert prints(stage, person) == [f"fingerprint.{stage.session}.{n:02d}" for n in (1, 2, 3)]


def test_no_more_clips_are_remembered_than_the_setting_says_and_the_oldest_goes_first() -> None:
    stage = Stage(StageApp(voice={"remembered": 5}))
    stage.enrol("ada")
    sessions = [visit(stage) for _ in range(8)]
    assert prints(stage) == [f"fingerprint.{session}.01" for session in sessions[-5:]]


def test_fingerprints_are_sealed_and_go_with_the_person(stage: Stage) -> None:
    session = visit(stage)
    kept = [text for text in stage.app.fake_documents.texts() if '"fingerprint"' in text]
    assert kept
    audio = clip(stage, session, 1)
    for text in kept:
        assert audio.decode() not in text
        assert base64.b64encode(audio).decode() not in text
    stage.app.erase.person(None, "pada", Ground(reason="Asked for in writing", case="INC-7"))
    assert prints(stage) == []
