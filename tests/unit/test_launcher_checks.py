"""How the test command reads its words and its suites' results."""

import pytest

from devhost import checks
from devhost.checks import Check, Outcome, verdict
from devhost.setup.chromium import how_to_get_chromium

UNIT = Check("unit", ("pytest", "tests/unit"), suite=True)
LINT = Check("lint", ("ruff", "check"))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...]]]:
    """What would have been run: checks and their options."""
    calls: list[tuple[str, tuple[str, ...]]] = []

    def run(check: Check, options: list[str], environment: dict[str, str]) -> Outcome:
        calls.append((check.name, tuple(options)))
        return Outcome(check, ok=True)

    monkeypatch.setattr(checks, "run", run)
    monkeypatch.setattr(checks, "prepare", lambda wanted: {})
    return calls


def test_without_words_every_check_runs_in_order(ran: list[tuple[str, tuple[str, ...]]]) -> None:
    checks.main([])
    assert [name for name, _ in ran] == [
        "lint",
        "format",
        "types",
        "unit",
        "mutation",
        "fuzz",
        "functional",
        "pages",
        "visits",
    ]


def test_named_checks_run_alone_and_the_rest_goes_to_pytest(ran: list[tuple[str, tuple[str, ...]]]) -> None:
    checks.main(["unit", "-k", "browser"])
    assert ran == [("unit", ("-k", "browser"))]


def test_options_without_a_name_go_to_the_suites_only(ran: list[tuple[str, tuple[str, ...]]]) -> None:
    checks.main(["-k", "pin"])
    assert ran == [(name, ("-k", "pin")) for name in ("unit", "mutation", "fuzz", "functional", "pages", "visits")]


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
    monkeypatch: pytest.MonkeyPatch, code: int, summary: str, options: list[str], expected: tuple[bool, int, int]
) -> None:
    monkeypatch.setattr(checks, "_run_aloud", lambda *_: (code, ["FAILED x - 99 passed\n", f"{summary}\n"]))
    outcome = checks.run(UNIT, options, {})
    assert (outcome.ok, outcome.passed, outcome.failed) == expected


def test_the_last_line_counts_all_suites_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict([Outcome(LINT, ok=True), Outcome(UNIT, ok=True, passed=3), Outcome(UNIT, ok=True, passed=4)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "7 passed, 0 failed"


def test_one_check_that_fails_is_enough_for_a_bad_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict([Outcome(LINT, ok=False), Outcome(UNIT, ok=True, passed=3)]) == 1
    assert verdict([Outcome(LINT, ok=True), Outcome(UNIT, ok=False, passed=2, failed=1)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 1 failed"


def test_a_missing_browser_fails_the_browser_tests_instead_of_skipping_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "find_chromium", lambda: None)
    outcome = checks.run(Check("pages", ("pytest", "tests/browser/page"), suite=True, browser=True), [], {})
    assert not outcome.ok
    assert how_to_get_chromium() in capsys.readouterr().out
