"""NCRONTAB schedules, as the timer trigger reads them."""

from datetime import UTC, datetime

import pytest

from devhost.schedule import Schedule


def at(*parts: int) -> datetime:
    year, month, day, hour, minute, second, micro = (*parts, 0, 0, 0, 0)[:7]
    return datetime(year, month, day, hour, minute, second, micro, UTC)


SUNDAY_NOON = at(2026, 11, 22, 12, 0, 0, 500_000)


@pytest.mark.parametrize(
    ("expression", "next_run"),
    [
        ("* * * * * *", at(2026, 11, 22, 12, 0, 1)),
        ("*/15 * * * * *", at(2026, 11, 22, 12, 0, 15)),
        ("0 */5 * * * *", at(2026, 11, 22, 12, 5)),
        ("*/5 * * * *", at(2026, 11, 22, 12, 5)),  # five fields: no seconds
        ("0 0 0 * * *", at(2026, 11, 23)),
        ("0 30 9 * * 1-5", at(2026, 11, 23, 9, 30)),
        ("0 0 0 1 jan *", at(2027, 1, 1)),
        ("0 0 8 * * Sun", at(2026, 11, 29, 8)),
        ("0 0 8 * * 7", at(2026, 11, 29, 8)),
        ("0 0 0 29 2 *", at(2028, 2, 29)),
        ("0 0 0 13 * 5", at(2027, 8, 13)),  # a Friday the 13th: both must hold
        ("10,20 0 12 * * *", at(2026, 11, 22, 12, 0, 10)),
    ],
)
def test_the_next_run_is_the_first_moment_after_now(expression: str, next_run: datetime) -> None:
    assert Schedule(expression).next(SUNDAY_NOON) == next_run


@pytest.mark.parametrize("expression", ["", "* * * *", "60 * * * * *", "* * 24 * * *", "x * * * * *", "0 0 0 0 * *"])
def test_an_expression_that_means_nothing_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Schedule(expression)


def test_a_day_that_never_comes_is_an_error_not_a_loop() -> None:
    with pytest.raises(ValueError, match="never"):
        Schedule("0 0 0 31 2 *").next(SUNDAY_NOON)
