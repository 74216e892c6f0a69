"""The table with one thing taken out or altered: at least one case must notice, whatever it is."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from shared.domain import effects as do
from shared.domain.session import State
from shared.domain.transitions import TABLE, Row
from tests.unit.session_cases import CASES, Case

type Table = tuple[Row, ...]


def _with(number: int, *rows: Row) -> Table:
    return (*TABLE[:number], *rows, *TABLE[number + 1 :])


def _altered(number: int, row: Row) -> Iterator[tuple[str, Table]]:
    yield "gone", _with(number)
    for guard in row.guards:
        without = tuple(g for g in row.guards if g is not guard)
        yield f"without {guard.__name__}", _with(number, replace(row, guards=without))
    for state in row.states:
        yield f"not in {state}", _with(number, replace(row, states=row.states - {state}))
    if row.effect is not do.nothing:
        yield "to no effect", _with(number, replace(row, effect=do.nothing))
    for to in {None, *State} - {row.to}:
        if {to, row.to} - {None} != row.states:  # to stay, and to go where one is, are the same
            yield f"to {to} instead", _with(number, replace(row, to=to))


BY_EVENT: dict[type, list[Case]] = {}
for _case in CASES:
    BY_EVENT.setdefault(type(_case.when(_case.given())), []).append(_case)


@pytest.mark.parametrize(
    ("number", "row"),
    list(enumerate(TABLE)),
    ids=lambda x: f"{x.event.__name__} to {x.to}" if isinstance(x, Row) else str(x),
)
def test_whatever_is_taken_from_a_row_is_noticed(number: int, row: Row) -> None:
    unnoticed = [
        what for what, table in _altered(number, row) if all(_holds(case, table) for case in BY_EVENT[row.event])
    ]
    assert not unnoticed


def test_the_table_as_it_is_holds() -> None:
    assert all(case.holds(TABLE) for case in CASES)


def _holds(case: Case, table: Table) -> bool:
    try:
        return case.holds(table)
    except Exception:  # an altered table may do anything; falling over is being noticed
        return False
