"""The index of visits and recordings: the same whatever is repeated, late or out of order, and after any crash."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from shared.containers import MEDIA_INDEX, VISITS
from shared.domain.errors import Unavailable
from shared.domain.session import State
from shared.services.recordings.visit_index import facts_of
from tests.stage import Stage, StageApp


def film(stage: Stage) -> list[str]:
    """Four visits of every kind; nothing is indexed yet. Their ids."""
    app, made = stage.app, []
    stage.enrol("ada", "+12025550142")
    stage.to_granted("ada")
    app.visit.leave(stage.stored())
    made.append(stage.session)
    stage.to_pin("ada")
    for _ in range(3):
        stage.type_pin("000000" if stage.code() != "000000" else "000001")
    assert stage.state is State.DENIED
    made.append(stage.session)
    stage.begin()
    stage.show("zoe", "zoe+yan", "zoe", "zoe")
    app.visit.leave(stage.stored())
    made.append(stage.session)
    stage.begin()
    stage.show("nobody")
    made.append(stage.session)
    return made


def index(app: StageApp) -> dict[str, Any]:
    """Everything the index holds, and the tags; without the counters of rounds."""
    kept = app.fake_documents._kept
    found: dict[str, Any] = {}
    for container in (VISITS.name, MEDIA_INDEX.name):
        for (partition, id), entry in kept.get(container, {}).items():
            body: dict[str, Any] = {k: v for k, v in entry.read.body.items() if k != "round"}
            if isinstance(body.get("scopes"), list):
                body["scopes"] = sorted(str(s) for s in body["scopes"])
            found[f"{container}/{partition}/{id}"] = body
    for info in app.fake_media.list("recordings"):
        found[f"tags/{info.name}"] = dict(info.tags or {})
    return found


def deliveries(app: StageApp, sessions: list[str]) -> list[Callable[[], object]]:
    """What events and timers bring about, each thing once."""
    blobs = [info.name for info in app.fake_media.list("recordings")]
    work: list[Callable[[], object]] = [lambda name=name: app.index.recording(name) for name in blobs]  # type: ignore[misc]
    work += [lambda s=s: app.visit_index.refresh(s) for s in sessions]  # type: ignore[misc]
    return [*work, app.index.settle_due, app.sweep.run]


def settled(app: StageApp) -> dict[str, Any]:
    app.fake_clock.advance(10)
    app.index.settle_due()
    return index(app)


def told() -> dict[str, Any]:
    stage = Stage()
    sessions = film(stage)
    for work in deliveries(stage.app, sessions):
        work()
    return settled(stage.app)


@pytest.mark.parametrize("seed", range(25))
def test_events_in_any_order_and_any_number_give_the_same_index(seed: int) -> None:
    stage, dice = Stage(), random.Random(seed)
    sessions = film(stage)
    work = deliveries(stage.app, sessions)
    shuffled = work + dice.choices(work, k=dice.randrange(40))
    dice.shuffle(shuffled)
    for one in shuffled:
        one()
        if dice.random() < 0.05:
            stage.app.fake_clock.advance(3)
    missing = [lambda name=i.name: stage.app.index.recording(name) for i in stage.app.fake_media.list("recordings")]
    for one in missing:
        one()
    assert settled(stage.app) == told()


@pytest.mark.parametrize("after", range(1, 22))
def test_wherever_a_process_dies_at_the_end_of_a_visit_the_timers_make_it_good(
    monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """The stores fail from the n-th write of the last step on, for a minute."""
    stage = Stage()
    stage.enrol("ada", "+12025550142")
    stage.to_granted("ada")
    left = [after]
    documents = stage.app.fake_documents
    for name in ("create", "replace", "delete"):
        call = getattr(documents, name)

        def failing(*args: Any, call: Any = call, **more: Any) -> Any:
            left[0] -= 1
            if left[0] <= 0:
                raise Unavailable("documents")
            return call(*args, **more)

        monkeypatch.setattr(documents, name, failing)
    with suppress(Unavailable):
        stage.app.visit.leave(stage.stored())
    monkeypatch.undo()
    for blob in list(stage.app.fake_media.list("recordings")):
        stage.app.index.recording(blob.name)
    stage.app.fake_clock.advance(600)
    stage.app.sweep.run()
    stage.app.fake_clock.advance(10)
    stage.app.index.settle_due()
    facts = stage.app.visit_index.get(stage.session)
    assert facts is not None and facts.outcome == "granted" and facts.person == "pada"
    entries = [d.body for d in stage.app.index.of(stage.session)]
    assert {(e["outcome"], e["person"]) for e in entries} == {("granted", "pada")}
    scopes = {p for p, id in documents._kept["visits"] if id == stage.session}
    assert scopes == {
        "day:2026-11-22", "kiosk:K7", f"reference:{facts.reference}", "kiosk:K7:outcome:granted",
        "outcome:granted:2026-11", f"kiosk:K7:reason:{facts.reason}", f"reason:{facts.reason}:2026-11", "person:pada",
    }  # fmt: skip


def test_the_outcome_and_the_person_reach_every_recording_and_its_tags() -> None:
    stage = Stage()
    granted, denied, *_ = film(stage)
    app = stage.app
    for blob in list(app.fake_media.list("recordings")):
        app.index.recording(blob.name)
    assert {d.body["outcome"] for d in app.index.of(granted)} == {"granted"}, "late events find out themselves"
    app.fake_clock.advance(10)
    assert app.index.settle_due() == 3
    tags = app.fake_media.tags("recordings", f"K7/2026-11-22/{granted}/000001.jpg")
    assert tags == {
        "session": granted, "kiosk": "K7", "kind": "frame", "day": "2026-11-22", "outcome": "granted",
        "reason": "cancelled", "assurance": "full", "person": "pada", "faces": "1",
    }  # fmt: skip
    assert [e.body["claimed"] for e in app.index.of(denied)] == ["pada"] * 4
    asked = "\"claimed\" = 'pada' AND \"kind\" = 'frame'"
    assert {name.split("/")[2] for name in app.fake_media.find("recordings", asked)} == {denied}


def test_no_tag_and_no_entry_holds_a_name_or_a_number() -> None:
    stage = Stage()
    film(stage)
    for name, entry in settled(stage.app).items():
        assert "Ada" not in str(entry) and "2025550" not in str(entry), name


def test_tags_never_exceed_the_ten_that_a_blob_may_have() -> None:
    stage = Stage()
    film(stage)
    assert all(len(tags) <= 10 for name, tags in settled(stage.app).items() if name.startswith("tags/"))


def test_the_index_is_rebuilt_from_storage_alone_after_the_database_is_lost() -> None:
    stage = Stage()
    sessions = film(stage)[:3]
    stage.app.visit.leave(stage.stored())
    for blob in list(stage.app.fake_media.list("recordings")):
        stage.app.index.recording(blob.name)
    before = settled(stage.app)
    facts_before = {s: stage.app.visit_index.get(s) for s in sessions}
    stage.app.fake_documents._kept.clear()
    rebuilt = stage.app.rebuild.run()
    assert (rebuilt.visits, rebuilt.recordings) == (4, 5 + 1 + 4 + 4 + 1)
    after = index(stage.app)
    assert {k for k in after if not k.startswith("tags/")} == {k for k in before if not k.startswith("tags/")}
    lost = ("state", "granted_s", "ended_at", "quality", "frames", "thumbnail", "two")
    for place, entry in after.items():
        differing = {f for f in entry if entry[f] != before[place].get(f)} - {"scopes"}
        assert differing <= set(lost), (place, differing)
    for session, was in facts_before.items():
        now = stage.app.visit_index.get(session)
        assert was is not None and now is not None
        assert (now.at, now.outcome, now.reason, now.person, now.claimed, now.two, now.faces, now.reference) == (
            was.at, was.outcome, was.reason, was.person, was.claimed, was.two, was.faces, was.reference
        )  # fmt: skip
    assert stage.app.rebuild.run() == rebuilt
    assert index(stage.app) == after


def test_rebuilding_beside_a_living_database_takes_nothing_away() -> None:
    stage = Stage()
    film(stage)
    stage.app.visit.leave(stage.stored())
    for blob in list(stage.app.fake_media.list("recordings")):
        stage.app.index.recording(blob.name)
    before = settled(stage.app)
    stage.app.rebuild.run()
    assert index(stage.app) == before


def test_a_visit_can_be_taken_off_every_list() -> None:
    stage = Stage()
    granted = film(stage)[0]
    stage.app.visit_index.forget(granted)
    assert not [p for p, id in stage.app.fake_documents._kept["visits"] if id == granted]


def test_an_entry_reads_as_it_was_written() -> None:
    stage = Stage()
    denied = film(stage)[1]
    facts = stage.app.visit_index.facts(stage.app.sessions.load(denied).session)
    entry = stage.app.documents.get(VISITS, "day:2026-11-22", denied)
    assert entry is not None and facts_of(entry) == facts
