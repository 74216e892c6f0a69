"""The server's clock jumps in the middle of a visit: nothing that was over comes back, and nothing opens by it."""

from contextlib import suppress
from datetime import timedelta

import pytest

from shared.domain.errors import NotAllowed
from shared.domain.session import State
from shared.domain.transitions import Refused
from tests.stage import Stage


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada")
    return stage


def test_an_hour_forwards_ends_every_visit_clearly(stage: Stage) -> None:
    for until in (stage.begin, stage.to_pin, stage.to_voice, stage.to_granted):
        until()
        stage.app.fake_clock.advance(3600)
        view = stage.view()
        assert view["end"] is not None
        assert stage.now().over


def test_a_code_that_ran_out_is_not_brought_back_by_a_clock_set_back(stage: Stage) -> None:
    stage.to_pin()
    code = stage.code()
    for _ in range(19):
        stage.show("ada", every=10)
    stage.app.visit.send_pin(stage.stored())
    new = stage.code()
    stage.app.fake_clock.set(stage.app.clock.now() - timedelta(minutes=10))
    stage.show("ada", "ada")
    assert code != new
    with suppress(Refused):
        assert not stage.type_pin(code)
    assert stage.state is not State.VOICE


def test_a_visit_goes_on_when_the_clock_is_set_back(stage: Stage) -> None:
    """Its times never run backwards: it waits for the clock to come by again rather than open early."""
    stage.to_pin()
    before = stage.now()
    stage.app.fake_clock.set(stage.app.clock.now() - timedelta(seconds=20))
    stage.show(*["ada"] * 24, every=1)
    assert stage.type_pin(stage.code())
    assert stage.now().changed_at >= before.changed_at


def test_frames_of_before_the_jump_show_nobody_in_front_after_it(stage: Stage) -> None:
    for jump in (-3600.0, 3600.0):
        stage.to_pin()
        stage.app.fake_clock.advance(jump)
        with pytest.raises((Refused, NotAllowed)):
            stage.type_pin(stage.code())
        assert stage.now().wrong_pins == 0
        stage.app.fake_clock.advance(-jump)
        stage.app.visit.leave(stage.stored())


def test_a_handoff_token_that_ran_out_opens_nothing_when_the_clock_is_set_back(stage: Stage) -> None:
    stage.to_granted()
    handoff = stage.app.handoff
    token = handoff.ask(stage.stored())
    stage.app.fake_clock.advance(31)
    with pytest.raises((NotAllowed, Refused)):
        handoff.redeem(handoff.read(token))
    stage.app.watch.tick(stage.session)
    assert stage.now().over
    stage.app.fake_clock.advance(-20)
    with pytest.raises((NotAllowed, Refused)):
        handoff.redeem(handoff.read(token))
