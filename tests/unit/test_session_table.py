"""The session's table, case by case, and everything that is not in it."""

from dataclasses import replace

import pytest

from shared.domain import events as e
from shared.domain.session import OVER, Session, State
from shared.domain.transitions import TABLE, Refused, Row, apply
from tests.unit import session_roads as r
from tests.unit.session_cases import CASES, Case

IN_TABLE = {(state, row.event) for row in TABLE for state in row.states}
KINDS = {kind for kind in vars(e).values() if isinstance(kind, type) and issubclass(kind, e.Event)} - {e.Event}
ELSEWHERE = [(state, kind) for state in State for kind in r.EVENTS if (state, kind) not in IN_TABLE]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.story)
def test_in_a_visit(case: Case) -> None:
    assert case.holds(), case.story


def taken(case: Case) -> tuple[int, State] | None:
    """The row a case takes, and from where."""
    before = case.given()
    event = case.when(before)
    for number, row in enumerate(TABLE):
        try:
            apply(before, event, case.policy, (row,))
        except Refused:
            continue
        return number, before.state
    return None


def test_every_row_is_taken_from_each_of_its_states() -> None:
    wanted = {(number, state) for number, row in enumerate(TABLE) for state in row.states}
    assert {taken(case) for case in CASES} - {None} == wanted


def test_every_event_there_is_stands_in_the_table() -> None:
    assert {row.event for row in TABLE} == set(r.EVENTS) == KINDS


def test_no_row_leads_out_of_an_end() -> None:
    assert all(not row.states & OVER for row in TABLE)


@pytest.mark.parametrize(("state", "kind"), ELSEWHERE, ids=lambda x: x if isinstance(x, str) else x.__name__)
def test_whatever_is_not_in_the_table_is_refused_and_changes_nothing(state: State, kind: type[e.Event]) -> None:
    session = r.IN_STATE[state]()
    before = replace(session)
    with pytest.raises(Refused) as refusal:
        apply(session, r.fitting(session, kind), r.POLICY)
    assert refusal.value.code == "wrong_state"
    assert session == before


def test_a_refusal_names_the_guard_of_the_first_row_that_failed() -> None:
    def never(s: Session, ev: e.Event, p: object) -> bool:
        return False

    def nor_this(s: Session, ev: e.Event, p: object) -> bool:
        return False

    rows = tuple(Row(frozenset(State), e.Tick, (guard,), None, lambda s, ev, p: s) for guard in (never, nor_this))
    with pytest.raises(Refused) as refusal:
        apply(r.pin(), r.fitting(r.pin(), e.Tick), r.POLICY, rows)
    assert refusal.value.code == "never"
    assert str(refusal.value) == "Tick in pin: never"


def test_a_refusal_tells_nothing_of_what_was_typed_or_known() -> None:
    with pytest.raises(Refused) as refusal:
        apply(r.pin(), r.fitting(r.pin(), e.PinSubmitted, nonce="old"), r.POLICY)
    assert "old" not in str(refusal.value) + repr(refusal.value)
    assert r.ANN not in str(refusal.value)


def test_each_step_counts_one_version_and_takes_its_time_from_the_event() -> None:
    before = r.pin()
    after = apply(before, r.fitting(before, e.MoreTimeAsked), r.POLICY)
    assert (after.version, after.changed_at) == (before.version + 1, before.changed_at + r.SECOND)


def test_a_clock_behind_moves_no_session_backwards() -> None:
    before = r.walk(r.pin(), r.happens(e.MoreTimeAsked, at=r.START + 200 * r.SECOND))
    late_code = r.fitting(before, e.PinSubmitted, at=r.START + 2 * r.SECOND)
    with pytest.raises(Refused) as refusal:
        apply(before, late_code, r.POLICY)
    assert refusal.value.code == "pin_not_expired"
    assert apply(before, r.fitting(before, e.AssistanceAsked, at=r.START), r.POLICY).changed_at == before.changed_at
