"""Recordings in a real blob store: tags that lead to them, exports block by block, thumbnails, the terminal's tool."""

import base64
import hashlib
import io
import json
import os
import secrets
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from shared.adapters.azure_media import AzureMedia
from shared.adapters.cursors import Cursors
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.containers import MEDIA_INDEX, VISITS
from shared.domain.errors import MediaRejected, NotFound
from shared.domain.images import image_header
from shared.domain.roles import Operator, Role
from shared.engines.thumbnail import HEIGHT, CvThumbnailer
from shared.ports import Media, Query
from shared.services.audit.entries import Ground
from shared.services.exports import work as export_work
from shared.services.recordings.visit_query import VisitQuestion
from tests.fakes import FakeRandomness, fake_keys
from tests.functional.storage import Azurite
from tests.stage import Stage, StageApp
from tools import recordings

WHY = Ground(reason="Asked for by the police", case="INC-7")
OTTO = Operator("otto", "otto", Role.OFFICER)


@pytest.fixture
def media(azurite: Azurite) -> Iterator[AzureMedia]:
    store = AzureMedia.with_connection_string(azurite.connection_string, connect_timeout=20, read_timeout=60)
    yield store
    store.close()


@pytest.fixture
def stage(media: AzureMedia) -> Stage:
    """A stage whose recordings lie in the real store; its visits have ids of their own in each test."""
    app = StageApp()
    app.randomness = FakeRandomness(secrets.randbelow(2**40))  # type: ignore[assignment]
    app.__dict__["media"] = media
    stage = Stage(app)
    stage.enrol("ada")
    return stage


def granted(stage: Stage) -> str:
    stage.to_granted("ada")
    stage.app.visit.leave(stage.stored())
    stage.app.fake_clock.advance(10)
    stage.app.index.settle_due()
    return stage.session


def test_tags_lead_from_any_question_to_the_recordings(stage: Stage, media: AzureMedia) -> None:
    session = granted(stage)
    asked = f"\"session\" = '{session}' AND \"outcome\" = 'granted' AND \"person\" = 'pada' AND \"kind\" = 'voice'"
    assert list(media.find("recordings", asked)) == [f"K7/2026-11-22/{session}/voice-01.wav"]
    in_days = f"\"session\" = '{session}' AND \"day\" >= '2026-11-22' AND \"day\" <= '2026-11-22'"
    assert len(list(media.find("recordings", in_days))) == 6


def test_the_terminal_shows_visits_and_files_without_app_and_database(
    stage: Stage, azurite: Azurite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    session = granted(stage)
    monkeypatch.setenv("AzureWebJobsStorage", azurite.connection_string)
    assert recordings.main(["visits", "--session", session, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["session"], row["outcome"], row["person"], row["frames"], row["clips"]) == (
        session, "granted", "pada", 5, 1
    )  # fmt: skip
    assert recordings.main(["visits", "--outcome", "granted", "--from", "2026-11-22", "--session", session]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[0].startswith("reference") and session in told.out and "1 found" in told.err
    assert recordings.main(["files", "--session", session, "--kind", "frame", "--json"]) == 0
    names = [row["name"] for row in json.loads(capsys.readouterr().out)]
    assert names == [f"K7/2026-11-22/{session}/00000{n}.jpg" for n in range(1, 6)]
    assert recordings.main(["get", names[0], "--out", str(tmp_path / "first.jpg")]) == 0
    assert (tmp_path / "first.jpg").read_bytes() == b"ada"
    assert recordings.main(["visits", "--person", "x' OR 'a' = 'a"]) == 1
    assert "cannot be a person" in capsys.readouterr().err


def test_an_export_is_written_block_by_block_and_whole_after_a_stop(
    stage: Stage, media: AzureMedia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_work, "BLOCK", 300)
    app = stage.app
    sessions = [granted(stage), granted(stage)]
    export = app.exports.ask(OTTO, WHY, visit=None, question=app.visit_queries.fixed(VisitQuestion(person="pada")))

    class Stop(Exception):
        pass

    staged = media.stage
    left = [3]

    def stopping(*args: object) -> None:
        staged(*args)  # type: ignore[arg-type]
        left[0] -= 1
        if left[0] == 0:
            raise Stop

    monkeypatch.setattr(media, "stage", stopping)
    with pytest.raises(Stop):
        app.export_work.run(timedelta(minutes=1))
    monkeypatch.setattr(media, "stage", staged)
    app.fake_clock.advance(91)
    assert app.export_work.run(timedelta(minutes=1)) == 1
    done = app.exports.get(export.id)
    data = media.read("exports", done.blob)
    assert (len(data), hashlib.sha256(data).hexdigest()) == (done.size, done.sha256)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    told = [json.loads(archive.read(n))["visit"]["session"] for n in archive.namelist() if n.endswith("visit.json")]
    assert told == sessions[::-1]


def test_a_blob_of_missing_blocks_is_not_made(media: Media) -> None:
    name = f"{secrets.token_hex(6)}.zip"
    media.stage("exports", name, 0, b"a")
    media.stage("exports", name, 2, b"c")
    with pytest.raises(NotFound):
        media.commit("exports", name, 3, content_type="application/zip")
    media.stage("exports", name, 1, b"x")
    media.stage("exports", name, 1, b"b")
    first = media.commit("exports", name, 3, content_type="application/zip")
    assert (first.size, first.content_type, media.read("exports", name)) == (3, "application/zip", b"abc")
    assert media.commit("exports", name, 3, content_type="application/zip").size == 3


def test_blocks_that_were_never_made_a_blob_go_with_their_export(stage: Stage, media: AzureMedia) -> None:
    app = stage.app
    export = app.exports.ask(OTTO, WHY, visit=None, question=app.visit_queries.fixed(VisitQuestion(person="pada")))
    media.stage("exports", export.blob, 0, b"a face")
    app.exports.remove(export)
    with pytest.raises(NotFound):
        media.commit("exports", export.blob, 1, content_type="application/zip")


def test_a_thumbnail_is_small_and_made_once(stage: Stage, media: AzureMedia) -> None:
    picture = np.random.default_rng(7).integers(0, 255, (480, 640, 3), np.uint8)
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    stage.begin()
    media.put("recordings", f"K7/2026-11-22/{stage.session}/000001.jpg", jpeg, content_type="image/jpeg")
    small = stage.app.thumbnails.of(stage.session, 1)
    header = image_header(small)
    assert (header.width, header.height) == (213, HEIGHT)
    assert (
        stage.app.thumbnails.of(stage.session, 1)
        == small
        == media.read("thumbnails", f"K7/2026-11-22/{stage.session}/000001.jpg")
    )
    stage.app.thumbnails.forget([stage.session])
    assert list(media.list("thumbnails", f"K7/2026-11-22/{stage.session}/")) == []


def test_what_is_no_picture_becomes_none(stage: Stage) -> None:
    with pytest.raises(MediaRejected):
        CvThumbnailer(1_000_000, 10_000_000).small(b"\xff\xd8\xff no picture")


def test_the_index_is_rebuilt_from_the_real_store(stage: Stage) -> None:
    session = granted(stage)
    app = stage.app
    before = app.visit_index.get(session)
    app.fake_documents._kept.clear()
    rebuilt = app.rebuild.run(f"K7/2026-11-22/{session}/")
    assert (rebuilt.visits, rebuilt.recordings) == (1, 6)
    after = app.visit_index.get(session)
    assert before is not None and after is not None
    assert (after.reference, after.at, after.outcome, after.person) == (
        before.reference, before.at, before.outcome, before.person
    )  # fmt: skip
    assert app.recordings.verify(session).changed == ()


def test_the_terminal_makes_the_index_anew_in_an_empty_database(stage: Stage, azurite: Azurite, tmp_path: Path) -> None:
    session = granted(stage)
    database = tmp_path / "documents.sqlite"
    settings = {
        "AzureWebJobsStorage": azurite.connection_string,
        "ATM_KEYS": f"k1:{base64.b64encode(bytes(32)).decode()}",
        "SQLITE_PATH": str(database),
    }
    command = [sys.executable, "-m", "tools.rebuild_index", "--prefix", f"K7/2026-11-22/{session}/"]
    run = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout) == (0, "6 recordings of 1 visits\n"), run.stderr
    documents = SqliteDocuments(database, stage.app.clock, Cursors(fake_keys()))
    try:
        entry = documents.get(VISITS, "day:2026-11-22", session)
        assert entry is not None and (entry.body["outcome"], entry.body["person"]) == ("granted", "pada")
        assert documents.count(Query(MEDIA_INDEX, "K7_20261122", {"session": session})) == 6
    finally:
        documents.close()
