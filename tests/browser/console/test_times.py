"""Times in the kiosk's own zone: wall clocks to instants and back, across midnight and in nights when clocks change."""

import pytest

from tests.browser.console.conftest import Evaluate


def test_a_wall_clock_and_an_instant_agree_in_every_zone(lab: Evaluate) -> None:
    zones = ["Asia/Tokyo", "Europe/Lisbon", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]
    for zone in zones:
        back = lab("times.js", "m.toField(m.fromField('2026-07-04T14:30', a), a)", zone)
        assert back == "2026-07-04T14:30", zone
    assert lab("times.js", "m.fromField('2026-11-22T14:00', 'Asia/Tokyo')") == "2026-11-22T05:00:00.000Z"


def test_the_hour_that_is_repeated_counts_whole_and_the_one_that_is_skipped_ends_at_the_jump(lab: Evaluate) -> None:
    """Lisbon: 25 October 2026, 02:00 becomes 01:00; 29 March 2026, 01:00 becomes 02:00."""
    first, last = lab("times.js", "[false, true].map((l) => m.fromField('2026-10-25T01:30', 'Europe/Lisbon', l))")
    assert (first, last) == ("2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z")
    assert lab("times.js", "m.fromField('2026-03-29T01:30', 'Europe/Lisbon')") == "2026-03-29T01:00:00.000Z"
    names = lab("times.js", "['2026-10-25T00:30Z', '2026-10-25T01:30Z'].map((i) => m.zoneName(i, 'Europe/Lisbon'))")
    assert names == ["WEST", "WET"]


def test_a_visit_across_midnight_names_the_second_day(lab: Evaluate) -> None:
    across = lab("times.js", "m.span('2026-11-22T14:59:50Z', '2026-11-22T15:00:20Z', 'Asia/Tokyo')")
    assert across == "23:59:50 – 23 Nov 2026, 00:00:20"
    assert lab("times.js", "m.dayStart('2026-11-22T15:00:20Z', 'Asia/Tokyo')") == "2026-11-22T15:00:00.000Z"


@pytest.mark.parametrize(
    ("query", "expected"), [("today", "2026-11-22T15:00:00.000Z"), ("1h", "2026-11-22T15:30:00.000Z")]
)
def test_a_relative_time_is_meant_in_the_kiosks_zone(lab: Evaluate, query: str, expected: str) -> None:
    script = "m.range({ when: a }, 'Asia/Tokyo', Date.parse('2026-11-22T16:30:00Z')).from"
    assert lab("visit-query.js", script, query) == expected


def test_a_length_reads_like_a_clock(lab: Evaluate) -> None:
    assert lab("times.js", "[5, 62, 3725, null].map(m.length)") == ["0:05", "1:02", "1:02:05", ""]


def test_a_reference_or_a_person_is_looked_for_in_the_whole_year_unless_a_time_is_chosen(lab: Evaluate) -> None:
    asked = [
        {},
        {"reference": "K7-4F2Q"},
        {"person": "p"},
        {"person": "p", "when": "24h"},
        {"from": "2026-11-22T05:00Z"},
    ]
    assert lab("visit-query.js", "a.map(m.whenOf)", asked) == ["24h", "365d", "365d", "24h", "custom"]
