"""The officer's questions, asked over HTTP of visits that people really made."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from azure.functions.blob import InputStream

from functions import http, kiosks, operators, recordings, visit_shapes, visits
from shared.domain.session import State
from tests.desk import Desk
from tests.stage import Stage

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Shrinking:
    """A thumbnailer that needs no codec."""

    def __init__(self) -> None:
        self.made = 0

    def small(self, image: bytes) -> bytes:
        self.made += 1
        return b"small " + image


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(monkeypatch, http, operators, kiosks, visits, visit_shapes, recordings)
    desk.app.__dict__["thumbnailer"] = Shrinking()
    desk.app.kiosks.create("K8", "Lisboa", "Europe/Lisbon")
    desk.stage.enrol("ada", "+12025550142")
    desk.stage.enrol("ben", "+12025550187")
    return desk


def granted(stage: Stage, name: str = "ada") -> str:
    stage.to_granted(name)
    stage.app.visit.leave(stage.stored())
    return stage.session


def denied(stage: Stage, name: str = "ada") -> str:
    stage.to_pin(name)
    for _ in range(3):
        stage.type_pin("000000" if stage.code() != "000000" else "000001")
    assert stage.state is State.DENIED
    return stage.session


def stranger(stage: Stage, *images: str) -> str:
    stage.begin()
    stage.show(*(images or ("zoe",) * 6))
    stage.app.visit.leave(stage.stored())
    return stage.session


def settle(desk: Desk) -> None:
    for blob in list(desk.app.fake_media.list("recordings")):
        desk.app.index.recording(blob.name)
    desk.app.fake_clock.advance(10)
    desk.app.index.settle_due()


def ask(desk: Desk, by: str = "otto", **params: str) -> list[str]:
    status, told = desk.call(visits.find, by, method="GET", params=params)
    assert status == 200, told
    return [item["id"] for item in told["items"]]


def one(desk: Desk, session: str, by: str = "otto") -> dict[str, Any]:
    status, told = desk.call(visits.one, by, method="GET", id=session)
    assert status == 200
    return dict(told)


def test_each_question_finds_its_visits_newest_first(desk: Desk) -> None:
    first = granted(desk.stage)
    second = denied(desk.stage)
    third = stranger(desk.stage)
    fourth = stranger(desk.stage, "zoe+yan", "zoe+yan")
    assert ask(desk) == [fourth, third, second, first]
    assert ask(desk, kiosk="K7") == [fourth, third, second, first]
    assert ask(desk, kiosk="K8") == []
    assert ask(desk, person="pada") == [second, first]
    assert ask(desk, claimed="pada") == [second]
    assert ask(desk, outcome="denied") == [second]
    assert ask(desk, reason="wrong_pin", kiosk="K7") == [second]
    assert ask(desk, faces="unknown") == [fourth, third]
    assert ask(desk, two="true", faces="unknown") == [fourth]
    assert ask(desk, session=first) == [first]
    assert ask(desk, reference=one(desk, third)["reference"]) == [third]


def test_the_summary_tells_how_it_went_and_names_for_officers_only(desk: Desk) -> None:
    session = granted(desk.stage)
    told = one(desk, session)
    assert (told["outcome"], told["assurance"], told["faces"], told["two"]) == ("granted", "full", "known", False)
    assert (told["kioskName"], told["timeZone"]) == ("Shibuya Station", "Asia/Tokyo")
    assert told["person"] == {"id": "pada", "name": "Ada"} and told["claimed"] is None
    assert (told["frames"], told["clips"], told["thumbnail"]) == (5, 1, 1)
    assert told["grantedS"] == pytest.approx(2.0, abs=0.5)
    viewer = one(desk, session, "vera")
    assert viewer["person"] == {"id": "pada", "name": None} and viewer["thumbnail"] is None


def test_a_face_that_was_matched_and_not_let_in_is_claimed(desk: Desk) -> None:
    told = one(desk, denied(desk.stage, "ben"))
    assert told["person"] is None
    assert told["claimed"] == {"id": "pben", "name": "Ben"}
    assert (told["outcome"], told["reason"]) == ("denied", "wrong_pin")


def test_a_visit_under_way_is_live_and_then_no_more(desk: Desk) -> None:
    desk.stage.to_pin("ada")
    _, told = desk.call(visits.live, "vera", method="GET")
    (item,) = told["items"]
    assert (item["id"], item["state"], item["outcome"], item["lastFrame"]) == (desk.stage.session, "pin", "live", 4)
    assert item["claimed"] == {"id": "pada", "name": None}
    desk.stage.show("ada", "ada")
    assert one(desk, desk.stage.session)["frames"] == 6
    assert ask(desk, outcome="live") == [desk.stage.session]
    desk.app.visit.leave(desk.stage.stored())
    assert desk.call(visits.live, "vera", method="GET")[1] == {"items": []}
    assert ask(desk, outcome="live") == []
    assert ask(desk, outcome="left") == [desk.stage.session]


def test_pages_follow_one_another_over_days_and_the_count_is_of_all(desk: Desk) -> None:
    made = []
    for _ in range(7):
        made.append(stranger(desk.stage))
        desk.app.fake_clock.advance(9 * 3600)
    span = {"from": "2026-11-21T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
    for question in ({}, {"outcome": "left"}, {"kiosk": "K7"}, {"faces": "unknown"}):
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            more = {"cursor": cursor} if cursor else {}
            _, told = desk.call(visits.find, "otto", method="GET", params={**span, **question, "limit": "2", **more})
            assert len(told["items"]) <= 2
            found += [item["id"] for item in told["items"]]
            cursor = told["cursor"]
        assert found == made[::-1]
        assert desk.call(visits.count, "otto", method="GET", params={**span, **question})[1] == {"count": 7}


def test_a_page_of_the_last_day_can_be_followed_while_time_passes(desk: Desk) -> None:
    made = [stranger(desk.stage) for _ in range(3)]
    _, first = desk.call(visits.find, "otto", method="GET", params={"limit": "2"})
    desk.app.fake_clock.advance(60)
    _, second = desk.call(visits.find, "otto", method="GET", params={"limit": "2", "cursor": first["cursor"]})
    assert [i["id"] for i in first["items"] + second["items"]] == made[::-1]
    foreign = {"limit": "2", "kiosk": "K7", "cursor": first["cursor"]}
    assert desk.code(visits.find, "otto", method="GET", params=foreign) == (400, "bad_cursor")


def test_between_two_and_three_at_the_kiosk_is_said_in_utc(desk: Desk) -> None:
    """A visit that lasts over midnight is found by when it began, in the kiosk's own day: here 00:30 in Tokyo."""
    clock = desk.app.fake_clock
    clock.set(datetime(2026, 11, 22, 14, 59, 50, tzinfo=UTC))  # 23:59:50 in Tokyo
    over_midnight = granted(desk.stage)
    clock.set(datetime(2026, 11, 22, 15, 30, tzinfo=UTC))
    after = granted(desk.stage)
    tokyo_day = {"from": "2026-11-22T00:00:00+09:00", "to": "2026-11-23T00:00:00+09:00", "kiosk": "K7"}
    next_day = {"from": "2026-11-23T00:00:00+09:00", "to": "2026-11-24T00:00:00+09:00", "kiosk": "K7"}
    assert ask(desk, **tokyo_day) == [over_midnight]
    assert ask(desk, **next_day) == [after]


def test_the_hour_that_comes_twice_in_a_dst_night_is_two_hours(desk: Desk) -> None:
    """In Lisbon on 2026-10-25 the clock goes from 02:00 back to 01:00: 01:30 is once +01:00 and once +00:00."""
    clock = desk.app.fake_clock
    clock.set(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    summer = stranger(desk.stage)
    clock.set(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    winter = stranger(desk.stage)
    assert ask(desk, **{"from": "2026-10-25T01:00:00+01:00", "to": "2026-10-25T02:00:00+01:00"}) == [summer]
    assert ask(desk, **{"from": "2026-10-25T01:00:00+00:00", "to": "2026-10-25T02:00:00+00:00"}) == [winter]
    whole_day = {"from": "2026-10-25T00:00:00+01:00", "to": "2026-10-26T00:00:00+00:00"}  # 25 hours
    assert ask(desk, **whole_day) == [winter, summer]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"from": "yesterday"}, "bad_question"),
        ({"from": "2026-11-22T10:00:00"}, "bad_question"),
        ({"kiosk": "k7"}, "bad_question"),
        ({"outcome": "fine"}, "bad_question"),
        ({"two": "maybe"}, "bad_question"),
        ({"session": "../x"}, "bad_question"),
        ({"limit": "0"}, "bad_limit"),
        ({"limit": "201"}, "bad_limit"),
        ({"cursor": "x"}, "bad_cursor"),
        ({"from": "2026-11-22T10:00:00Z", "to": "2026-11-22T09:00:00Z"}, "bad_range"),
        ({"from": "2020-11-22T10:00:00Z", "to": "2026-11-22T09:00:00Z"}, "bad_range"),
    ],
)
def test_what_is_no_question_is_refused(desk: Desk, params: dict[str, str], code: str) -> None:
    assert desk.code(visits.find, "otto", method="GET", params=params) == (400, code)


def test_the_timeline_tells_the_visit_and_never_a_digit(desk: Desk) -> None:
    stage = desk.stage
    stage.to_pin("ada")
    code = stage.code()
    desk.app.visit.touched(stage.now())
    stage.type_pin("000000" if code != "000000" else "000001")
    stage.show("ada+ben", "ada", "ada")
    desk.app.visit.leave(stage.stored())
    told = one(desk, stage.session)
    what = [event["what"] for event in told["timeline"]]
    at_the_pin = {"face_accepted", "pin_sent", "keypad_used", "pin_wrong"}  # at one moment of the test's clock
    assert (what[0], set(what[1:5]), what[5:]) == ("presence", at_the_pin, ["second_person", "cancelled", "ended"])
    assert [event["at"] for event in told["timeline"]] == sorted(event["at"] for event in told["timeline"])
    assert code not in str(told["timeline"])


def test_media_comes_whole_or_in_ranges_and_each_view_is_audited_once_a_minute(desk: Desk) -> None:
    session = granted(desk.stage)
    settle(desk)
    told = one(desk, session)
    assert [(m["kind"], m["number"]) for m in told["media"]][:2] == [("frame", 1), ("frame", 2)]
    assert told["media"][0]["faces"] == 1 and told["media"][0]["quality"] == "good"
    place: dict[str, Any] = {"id": session, "kind": "frame", "number": "1"}
    assert desk.call(visits.media, "otto", method="GET", **place) == (200, b"ada")
    for asked, status, got in (("bytes=0-1", 206, b"ad"), ("bytes=1-", 206, b"da"), ("bytes=-1", 206, b"a")):
        assert desk.call(visits.media, "otto", method="GET", headers={"Range": asked}, **place) == (status, got)
    assert desk.answer is not None and desk.answer.headers["Content-Range"] == "bytes 2-2/3"
    refused = desk.code(visits.media, "otto", method="GET", headers={"Range": "bytes=9-"}, **place)
    assert refused == (416, "range_not_satisfiable")
    assert [e["subjects"] for e in desk.audited("recording_viewed")] == [{"session": session}]
    desk.app.fake_clock.advance(61)
    desk.call(visits.media, "otto", method="GET", **place)
    desk.call(visits.media, "anna", method="GET", **place)
    assert len(desk.audited("recording_viewed")) == 3
    assert desk.code(visits.media, "vera", method="GET", **place) == (403, "forbidden")
    missing = {**place, "number": "99"}
    assert desk.code(visits.media, "otto", method="GET", **missing) == (404, "not_found")


def test_a_thumbnail_is_made_once(desk: Desk) -> None:
    session = granted(desk.stage)
    place: dict[str, Any] = {"id": session, "number": "1"}
    for _ in range(2):
        assert desk.call(visits.thumbnail, "otto", method="GET", **place) == (200, b"small ada")
    assert desk.app.__dict__["thumbnailer"].made == 1
    assert [i.name for i in desk.app.fake_media.list("thumbnails")] == [f"K7/2026-11-22/{session}/000001.jpg"]


def test_a_thumbnail_is_never_taken_for_the_picture_whose_name_it_has(desk: Desk) -> None:
    session = stranger(desk.stage, "zoe")
    name = f"K7/2026-11-22/{session}/000001.jpg"
    context: Any = SimpleNamespace(invocation_id="11111111-2222-3333-4444-555555555555")
    for container, entries in (("thumbnails", 0), ("recordings", 1)):
        blob = InputStream(data=b"zoe", name=f"{container}/{name}")
        asyncio.run(recordings.index_recording._function._func(blob, context))
        assert len(list(desk.app.index.of(session))) == entries


def test_a_recording_that_was_changed_or_taken_away_is_named(desk: Desk) -> None:
    session = granted(desk.stage)
    settle(desk)
    assert desk.call(visits.verify, "otto", id=session) == (200, {"checked": 6, "changed": [], "missing": []})
    media = desk.app.fake_media
    name = f"K7/2026-11-22/{session}/000002.jpg"
    info = media.info("recordings", name)
    assert info is not None
    media.put("recordings", name, b"eve", content_type="image/jpeg", etag=info.etag)
    media.delete("recordings", f"K7/2026-11-22/{session}/voice-01.wav")
    _, told = desk.call(visits.verify, "otto", id=session)
    assert told["changed"] == [{"kind": "frame", "number": 2}]
    assert told["missing"] == [{"kind": "voice", "number": 1}]


def test_what_is_held_is_found_as_held(desk: Desk) -> None:
    from shared.domain.roles import Operator, Role
    from shared.services.audit.entries import Ground
    from shared.services.deletion.holds import Held

    first, second, third = granted(desk.stage, "ada"), granted(desk.stage, "ben"), stranger(desk.stage)
    otto, why = Operator("otto", "otto", Role.OFFICER), Ground(reason="Theft reported", case="INC-9")
    desk.app.holds.lay(otto, Held.VISIT, third, why)
    desk.app.holds.lay(otto, Held.PERSON, "pada", why)
    assert ask(desk, held="true") == [third, first]
    assert desk.call(visits.count, "otto", method="GET", params={"held": "true"})[1] == {"count": 2}
    assert ask(desk, held="true", outcome="granted") == [first]
    assert [one(desk, s)["hold"] for s in (first, second, third)] == [True, False, True]
