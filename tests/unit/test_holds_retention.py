"""What is kept how long, told by visits that grow old; and the hold that keeps all of it."""

from datetime import timedelta
from typing import Any

import pytest

from functions import holds, http, kiosks, operators, people, retention
from shared.containers import MEDIA_INDEX, SESSION_LOG, SESSIONS
from shared.domain.errors import NotFound, Unavailable
from shared.domain.recording import CONTAINER
from shared.domain.roles import Operator, Role
from shared.domain.session import State, kiosk_day
from shared.ports import Query
from shared.services.audit.entries import ground
from shared.services.people.templates import Kind
from shared.services.recordings.index import folder
from tests.desk import Desk
from tests.stage import MODEL

WHY = {"reason": "Asked for by the court", "case": "INC-7"}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return new_desk(monkeypatch)


def new_desk(monkeypatch: pytest.MonkeyPatch, **chosen: object) -> Desk:
    desk = Desk(monkeypatch, http, operators, kiosks, people, holds, retention, **chosen)
    desk.stage.enrol("ada", "+12025550142")
    return desk


def settle(desk: Desk) -> str:
    desk.app.fake_clock.advance(10)
    for blob in list(desk.app.fake_media.list(CONTAINER)):
        desk.app.index.recording(blob.name)
    desk.app.index.settle_due()
    return desk.stage.session


def granted(desk: Desk) -> str:
    desk.stage.to_granted("ada")
    desk.app.visit.leave(desk.stage.stored())
    return settle(desk)


def denied(desk: Desk) -> str:
    desk.stage.to_pin("ada")
    for _ in range(3):
        desk.stage.type_pin("000000" if desk.stage.code() != "000000" else "000001")
    assert desk.stage.state is State.DENIED
    return settle(desk)


def left(desk: Desk) -> str:
    desk.stage.begin()
    desk.stage.show("nobody", "nobody")
    desk.app.visit.leave(desk.stage.stored())
    return settle(desk)


def kept(desk: Desk, session: str) -> set[str]:
    blobs = {blob.name.rpartition(".")[2] for blob in desk.app.fake_media.list(CONTAINER, folder(session))}
    documents = desk.app.fake_documents
    places = {
        "index": Query(MEDIA_INDEX, kiosk_day(session), {"session": session}),
        "log": Query(SESSION_LOG, session),
    }
    found = {name for name, query in places.items() if documents.count(query)}
    if documents.get(SESSIONS, kiosk_day(session), session):
        found.add("session")
    return blobs | found | ({"lists"} if desk.app.visit_index.get(session) else set())


def grow_old(desk: Desk, days: float) -> None:
    desk.app.fake_clock.advance(timedelta(days=days).total_seconds())
    desk.cookies.clear()  # nobody stays signed in for so long


ALL = {"jpg", "wav", "index", "log", "session", "lists"}


def test_pictures_go_by_how_the_visit_ended_then_clips_then_all_that_is_known(desk: Desk) -> None:
    visits = granted(desk), denied(desk), left(desk)
    grow_old(desk, 30)
    desk.app.retention.run()
    assert kept(desk, visits[0]) == ALL
    grow_old(desk, 1)
    run = desk.app.retention.run()
    assert (run.deleted, run.failed, run.held) == (2, 0, 0)  # the granted one's pictures and its clips
    assert [kept(desk, v) for v in visits] == [ALL - {"jpg", "wav", "index"}, ALL - {"wav"}, ALL - {"wav"}]
    grow_old(desk, 60)
    desk.app.retention.run()
    assert [kept(desk, v) for v in visits] == [{"log", "session", "lists"}] * 3
    grow_old(desk, 310)
    desk.app.retention.run()
    assert [kept(desk, v) for v in visits] == [set()] * 3


def test_no_recording_is_kept_longer_than_the_notice_says(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = new_desk(monkeypatch, recording_days=7)
    visits = granted(desk), denied(desk), left(desk)
    grow_old(desk, 8)
    desk.app.retention.run()
    assert all(not kept(desk, v) & {"jpg", "wav", "index"} for v in visits)


def test_the_picture_of_a_template_stays_as_long_as_the_template(desk: Desk) -> None:
    session = granted(desk)
    source = next(iter(desk.app.fake_media.list(CONTAINER, folder(session)))).name
    template = desk.app.templates.add("pada", Kind.FACE, MODEL, b"ada", at=desk.app.clock.now(), source=source)
    grow_old(desk, 401)
    desk.app.retention.run()
    assert [b.name for b in desk.app.fake_media.list(CONTAINER)] == [source]
    assert template and "index" in kept(desk, session)


def test_a_run_goes_only_so_far_and_the_next_one_on_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = new_desk(monkeypatch, retention_batch=10)
    visits = [left(desk) for _ in range(25)]
    grow_old(desk, 91)
    left_over = []
    for _ in range(6):
        desk.app.retention.run()
        left_over.append(sum("jpg" in kept(desk, v) for v in visits))
    assert left_over[-1] == 0
    assert left_over == sorted(left_over, reverse=True) and left_over[0] > 0


def test_what_failed_is_tried_again_and_holds_nothing_else_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = left(desk), left(desk)
    grow_old(desk, 91)
    whole = desk.app.removal.of

    def failing(kind: Any, session: str) -> bool:
        if session == first:
            raise Unavailable("storage")
        return whole(kind, session)

    monkeypatch.setattr(desk.app.removal, "of", failing)
    assert desk.app.retention.run().failed >= 1
    assert "jpg" in kept(desk, first) and "jpg" not in kept(desk, second)
    monkeypatch.setattr(desk.app.removal, "of", whole)
    assert desk.app.retention.run().deleted >= 1
    assert "jpg" not in kept(desk, first)


def lay(desk: Desk, by: str = "otto", **subject: str) -> dict[str, Any]:
    status, told = desk.call(holds.lay, by, body={**WHY, **subject})
    assert status == 201
    return dict(told)


def test_a_hold_on_a_visit_keeps_it_until_it_is_released_and_no_longer(desk: Desk) -> None:
    session, other = granted(desk), granted(desk)
    hold = lay(desk, visit=session)
    grow_old(desk, 401)
    assert desk.app.retention.run().held > 0
    assert kept(desk, session) == ALL and kept(desk, other) == set()
    desk.app.retention.run()
    assert kept(desk, session) == ALL
    assert desk.call(holds.release, "anna", body={"reason": "The case is closed"}, id=hold["id"])[0] == 200
    desk.app.retention.run()
    assert kept(desk, session) == set()


def test_a_hold_on_a_person_keeps_every_visit_of_theirs_granted_or_not(desk: Desk) -> None:
    desk.stage.enrol("ben", "+12025550187")
    visits = granted(desk), denied(desk)
    foreign = left(desk)
    lay(desk, person="pada")
    grow_old(desk, 401)
    desk.app.retention.run()
    assert [kept(desk, v) for v in visits] == [ALL, ALL - {"wav"}]
    assert kept(desk, foreign) == set()


def test_a_hold_suspends_an_erasure_which_resumes_by_itself(desk: Desk) -> None:
    session = granted(desk)
    hold = lay(desk, person="pada")
    status, told = desk.call(people.erase, "anna", body=WHY, id="pada")
    assert (status, told["held"]) == (202, True)
    assert desk.app.erase.resume() == 0
    assert "jpg" in kept(desk, session)
    desk.call(holds.release, "anna", body=WHY, id=hold["id"])
    assert desk.app.erase.resume() == 1
    assert desk.app.people.get("pada") is None and "jpg" not in kept(desk, session)


def test_so_does_a_hold_on_one_of_their_visits(desk: Desk) -> None:
    session = granted(desk)
    lay(desk, visit=session)
    assert desk.call(people.erase, "anna", body=WHY, id="pada")[0] == 202


def test_a_hold_names_who_laid_it_and_why_and_is_in_the_audit(desk: Desk) -> None:
    session = granted(desk)
    hold = lay(desk, visit=session)
    assert (hold["kind"], hold["subject"], hold["case"], hold["by"]) == ("visit", session, "INC-7", "otto")
    desk.call(holds.release, "anna", body=WHY, id=hold["id"])
    _, told = desk.call(holds.holds, "otto", method="GET")
    assert told["items"][0]["released"]["by"] == "anna"
    assert desk.call(holds.holds, "otto", method="GET", params={"open": "true"})[1]["items"] == []
    (laid,), (released,) = desk.audited("hold_laid"), desk.audited("hold_released")
    assert laid["subjects"] == {"visit": session, "hold": hold["id"]} and released["operator"] == "anna"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**WHY, "visit": "K7_20261122_" + "a" * 24}, (404, "not_found")),
        ({**WHY, "visit": "nonsense"}, (404, "not_found")),
        ({**WHY, "visit": "K7_2026/../x_y"}, (404, "not_found")),
        ({**WHY, "person": "a\\b"}, (404, "not_found")),
        ({**WHY, "person": "pnobody"}, (404, "not_found")),
        ({**WHY}, (400, "bad_subject")),
        ({**WHY, "visit": "x", "person": "pada"}, (400, "bad_subject")),
        ({"person": "pada"}, (400, "reason_needed")),
        ({"person": "pada", "reason": "Asked for by the court"}, (400, "case_needed")),
    ],
)
def test_what_is_no_hold_is_refused(desk: Desk, body: dict[str, str], code: tuple[int, str]) -> None:
    assert desk.code(holds.lay, "otto", body=body) == code


def test_a_hold_is_released_once_and_not_by_an_officer(desk: Desk) -> None:
    hold = lay(desk, person="pada")
    assert desk.call(holds.release, "otto", body=WHY, id=hold["id"])[0] == 403
    assert desk.call(holds.release, "anna", body=WHY, id=hold["id"])[0] == 200
    assert desk.code(holds.release, "anna", body=WHY, id=hold["id"]) == (404, "not_found")


def test_a_dry_run_lists_what_the_next_run_deletes_and_deletes_nothing(desk: Desk) -> None:
    session, other = granted(desk), denied(desk)
    lay(desk, visit=other)
    grow_old(desk, 91)
    before = kept(desk, session)
    _, told = desk.call(retention.preview, "otto", body={})
    assert [(i["visit"], i["kind"], i["rule"]) for i in told["items"]] == [
        (session, "frame", "frame.granted"),
        (session, "voice", "voice.any"),
    ]
    assert kept(desk, session) == before
    assert desk.app.retention.run().deleted == 2
    assert desk.call(retention.preview, "otto", body={})[1]["items"] == []


def test_a_long_dry_run_goes_on_page_by_page(desk: Desk) -> None:
    visits = {left(desk) for _ in range(7)}
    grow_old(desk, 91)
    found: list[str] = []
    cursor = None
    while True:
        _, told = desk.call(retention.preview, "otto", body={"limit": 3, **({"cursor": cursor} if cursor else {})})
        found += [item["visit"] for item in told["items"] if item["kind"] == "frame"]
        cursor = told["cursor"]
        if cursor is None:
            break
    assert sorted(found) == sorted(visits)
    assert desk.code(retention.preview, "otto", body={"cursor": "x"}) == (400, "bad_cursor")
    long_ago = desk.call(retention.preview, "otto", body={"cursor": "frame.any~0001-01-01~"})
    assert len(long_ago[1]["items"]) == 7  # from where the rule stands, not from the year 1
    assert desk.code(retention.preview, "otto", body={"limit": 0}) == (400, "bad_limit")


def test_the_rules_and_the_last_run_can_be_looked_up(desk: Desk) -> None:
    assert desk.call(retention.rules, "otto", method="GET")[1]["lastRun"] is None
    desk.app.retention.run()
    _, told = desk.call(retention.rules, "otto", method="GET")
    assert {"kind": "frame", "outcome": "denied", "days": 90} in told["rules"]
    assert told["lastRun"] == {"at": "2026-11-22T12:00:00.000Z", "deleted": 0, "failed": 0, "held": 0}


def test_what_was_made_of_a_recording_goes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thumbnails, and an export that somebody asked for on the last day."""
    desk = new_desk(monkeypatch)
    session, other = granted(desk), left(desk)
    for visit in (session, other):
        desk.app.fake_media.put("thumbnails", f"{folder(visit)}000001.jpg", b"small", content_type="image/jpeg")
    grow_old(desk, 31)
    otto = Operator("otto", "Otto", Role.OFFICER)
    made = [desk.app.exports.ask(otto, ground(*WHY.values()), visit=v, question=None) for v in (session, other)]
    desk.app.export_work.run(timedelta(minutes=1))
    desk.app.retention.run()
    assert [info.name for info in desk.app.fake_media.list("thumbnails")] == [f"{folder(other)}000001.jpg"]
    with pytest.raises(NotFound):
        desk.app.exports.get(made[0].id)
    assert any(session not in info.name for info in desk.app.fake_media.list("exports"))
    blobs = b"".join(data for (c, _), (data, _) in desk.app.fake_media._blobs.items() if c == "exports")
    assert session.encode() not in blobs
