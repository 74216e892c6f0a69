"""The security team's questions, answered by the real stores: SQLite and the Cosmos DB emulator."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.cosmos_documents import CosmosDocuments
from shared.adapters.cursors import Cursors
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.containers import ALL
from shared.domain.visit_facts import Faces, Outcome
from shared.ports import Documents
from shared.services.recordings.visit_query import VisitQuestion
from tests.fakes import fake_keys
from tests.functional.storage import Cosmos
from tests.stage import Stage, StageApp


@pytest.fixture(params=["memory", "sqlite", "cosmos"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """Four visits: granted, denied, a stranger with company, and one under way."""
    app = StageApp()
    store: Documents | None = None
    if request.param == "sqlite":
        store = SqliteDocuments(tmp_path / "documents.sqlite", app.clock, Cursors(fake_keys()))
    elif request.param == "cosmos":
        server: Cosmos = request.getfixturevalue("cosmos")
        store = CosmosDocuments(
            server.endpoint, server.key, app.clock, Cursors(fake_keys()), database=f"t{tmp_path.name[:40]}",
            verify_tls=server.process is None, timeout=60,
        )  # fmt: skip
        store.ensure_containers(ALL)
    if store is not None:
        app.__dict__["documents"] = store
    stage = Stage(app)
    stage.enrol("ada")
    stage.to_granted("ada")
    app.visit.leave(stage.stored())
    stage.to_pin("ada")
    for _ in range(3):
        stage.type_pin("000000" if stage.code() != "000000" else "000001")
    stage.begin()
    stage.show("zoe", "zoe+yan", "zoe")
    app.visit.leave(stage.stored())
    app.fake_clock.advance(10)
    for blob in list(app.fake_media.list("recordings")):
        app.index.recording(blob.name)
    assert app.index.settle_due() == 3
    stage.begin()
    yield stage
    if store is not None:
        store.close()  # type: ignore[attr-defined]


QUESTIONS: tuple[tuple[VisitQuestion, list[str]], ...] = (
    (VisitQuestion(), ["live", "left", "denied", "granted"]),
    (VisitQuestion(kiosk="K7"), ["live", "left", "denied", "granted"]),
    (VisitQuestion(person="pada"), ["denied", "granted"]),
    (VisitQuestion(claimed="pada"), ["denied"]),
    (VisitQuestion(outcome=Outcome.DENIED), ["denied"]),
    (VisitQuestion(outcome=Outcome.LIVE), ["live"]),
    (VisitQuestion(reason="wrong_pin", kiosk="K7"), ["denied"]),
    (VisitQuestion(faces=Faces.UNKNOWN), ["left"]),
    (VisitQuestion(faces=Faces.KNOWN), ["denied", "granted"]),
    (VisitQuestion(two=True, outcome=Outcome.LEFT), ["left"]),
    (VisitQuestion(two=True, outcome=Outcome.GRANTED), []),
)


def test_each_question_has_its_answer_its_count_and_its_pages(stage: Stage) -> None:
    queries = stage.app.visit_queries
    for question, expected in QUESTIONS:
        assert [f.outcome for f in queries.page(question).items] == expected, question
        assert queries.count(question) == len(expected), question
        fixed = queries.fixed(question)
        paged, cursor = [], None
        while True:
            page = queries.page(fixed, 1, cursor)
            paged += [f.outcome for f in page.items]
            cursor = page.cursor
            if cursor is None:
                break
        assert paged == expected, question
    hour_before = replace(QUESTIONS[0][0], high=stage.app.clock.now() - timedelta(hours=1))
    assert queries.page(hour_before).items == ()


def test_an_entry_comes_back_from_the_store_as_it_was_made(stage: Stage) -> None:
    app = stage.app
    for facts in app.visit_queries.page(VisitQuestion(kiosk="K7")).items:
        made = app.visit_index.facts(app.sessions.load(facts.session).session)
        assert app.visit_index.get(facts.session) == made
        assert replace(facts, matched=made.matched) == made
    denied = app.visit_queries.page(VisitQuestion(outcome=Outcome.DENIED)).items[0]
    assert {entry.body["claimed"] for entry in app.index.of(denied.session)} == {"pada"}
    assert app.recordings.verify(denied.session).checked == denied.frames


def test_a_day_s_sums_are_kept_and_read_alike(stage: Stage) -> None:
    app = stage.app
    day = app.clock.now().date()
    app.visit.leave(stage.stored())
    app.fake_clock.advance(24 * 3600)
    fresh = app.tallies.of(day)
    assert app.tallies.of(day) == fresh
    assert sum(sums.visits for sums in fresh.values()) == 4
