"""The position of local Event Grid never passes what may still be lost."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from devhost.cursor import SETTLING, Cursor, Position

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NOWHERE = Path("unused")


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_with_nothing_under_way_everything_up_to_now_is_done() -> None:
    assert Cursor(NOWHERE, START).position(after(5)) == Position(after(5), clean=False)


def test_an_undelivered_event_holds_the_position_at_its_write() -> None:
    cursor = Cursor(NOWHERE, START)
    cursor.opened("a", after(3))
    cursor.opened("b", after(2))
    assert cursor.position(after(500)).since == after(2)
    assert cursor.undelivered == 2


def test_a_delivered_event_counts_only_after_azurite_has_surely_saved() -> None:
    cursor = Cursor(NOWHERE, START)
    cursor.opened("a", after(1))
    cursor.delivered("a", after(100))
    assert cursor.position(after(101)).since == after(1)
    settled = after(100) + SETTLING
    assert cursor.position(settled).since == settled


def test_a_second_delivery_of_the_same_event_changes_nothing() -> None:
    cursor = Cursor(NOWHERE, START)
    cursor.opened("a", after(1))
    cursor.delivered("a", after(2))
    cursor.delivered("a", after(1000))
    assert cursor.position(after(1001)).since == after(1001)


def test_the_position_never_goes_back() -> None:
    cursor = Cursor(NOWHERE, START)
    cursor.position(after(50))
    cursor.opened("late", after(40))
    assert cursor.position(after(60)).since == after(50)
