"""Who stands there while the visit goes on, told through the whole app: swaps, and staff's word for one face."""

from contextlib import suppress

import pytest

from shared.domain.events import Presence, StaffVouched
from shared.domain.pin import NONCE_BYTES
from shared.domain.recording import RecordingKind, recording_name
from shared.domain.session import Factor, State
from shared.domain.transitions import Refused
from tests.stage import Stage, StageApp


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada", "+12025550142")
    stage.enrol("ben", "+12025550187")
    return stage


def presence(stage: Stage) -> Presence:
    return stage.app.scenes.of(stage.now()).presence


def vouched(stage: Stage) -> None:
    """Eve is known to nobody; two officers saw her in the fifth frame and answer for her as Ada."""
    stage.begin()
    stage.show(*["eve"] * 5)
    answer_for(stage, 5)


def answer_for(stage: Stage, seq: int) -> None:
    stage.app.visit.assistance(stage.stored())
    stage.app.sessions.change(
        stage.session,
        lambda _: StaffVouched(
            at=stage.app.clock.now(),
            person="pada",
            face_failed=True,
            officers=("o1", "o2"),
            barred=False,
            free=True,
            seq=seq,
            nonce=stage.app.randomness.bytes(NONCE_BYTES).hex(),
            key=stage.app.keys.current,
        ),
    )


def test_whom_staff_vouch_for_is_the_face_they_saw(stage: Stage) -> None:
    vouched(stage)
    stage.show("eve", "eve")
    assert presence(stage) is Presence.OK
    assert stage.type_pin(stage.code())
    assert stage.state is State.GRANTED


@pytest.mark.parametrize("who", ["ben", "ada", "mallory"])
def test_whoever_steps_in_after_them_is_not(stage: Stage, who: str) -> None:
    """Also when the place was empty for long enough that no frame links the two faces."""
    vouched(stage)
    code = stage.code()
    stage.show("eve", "eve", *["nobody"] * 6, who, who, who)
    assert not stage.now().passed(Factor.STAFF)
    with suppress(Refused):
        assert not stage.type_pin(code)
    assert stage.state is not State.GRANTED


def test_two_officers_face_comes_back_after_a_break(stage: Stage) -> None:
    vouched(stage)
    stage.show("eve", *["nobody"] * 6, "eve", "eve", "eve")
    assert presence(stage) is Presence.OK
    assert stage.type_pin(stage.code())


@pytest.mark.parametrize("frames", [["ada"], ["ada+live:no", "ada+live:no"], ["nobody", "nobody"], ["ada+ben", "ada"]])
def test_a_code_is_not_even_tried_unless_ada_is_seen_alone_and_live(stage: Stage, frames: list[str]) -> None:
    stage.to_pin()
    code = stage.code()
    stage.show(*["nobody"] * 9, *frames)
    with pytest.raises(Refused) as refused:
        stage.type_pin(code)
    assert (refused.value.code, stage.now().wrong_pins) == ("in_front", 0)


def test_what_an_accomplice_said_never_speaks_for_ada(stage: Stage) -> None:
    """Ben gets as far as his own voice takes him; then Ada's photograph takes his place, and her code is known."""
    stage.to_granted("ben")
    stage.show("ada", "ada", "ada", "ada")
    assert stage.type_pin(stage.code())
    phrase = stage.now().phrase
    assert phrase is not None
    assert phrase.attempt == 2
    stage.say("ben")
    after = stage.now()
    assert (after.state, after.voice_failures, after.passed(Factor.VOICE)) == (State.VOICE, 1, False)


def test_frames_analysed_while_the_visit_moved_on_show_nobody_new(stage: Stage) -> None:
    """Two late frames of Ada, judged by an instance that still believed in Ada, do not make her Ben."""
    stage.to_pin("ada")
    behind = stage.now()
    stage.show("ben", "ben", "ben")
    assert (stage.state, stage.now().person) == (State.PIN, "pben")
    stage.show("ada", "ada", deliver=False)
    for seq in (stage.app.log.received(stage.session).frames - 1, stage.app.log.received(stage.session).frames):
        name = recording_name(stage.session, RecordingKind.FRAME, seq)
        stage.app.log.add(stage.session, stage.app.identify._fact(behind, name, b"ada"))
    assert presence(stage) is Presence.LOOK


def test_frames_from_before_staff_vouched_do_not_count_as_being_in_front(stage: Stage) -> None:
    stage.to_pin("ada")
    assert presence(stage) is Presence.OK
    answer_for(stage, stage.app.log.received(stage.session).frames)
    assert presence(stage) is Presence.LOOK
    stage.show("ada", "ada")
    assert presence(stage) is Presence.OK


def test_somebody_else_during_the_orders_leaves_no_factor() -> None:
    stage = Stage(StageApp(liveness_policy="active"))
    stage.enrol("ada")
    stage.begin()
    stage.show("ada", "ada")
    assert stage.state is State.CHALLENGE
    stage.show("mallory")
    assert (stage.now().state, stage.now().factors, stage.now().person) == (State.IDENTIFYING, (), None)
