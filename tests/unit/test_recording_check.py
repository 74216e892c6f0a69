"""A recording that changed behind the app's back is found, by whoever looks and by the timer in any case."""

from dataclasses import replace

import pytest

from shared.domain.recording import CONTAINER
from shared.services.recordings.check import RecordingCheck
from tests.stage import Stage, StageApp


@pytest.fixture
def stage() -> Stage:
    return Stage()


def visit(stage: Stage) -> str:
    stage.begin()
    stage.show("nobody", "nobody")
    stage.app.visit.leave(stage.stored())
    stage.app.clock.advance(30)  # type: ignore[attr-defined]
    stage.app.index.settle_due()
    return stage.session


def exchange(app: StageApp, session: str) -> None:
    """Other bytes in the second picture, as whoever has the storage account could put there."""
    name = next(b.name for b in app.media.list(CONTAINER) if session in b.name and b.name.endswith("000002.jpg"))
    data, info = app.fake_media._blobs[CONTAINER, name]
    app.fake_media._blobs[CONTAINER, name] = (data + b"!", replace(info, size=len(data) + 1))


def check(app: StageApp, most: int = 20) -> RecordingCheck:
    return RecordingCheck(app.documents, app.recordings, app.attention, app.clock, days=90, most=most)


def test_what_is_as_it_was_recorded_calls_nobody(stage: Stage) -> None:
    session = visit(stage)
    assert stage.app.recording_check.visit(session).changed == ()
    assert stage.app.attention.items().items == ()


def test_a_picture_that_was_exchanged_needs_attention_once(stage: Stage) -> None:
    session = visit(stage)
    exchange(stage.app, session)
    for _ in range(2):
        assert [entry["number"] for entry in stage.app.recording_check.visit(session).changed] == [2]
    (item,) = stage.app.attention.items().items
    assert (item.kind, item.session, item.facts["what"]) == ("tamper", session, "recordings")


def test_the_timer_comes_round_to_every_visit_a_few_at_a_time(stage: Stage) -> None:
    sessions = []
    for _ in range(4):
        sessions += [visit(stage), visit(stage)]
        stage.app.fake_clock.advance(86_400)
    exchange(stage.app, sessions[5])
    timer = check(stage.app, most=3)
    assert [timer.run() for _ in range(3)] == [3, 3, 2]
    assert [item.session for item in stage.app.attention.items().items] == [sessions[5]]
    assert timer.run() == 3


def test_a_visit_under_way_is_left_alone(stage: Stage) -> None:
    stage.begin()
    stage.show("nobody")
    assert stage.app.recording_check.run() == 0
