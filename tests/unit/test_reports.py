"""What is added up: charts for the console, reports without names for programs, and the nightly files."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from functions import exports, http, kiosks, operators, reports, visit_shapes, visits
from shared.containers import VISITS
from shared.domain.tally import Sums
from tests.desk import Desk
from tests.unit.test_visits_http import denied, granted, stranger

KEY = "a-report-key-of-enough-characters-1"
FIRST_COLUMNS = ["visit", "reference", "kiosk", "kiosk_name", "time_zone", "began_utc", "began_local", "ended_utc"]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    modules = (http, operators, kiosks, visits, visit_shapes, exports, reports)
    desk = Desk(monkeypatch, *modules, report_key=KEY)
    desk.stage.enrol("ada", "+12025550142")
    desk.stage.enrol("ben", "+12025550187")
    return desk


def chart(desk: Desk, **params: str) -> dict[str, Any]:
    status, told = desk.call(reports.charts, "vera", method="GET", params=params)
    assert status == 200, told
    return dict(told)


def report(desk: Desk, function: Any, **params: str) -> Any:
    status, told = desk.call(function, method="GET", params=params, headers={"x-report-key": KEY})
    assert status == 200, told
    return told


def test_a_chart_counts_visits_grants_and_denials_and_why(desk: Desk) -> None:
    granted(desk.stage)
    denied(desk.stage)
    desk.app.fake_clock.advance(3600)
    granted(desk.stage, "ben")
    stranger(desk.stage)
    told = chart(desk)
    assert told["hours"] == [
        {"at": "2026-11-22T12:00:00.000Z", "visits": 2, "granted": 1, "denied": 1},
        {"at": "2026-11-22T13:00:00.000Z", "visits": 2, "granted": 1, "denied": 0},
    ]
    assert told["reasons"] == [{"reason": "wrong_pin", "count": 1}, {"reason": "cancelled", "count": 1}]
    assert told["kiosks"] == [{"kiosk": "K7", "visits": 4, "granted": 2, "denied": 1}]
    assert told["timeToGrant"]["medianS"] == pytest.approx(2.5, abs=0.5)
    assert chart(desk, kiosk="K8")["hours"] == []
    one_hour = {"from": "2026-11-22T13:00:00Z", "to": "2026-11-22T14:00:00Z"}
    assert [h["visits"] for h in chart(desk, **one_hour)["hours"]] == [2]
    assert chart(desk, **one_hour)["reasons"] == [{"reason": "cancelled", "count": 1}]


def test_a_day_that_is_over_is_added_up_once_and_says_the_same(desk: Desk) -> None:
    granted(desk.stage)
    denied(desk.stage)
    span = {"from": "2026-11-22T00:00:00Z", "to": "2026-11-23T00:00:00Z"}
    fresh = chart(desk, **span)
    assert desk.app.documents.get(VISITS, "tally", "2026-11-22") is None
    desk.app.fake_clock.advance(15 * 3600)
    desk.cookies.clear()
    assert chart(desk, **span) == fresh
    kept = desk.app.documents.get(VISITS, "tally", "2026-11-22")
    assert kept is not None and "pada" not in json.dumps(kept.body)
    assert chart(desk, **span) == fresh


def test_quantiles_are_of_all_grants() -> None:
    sums = Sums()
    sums.steps.update({8: 90, 19: 6, 40: 4})
    assert (sums.quantile_s(0.5), sums.quantile_s(0.95), sums.quantile_s(1.0)) == (4.5, 10.0, 20.5)
    assert Sums().quantile_s(0.5) is None


def test_the_report_of_visits_has_pseudonyms_and_no_names(desk: Desk) -> None:
    first, second = granted(desk.stage), denied(desk.stage)
    told = report(desk, reports.visits)
    assert told["schema"] == "face-atm.report.visits.1"
    assert told["columns"][:8] == FIRST_COLUMNS
    newest, oldest = told["rows"]
    assert (newest["visit"], oldest["visit"]) == (second, first)
    assert oldest["person"] == newest["matched"] and len(oldest["person"]) == 20
    assert oldest["began_local"].endswith("+09:00") and oldest["time_zone"] == "Asia/Tokyo"
    assert "Ada" not in json.dumps(told) and "pada" not in json.dumps(told)


def test_as_csv_no_cell_can_become_a_formula(desk: Desk) -> None:
    desk.app.kiosks.create("K9", "=HYPERLINK(0)", "UTC")
    desk.app.visit.start("K9", "en")
    rows = list(csv.DictReader(io.StringIO(report(desk, reports.visits, format="csv").decode("utf-8-sig"))))
    assert [row["kiosk_name"] for row in rows] == ["'=HYPERLINK(0)"]
    assert rows[0]["two_in_view"] == "false" and rows[0]["person"] == ""


def test_pages_of_a_report_follow_one_another(desk: Desk) -> None:
    made = [stranger(desk.stage, "zoe") for _ in range(5)]
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        text = report(desk, reports.visits, format="csv", limit="2", **more).decode("utf-8-sig")
        found += [row["visit"] for row in csv.DictReader(io.StringIO(text))]
        assert desk.answer is not None
        cursor = desk.answer.headers.get("X-Next-Cursor")
        if cursor is None:
            break
        more = {"cursor": cursor}
    assert found == made[::-1]


def test_the_daily_report_has_a_row_for_each_day_and_kiosk(desk: Desk) -> None:
    granted(desk.stage)
    desk.app.fake_clock.advance(24 * 3600)
    denied(desk.stage)
    told = report(desk, reports.daily)
    rows = [(r["day_utc"], r["kiosk"], r["visits"], r["let_in"], r["granted"], r["denied"]) for r in told["rows"]]
    assert rows == [("2026-11-22", "K7", 1, 1, 1, 0), ("2026-11-23", "K7", 1, 0, 0, 1)]
    assert report(desk, reports.daily, format="csv").startswith(b"\xef\xbb\xbfday_utc,kiosk,kiosk_name,visits,let_in")


def test_reports_open_to_officers_and_to_the_key_and_to_nobody_else(desk: Desk) -> None:
    assert desk.call(reports.visits, "otto", method="GET")[0] == 200
    assert desk.code(reports.visits, "vera", method="GET") == (403, "forbidden")
    assert desk.code(reports.visits, method="GET") == (401, "not_allowed")
    for wrong in ("", "x", KEY[:-1], KEY + "x", "ключ"):
        assert desk.code(reports.visits, method="GET", headers={"x-report-key": wrong}) == (401, "not_allowed")
    assert desk.code(reports.visits, "otto", method="GET", params={"format": "xml"}) == (400, "bad_format")
    report(desk, reports.visits)
    assert {e["operator"] for e in desk.audited("report_read")} == {"otto", "report-key"}


def test_without_the_setting_no_key_opens_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, http, operators, kiosks, reports)
    for key in ("", KEY):
        assert desk.code(reports.daily, method="GET", headers={"x-report-key": key}) == (401, "not_allowed")


def test_each_night_the_files_of_the_last_days_lie_in_storage_once(desk: Desk) -> None:
    granted(desk.stage)
    desk.app.fake_clock.advance(15 * 3600)
    assert desk.app.reports.drop() == 28  # seven days, two reports, two forms
    assert desk.app.reports.drop() == 0
    media = desk.app.fake_media
    rows = json.loads(media.read("reports", "visits/2026/11/visits-2026-11-22.json"))["rows"]
    assert [row["outcome"] for row in rows] == ["granted"]
    text = media.read("reports", "daily/2026/11/daily-2026-11-22.csv").decode("utf-8-sig")
    assert [row["let_in"] for row in csv.DictReader(io.StringIO(text))] == ["1"]
    desk.app.fake_clock.advance(24 * 3600)
    assert desk.app.reports.drop() == 4


def test_a_row_tells_the_kiosks_own_time_in_a_night_when_the_clocks_change(desk: Desk) -> None:
    desk.app.kiosks.create("K8", "Lisboa", "Europe/Lisbon")
    for hour in (0, 1):  # 01:30 comes twice
        desk.app.fake_clock.set(datetime(2026, 10, 25, hour, 30, tzinfo=UTC))
        desk.app.visit.start("K8", "en")
    span = {"from": "2026-10-25T00:00:00+01:00", "to": "2026-10-26T00:00:00+00:00"}
    rows = report(desk, reports.visits, **span)["rows"]
    assert [row["began_local"] for row in rows] == ["2026-10-25T01:30:00+00:00", "2026-10-25T01:30:00+01:00"]
