"""Each operator, constant, condition and argument of the rules, altered one at a time: a case must notice."""

from functools import cache
from types import FunctionType, ModuleType

import pytest

from shared.domain import effects, frames, guards, phrase, pin, session, transitions
from tests.mutation.notice import Watchers
from tests.mutation.sources import functions, mutants
from tests.unit import frame_cases, pin_cases, session_cases

BUILT_AT_IMPORT = {"transitions._row", "effects.because"}  # only their results live on, in the table: see the rows' run


def _rules(*modules: ModuleType) -> list[tuple[str, FunctionType]]:
    return [(n, f) for module in modules for n, f in functions(module) if n not in BUILT_AT_IMPORT]


@cache
def session_watchers() -> Watchers:
    return Watchers([*(case.holds for case in session_cases.CASES), *(fact.holds for fact in session_cases.ALONE)])


@pytest.mark.parametrize(
    ("name", "rule"), _rules(guards, effects, transitions, session), ids=lambda x: getattr(x, "__name__", "")
)
def test_no_alteration_of_the_sessions_rules_goes_unnoticed(name: str, rule: FunctionType) -> None:
    assert [mutant.what for mutant in mutants(name, rule) if not session_watchers().notice(mutant)] == []


@cache
def frame_watchers() -> Watchers:
    return Watchers([case.holds for case in frame_cases.CASES])


@pytest.mark.parametrize(("name", "rule"), _rules(frames), ids=lambda x: getattr(x, "__name__", ""))
def test_no_alteration_of_what_frames_come_to_goes_unnoticed(name: str, rule: FunctionType) -> None:
    assert [mutant.what for mutant in mutants(name, rule) if not frame_watchers().notice(mutant)] == []


@cache
def pin_watchers() -> Watchers:
    return Watchers([case.holds for case in pin_cases.CASES])


@pytest.mark.parametrize(("name", "rule"), _rules(pin, phrase), ids=lambda x: getattr(x, "__name__", ""))
def test_no_alteration_of_codes_and_phrases_goes_unnoticed(name: str, rule: FunctionType) -> None:
    assert [mutant.what for mutant in mutants(name, rule) if not pin_watchers().notice(mutant)] == []
