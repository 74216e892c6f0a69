"""What must happen in a visit, case by case.

`tests/unit/test_session_table.py` runs every case against the table; `tests/mutation` runs them against tables with one
thing taken out, and expects at least one case to notice.
"""

from tests.unit.session_cases import anywhere, enrolling, granted, identifying, pin, voice, ways_on
from tests.unit.session_cases.case import Case

CASES: tuple[Case, ...] = (
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

__all__ = ["CASES", "Case"]
