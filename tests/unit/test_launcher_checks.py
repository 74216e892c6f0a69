"""How the test command reads its words and its suites' results."""

from collections.abc import Iterator, Sequence
from typing import Self

import pytest

from devhost import checks
from devhost.check_process import CheckProcess
from devhost.checks import Check, Outcome, verdict
from devhost.setup.chromium import how_to_get_chromium

UNIT = Check("unit", ("pytest", "tests/unit"), suite=True)
LINT = Check("lint", ("ruff", "check"))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...]]]:
    """What would have been run: checks and their options."""
    calls: list[tuple[str, tuple[str, ...]]] = []

    def run_all(wanted: Sequence[Check], options: list[str], environment: dict[str, str]) -> Iterator[Outcome]:
        for check in wanted:
            calls.append((check.name, tuple(options if check.suite else ())))
            yield Outcome(check, ok=True)

    monkeypatch.setattr(checks, "run_all", run_all)
    monkeypatch.setattr(checks, "prepare", lambda wanted: {})
    return calls


class Process(CheckProcess):
    """A check that has ended, and what is done to it."""

    def __init__(self, name: str, told: list[str], code: int = 0, lines: Sequence[str] = ()) -> None:
        self.name, self.told, self.code, self.lines, self.seconds = name, told, code, list(lines), 1.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.told.append(f"left {self.name}")

    def show(self) -> None:
        self.told.append(f"shown {self.name}")

    def wait(self) -> int:
        self.told.append(f"ended {self.name}")
        return self.code


def test_without_words_every_check_runs_in_order(ran: list[tuple[str, tuple[str, ...]]]) -> None:
    checks.main([])
    assert [name for name, _ in ran] == [
        "lint",
        "format",
        "types",
        "unit",
        "mutation",
        "fuzz",
        "visits",
        "functional",
        "pages",
    ]


def test_named_checks_run_alone_and_the_rest_goes_to_pytest(ran: list[tuple[str, tuple[str, ...]]]) -> None:
    checks.main(["unit", "-k", "browser"])
    assert ran == [("unit", ("-k", "browser"))]


def test_options_without_a_name_go_to_the_suites_only(ran: list[tuple[str, tuple[str, ...]]]) -> None:
    checks.main(["-k", "pin"])
    assert ran == [(name, ("-k", "pin")) for name in ("unit", "mutation", "fuzz", "visits", "functional", "pages")]


@pytest.mark.parametrize(
    ("code", "summary", "options", "expected"),
    [
        (0, "12 passed, 1 skipped in 3.20s", [], (True, 12, 0)),
        (1, "2 failed, 10 passed, 3 errors in 61.02s (0:01:01)", [], (False, 10, 5)),
        (1, "1 error in 0.10s", [], (False, 0, 1)),
        (5, "no tests ran in 0.02s", [], (False, 0, 0)),
        (5, "14 deselected in 0.02s", ["-k", "pin"], (True, 0, 0)),
        (-9, "killed", [], (False, 0, 0)),
    ],
)
def test_a_suites_closing_line_and_exit_code_are_its_result(
    code: int, summary: str, options: list[str], expected: tuple[bool, int, int]
) -> None:
    outcome = checks.outcome(UNIT, options, Process("unit", [], code, ["FAILED x - 99 passed\n", f"{summary}\n"]))
    assert (outcome.ok, outcome.passed, outcome.failed) == expected


def test_the_last_line_counts_all_suites_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        verdict([Outcome(LINT, ok=True), Outcome(UNIT, ok=True, passed=3), Outcome(UNIT, ok=True, passed=4)], 2.0) == 0
    )
    assert capsys.readouterr().out.splitlines()[-1] == "7 passed, 0 failed"


def test_one_check_that_fails_is_enough_for_a_bad_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict([Outcome(LINT, ok=False), Outcome(UNIT, ok=True, passed=3)], 2.0) == 1
    assert verdict([Outcome(LINT, ok=True), Outcome(UNIT, ok=False, passed=2, failed=1)], 2.0) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 1 failed"


def test_a_missing_browser_fails_the_browser_tests_instead_of_skipping_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "find_chromium", lambda: None)
    pages = Check("pages", ("pytest", "tests/browser/page"), suite=True, browser=True)
    (outcome,) = checks.run_all([pages], [], {})
    assert not outcome.ok
    assert how_to_get_chromium() in capsys.readouterr().out


def test_what_keeps_pace_with_a_camera_begins_first_and_those_that_follow_stand_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []

    def begin(
        check: Check, options: object, environment: object, aloud: bool = True, stands_back: bool = False
    ) -> Process:
        told.append(f"begun {check.name}{'' if aloud else ' silently'}{' behind' if stands_back else ''}")
        return Process(check.name, told)

    monkeypatch.setattr(checks, "begin", begin)
    lint = Check("lint", (), follow=True)
    visits = Check("visits", (), suite=True, leading=True)
    pages = Check("pages", (), suite=True)
    assert [one.check.name for one in checks.run_all([lint, visits, pages], [], {})] == ["lint", "visits", "pages"]
    assert told[:4] == ["begun visits silently", "begun lint behind", "ended lint", "left lint"]
    assert told[4:7] == ["shown visits", "ended visits", "begun pages"]
    told.clear()
    list(checks.run_all([visits, pages], [], {}))
    assert told[0] == "begun visits"
