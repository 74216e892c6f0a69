"""Exports: asked for with a reason, written block by block, whole after any crash, fetched, and gone."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

import pytest

from functions import exports, http, kiosks, operators, visit_shapes, visits
from shared.containers import EXPORTS
from shared.domain.roles import Operator, Role
from shared.services.audit.entries import Ground
from shared.services.exports import work as export_work
from tests.desk import Desk
from tests.unit.test_visits_http import denied, granted, settle, stranger

WHY = {"reason": "Asked for by the police", "case": "INC-7"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(monkeypatch, http, operators, kiosks, visits, visit_shapes, exports)
    desk.stage.enrol("ada", "+12025550142")
    desk.stage.enrol("ben", "+12025550187")
    return desk


def ask(desk: Desk, **what: Any) -> str:
    status, told = desk.call(exports.ask, "otto", body={**what, **WHY})
    assert (status, told["state"]) == (202, "waiting")
    return str(told["id"])


def state(desk: Desk, export: str) -> dict[str, Any]:
    return dict(desk.call(exports.state, "otto", method="GET", id=export)[1])


def fetched(desk: Desk, export: str) -> zipfile.ZipFile:
    status, data = desk.call(exports.file, "otto", method="GET", id=export)
    assert status == 200
    assert hashlib.sha256(data).hexdigest() == state(desk, export)["sha256"]
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    for line in archive.read("manifest.sha256").decode().splitlines():
        sha, _, name = line.partition("  ")
        assert hashlib.sha256(archive.read(name)).hexdigest() == sha
    named = {line.partition("  ")[2] for line in archive.read("manifest.sha256").decode().splitlines()}
    assert named == set(archive.namelist()) - {"manifest.sha256"}
    return archive


def test_a_visit_leaves_with_its_media_its_story_a_report_and_a_manifest(desk: Desk) -> None:
    session = granted(desk.stage)
    settle(desk)
    export = ask(desk, visit=session)
    assert desk.app.export_work.run(MINUTE) == 1
    told = state(desk, export)
    assert (told["state"], told["done"], told["total"]) == ("done", 1, 1)
    archive = fetched(desk, export)
    assert archive.namelist() == [
        *(f"media/00000{n}.jpg" for n in range(1, 6)), "media/voice-01.wav", "report.html", "visit.json",
        "manifest.sha256",
    ]  # fmt: skip
    assert archive.read("media/000001.jpg") == b"ada"
    story = json.loads(archive.read("visit.json"))
    assert story["visit"]["session"] == session and story["visit"]["personName"] == "Ada"
    assert [m["changed"] for m in story["media"]] == [False] * 6
    assert {"granted", "pin_sent"} <= {event["what"] for event in story["timeline"]}
    page = archive.read("report.html").decode()
    assert "<th scope=row>Granted to</th><td>Ada</td>" in page and "<td>Pin sent</td>" in page
    assert 'src="media/000001.jpg"' in page and "<script" not in page and "http://" not in page


def test_the_answers_to_a_question_leave_together_a_folder_each(desk: Desk) -> None:
    wanted = [denied(desk.stage), denied(desk.stage, "ben")]
    stranger(desk.stage)
    settle(desk)
    export = ask(desk, query={"outcome": "denied"})
    desk.app.export_work.run(MINUTE)
    archive = fetched(desk, export)
    found = [json.loads(archive.read(n))["visit"]["session"] for n in archive.namelist() if n.endswith("visit.json")]
    assert found == wanted[::-1]
    page = archive.read("report.html").decode()
    folders = {PurePosixPath(n).parts[0] for n in archive.namelist() if "/" in n}
    assert len(folders) == 2 and all(f'href="{folder}/report.html"' in page for folder in folders)


def test_no_name_and_no_reason_can_bring_markup_into_the_report(desk: Desk) -> None:
    desk.app.kiosks.create("K9", '<img src=x onerror="alert(1)">', "UTC")
    session, _ = desk.app.visit.start("K9", "en")
    export = ask(desk, visit=session.id)
    desk.app.export_work.run(MINUTE)
    page = fetched(desk, export).read("report.html").decode()
    assert "<img src=x" not in page and "&lt;img src=x" in page


class Crash(Exception):
    pass


def crashes(desk: Desk, after: int) -> Iterator[None]:
    """From now on the process dies at the `after`-th write of the export, wherever that is."""
    left = [after]
    media, documents = desk.app.fake_media, desk.app.fake_documents
    stage, replace, commit = media.stage, documents.replace, media.commit

    def dying(call: Any) -> Any:
        def inner(*args: Any, **more: Any) -> Any:
            done = call(*args, **more)
            left[0] -= 1
            if left[0] == 0:
                raise Crash
            return done

        return inner

    media.stage, documents.replace, media.commit = dying(stage), dying(replace), dying(commit)  # type: ignore[method-assign]
    yield
    media.stage, documents.replace, media.commit = stage, replace, commit  # type: ignore[method-assign]


@pytest.mark.parametrize("block", [1, 400, 4_000_000])
def test_wherever_the_process_dies_the_export_is_finished_as_if_nothing_had_been(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(export_work, "BLOCK", block)
    for name in ("ada", "ben"):
        granted(desk.stage, name)
    settle(desk)
    whole = ask(desk, query={"outcome": "granted"})
    desk.app.export_work.run(MINUTE)
    expected = fetched(desk, whole)
    for after in range(1, 100):
        export = ask(desk, query={"outcome": "granted"})
        dying = crashes(desk, after)
        next(dying)
        try:
            desk.app.export_work.run(MINUTE)
            survived = True
        except Crash:
            survived = False
        next(dying, None)
        desk.app.fake_clock.advance(91)  # the lease of the dead one runs out
        desk.app.export_work.run(MINUTE)
        again = fetched(desk, export)
        assert again.namelist() == expected.namelist()
        desk.app.exports.remove(desk.app.exports.get(export))
        if survived:
            return
    pytest.fail("it never got through")


def test_a_long_export_takes_several_runs_and_tells_how_far_it_is(desk: Desk) -> None:
    for _ in range(3):
        granted(desk.stage)
    settle(desk)
    export = ask(desk, query={"outcome": "granted"})
    seen = []
    for _ in range(4):
        desk.app.export_work.run(timedelta(microseconds=1))
        desk.app.fake_clock.advance(1)
        seen.append(state(desk, export)["done"])
    assert seen == sorted(seen)
    assert state(desk, export)["state"] in {"running", "done"}
    desk.app.export_work.run(MINUTE)
    assert state(desk, export)["done"] == 3
    fetched(desk, export)


def test_no_block_is_larger_than_its_measure_and_one_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """So memory stays flat, however many visits there are."""
    monkeypatch.setattr(export_work, "BLOCK", 3_000)
    for _ in range(8):
        granted(desk.stage)
    settle(desk)
    ask(desk, query={"outcome": "granted"})
    desk.app.export_work.run(MINUTE)
    sizes = [len(data) for data in desk.app.fake_media.staged.values()]
    largest = max(len(data) for (_, name), (data, _) in desk.app.fake_media._blobs.items() if name.endswith(".jpg"))
    assert len(sizes) > 8 and max(sizes) < 3_000 + largest + 8_000  # a visit's page and story are its largest files


def test_two_who_write_at_once_do_not_spoil_it(desk: Desk) -> None:
    session = granted(desk.stage)
    settle(desk)
    export = ask(desk, visit=session)
    first = desk.app.exports.get(export)
    desk.app.export_work.run(MINUTE)
    assert desk.app.export_work._try(first, desk.app.clock.now() + MINUTE) is False
    fetched(desk, export)


def test_a_changed_recording_is_named_in_the_export(desk: Desk) -> None:
    session = granted(desk.stage)
    settle(desk)
    name = f"K7/2026-11-22/{session}/000003.jpg"
    info = desk.app.fake_media.info("recordings", name)
    assert info is not None
    desk.app.fake_media.put("recordings", name, b"eve", content_type="image/jpeg", etag=info.etag)
    export = ask(desk, visit=session)
    desk.app.export_work.run(MINUTE)
    archive = fetched(desk, export)
    story = json.loads(archive.read("visit.json"))
    assert [m["number"] for m in story["media"] if m["changed"]] == [3]
    assert "changed since it was recorded" in archive.read("report.html").decode()


def test_it_needs_a_reason_and_every_step_is_audited(desk: Desk) -> None:
    session = granted(desk.stage)
    assert desk.code(exports.ask, "otto", body={"visit": session}) == (400, "reason_needed")
    assert desk.code(exports.ask, "vera", body={"visit": session, **WHY}) == (403, "forbidden")
    bad: list[dict[str, Any]] = [{}, {"visit": session, "query": {}}, {"query": {"colour": "red"}}, {"query": []}]
    for wrong in bad:
        assert desk.code(exports.ask, "otto", body={**wrong, **WHY}) == (400, "bad_question")
    unknown = session[:-1] + ("a" if session[-1] != "a" else "b")
    assert desk.code(exports.ask, "otto", body={"visit": unknown, **WHY}) == (404, "not_found")
    assert desk.audited("export_asked") == []
    export = ask(desk, visit=session)
    assert desk.code(exports.file, "otto", method="GET", id=export) == (404, "not_found")
    desk.app.export_work.run(MINUTE)
    fetched(desk, export)
    (asked,) = desk.audited("export_asked")
    assert (asked["subjects"], asked["reason"]) == ({"export": export, "session": session}, WHY["reason"])
    assert [e["subjects"] for e in desk.audited("export_fetched")] == [{"export": export}]


def test_it_comes_in_ranges(desk: Desk) -> None:
    export = ask(desk, visit=granted(desk.stage))
    desk.app.export_work.run(MINUTE)
    _, whole = desk.call(exports.file, "otto", method="GET", id=export)
    pieces, offset = b"", 0
    while offset < len(whole):
        asked = {"Range": f"bytes={offset}-{offset + 499}"}
        status, part = desk.call(exports.file, "otto", method="GET", headers=asked, id=export)
        assert status == 206
        pieces, offset = pieces + part, offset + len(part)
    assert pieces == whole


def test_after_some_hours_nothing_of_it_is_left(desk: Desk) -> None:
    export = ask(desk, visit=granted(desk.stage))
    desk.app.export_work.run(MINUTE)
    desk.app.fake_clock.advance(24 * 3600 + 1)
    desk.cookies.clear()
    assert desk.code(exports.file, "otto", method="GET", id=export) == (404, "not_found")
    desk.app.export_work.run(MINUTE)
    assert list(desk.app.fake_media.list("exports")) == []
    assert desk.app.fake_documents._kept.get(EXPORTS.name) == {}


def test_an_erased_person_is_in_no_export_and_no_thumbnail(desk: Desk) -> None:
    class Shrinking:
        def small(self, image: bytes) -> bytes:
            return b"small " + image

    desk.app.__dict__["thumbnailer"] = Shrinking()
    mine, other = granted(desk.stage, "ada"), granted(desk.stage, "ben")
    settle(desk)
    for session in (mine, other):
        desk.app.thumbnails.of(session, 1)
    ask(desk, query={"outcome": "granted"})
    without = ask(desk, visit=other)
    ask(desk, visit=mine)
    desk.app.export_work.run(MINUTE)
    waiting = ask(desk, visit=mine)
    anna = Operator("anna", "anna", Role.ADMIN)
    assert desk.app.erase.person(anna, "pada", Ground(reason="Asked for in writing")).done
    assert [e.id for e in desk.app.exports.all()] == [without]
    assert [i.name for i in desk.app.fake_media.list("exports")] == [f"{without}.zip"]
    assert [i.name for i in desk.app.fake_media.list("thumbnails")] == [f"K7/2026-11-22/{other}/000001.jpg"]
    desk.app.fake_clock.advance(100)
    assert desk.app.export_work.run(MINUTE) == 0
    assert waiting not in {e.id for e in desk.app.exports.all()}


def test_an_export_removed_while_it_is_written_leaves_no_block_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_work, "BLOCK", 1)
    session = granted(desk.stage)
    settle(desk)
    ask(desk, visit=session)
    media, stage, left = desk.app.fake_media, desk.app.fake_media.stage, [3]

    def erasing(*args: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            desk.app.exports.forget({session})
        stage(*args)

    monkeypatch.setattr(media, "stage", erasing)
    assert desk.app.export_work.run(MINUTE) == 0
    assert left[0] == 0
    assert (media.staged, list(media.list("exports")), list(desk.app.exports.all())) == ({}, [], [])


def test_a_store_that_is_down_costs_time_only(desk: Desk) -> None:
    export = ask(desk, visit=granted(desk.stage))
    desk.app.fake_media.down = True
    assert desk.app.export_work.run(MINUTE) == 0
    desk.app.fake_media.down = False
    desk.app.fake_clock.advance(91)
    assert desk.app.export_work.run(MINUTE) == 1
    fetched(desk, export)


def test_what_fails_twenty_times_is_given_up(desk: Desk) -> None:
    export = ask(desk, visit=granted(desk.stage))
    desk.app.fake_media.down = True
    for _ in range(21):
        desk.app.fake_clock.advance(91)
        desk.app.export_work.run(MINUTE)
    desk.cookies.clear()
    assert state(desk, export)["state"] == "failed"
