"""What must happen in a visit, case by case.

`tests/unit/test_session_table.py` runs every case against the table; `tests/mutation` runs them against tables with one
thing taken out, and expects at least one case to notice.
"""

from dataclasses import replace

from shared.domain import guards as g
from shared.domain.events import Event
from shared.domain.session import Session, State
from shared.domain.transitions import TABLE
from tests.unit.session_cases import anywhere, enrolling, granted, identifying, pin, voice, ways_on
from tests.unit.session_cases.alone import ALONE
from tests.unit.session_cases.case import Case

_IN_TIME: tuple[Case, ...] = (
    *identifying.IDENTIFYING,
    *identifying.CHALLENGE,
    *ways_on.SEARCHING,
    *ways_on.ASSISTANCE,
    *enrolling.ENROLLING,
    *pin.PIN,
    *pin.SMS,
    *voice.VOICE,
    *granted.GRANTED,
    *anywhere.ANYWHERE,
)


def _too_late(case: Case) -> Case:
    """The same at the very moment the visit's time is up."""

    def given() -> Session:
        before = case.given()
        return replace(before, expires_at=max(before.changed_at, case.when(before).at))

    def when(session: Session) -> Event:
        return replace(case.when(case.given()), at=session.expires_at)

    story = f"{case.story} (but too late)"
    return replace(case, story=story, given=given, when=when, outcome="not_expired", checks=())


_TIMED = {row.event for row in TABLE if g.not_expired in row.guards}

CASES = (
    *_IN_TIME,
    *(
        _too_late(case)
        for case in _IN_TIME
        if isinstance(case.outcome, State) and type(case.when(case.given())) in _TIMED
    ),
)

__all__ = ["ALONE", "CASES", "Case"]
