"""Blobs and index out of step, as after a restore or by somebody's hand: found, made good, and called out."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.containers import MEDIA_INDEX
from shared.domain.recording import CONTAINER, parse_recording
from shared.domain.session import kiosk_day
from shared.ports import Document, MediaInfo, Query
from shared.services.recordings.index import entry_id
from shared.services.recordings.reconcile import Reconcile, Reconciled, _by_visit
from tests.fakes import NOON
from tests.stage import Stage, StageApp


@pytest.fixture
def stage() -> Stage:
    return Stage()


def visit(stage: Stage, frames: int = 3, *, indexed: bool = True) -> list[str]:
    stage.begin()
    stage.show(*["nobody"] * frames)
    stage.app.visit.leave(stage.stored())
    names = [b.name for b in stage.app.media.list(CONTAINER) if stage.session in b.name]
    for name in names if indexed else ():
        stage.app.index.recording(name)
    stage.app.clock.advance(600)  # type: ignore[attr-defined]
    return names


def entry(app: StageApp, name: str) -> dict[str, object] | None:
    recording = parse_recording(name)
    assert recording is not None
    document = app.documents.get(MEDIA_INDEX, kiosk_day(recording.session), entry_id(recording))
    return dict(document.body) if document else None


def test_what_is_in_step_is_left_alone(stage: Stage) -> None:
    visit(stage)
    writes = stage.app.fake_documents.writes
    assert stage.app.reconcile.run() == Reconciled(14, 0, 0)
    assert stage.app.fake_documents.writes == writes + 1  # how far it came
    assert stage.app.attention.items().items == ()


def test_a_blob_whose_event_was_lost_gets_its_entry(stage: Stage) -> None:
    names = visit(stage, indexed=False)
    assert stage.app.reconcile.run().indexed == 3
    found = entry(stage.app, names[0])
    assert found is not None and found["sha256"] == hashlib.sha256(b"nobody").hexdigest()
    assert stage.app.reconcile.run().indexed == 0


def test_a_blob_whose_event_may_still_come_is_left_to_it(stage: Stage) -> None:
    stage.begin()
    stage.show("nobody")
    assert stage.app.reconcile.run().indexed == 0


def test_an_entry_whose_blob_stays_away_is_marked_once_and_somebody_is_called(stage: Stage) -> None:
    names = visit(stage)
    stage.app.media.delete(CONTAINER, names[1])
    assert stage.app.reconcile.run().missing == 1
    assert stage.app.reconcile.run().missing == 0
    assert stage.app.attention.items().items == ()  # it may be an erasure under way
    for _ in range(2):
        stage.app.fake_clock.advance(301)
        stage.app.reconcile.run()
    found = entry(stage.app, names[1])
    assert found is not None and found["missingSince"] is not None
    (item,) = stage.app.attention.items().items
    assert (item.kind, item.kiosk) == ("index_gap", "K7")
    assert item.facts == {"day": "2026-11-22", "missing": 1}


def test_the_index_of_a_day_is_made_anew_from_storage_in_bounded_steps(stage: Stage) -> None:
    names = [name for _ in range(4) for name in visit(stage, 5, indexed=False)]
    app = stage.app
    reconcile = Reconcile(
        app.documents, app.media, app.index, app.kiosks, app.attention, app.clock, days=90, places=12, blobs=7
    )
    steps = [reconcile.run().indexed for _ in range(4)]
    assert steps == [7, 7, 6, 0]
    assert all(entry(app, name) is not None for name in names)


def test_old_days_come_round_and_none_is_left_out(stage: Stage) -> None:
    app = stage.app
    names = []
    for _ in range(10):
        names += visit(stage, 1, indexed=False)
        app.fake_clock.advance(timedelta(days=3).total_seconds())
    reconcile = Reconcile(
        app.documents, app.media, app.index, app.kiosks, app.attention, app.clock, days=40, places=5, blobs=100
    )
    indexed = sum(reconcile.run().indexed for _ in range(8))  # 38 older days, five a run
    assert indexed == 10
    app.fake_clock.advance(86_400)
    again = visit(stage, 1, indexed=False)
    assert reconcile.run().indexed == 1
    assert entry(app, again[0]) is not None


def test_a_blob_that_cannot_be_read_holds_the_others_up_no_longer_than_itself(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shared.domain.errors import Unavailable

    names = visit(stage, indexed=False)
    whole = stage.app.index.recording

    def failing(name: str) -> None:
        if name == names[0]:
            raise Unavailable("storage")
        whole(name)

    monkeypatch.setattr(stage.app.index, "recording", failing)
    assert stage.app.reconcile.run().indexed == 2
    monkeypatch.setattr(stage.app.index, "recording", whole)
    assert stage.app.reconcile.run().indexed == 1


def test_an_entry_that_is_no_recordings_is_nobodys_gap(stage: Stage) -> None:
    visit(stage)
    partition = kiosk_day(stage.session)
    stage.app.documents.create(MEDIA_INDEX, partition, "x", {"session": stage.session, "name": "foreign", "at": "2026"})
    assert stage.app.reconcile.run().missing == 0
    assert stage.app.documents.count(Query(MEDIA_INDEX, partition)) == 4


def test_a_days_recordings_are_compared_visit_by_visit_and_never_held_all_at_once() -> None:
    visits = [f"K7_20261122_{letter * 24}" for letter in "abcdefgh"]
    names = [f"K7/2026-11-22/{visit}/{number:06d}.jpg" for visit in visits for number in range(1, 6)]
    taken: list[str] = []

    def blobs() -> Iterator[MediaInfo]:
        for name in names[2:]:
            taken.append(name)
            yield MediaInfo(name=name, size=1, created=NOON, content_type="", etag="", metadata={}, tags={})

    entries = (Document("K7_20261122", name, {"name": name}, "1") for name in names[:-1])
    found: list[tuple[int, int]] = []
    for one, other in _by_visit(blobs(), entries):
        assert len(taken) <= 5 * (len(found) + 1) + 1
        found.append((len(one), len(other)))
    assert found == [(3, 5), *[(5, 5)] * 6, (5, 4)]
