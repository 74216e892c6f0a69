"""`atm.py test [CHECK ...] [PYTEST OPTIONS]`: every check in order, or those named, and one verdict.

For example `atm.py test unit -k pin`. Options without a check's name go to all suites.
"""

import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import takewhile

from devhost.check_process import CheckProcess
from devhost.console import paint, wants_colour
from devhost.setup.chromium import find_chromium, how_to_get_chromium
from devhost.setup.emulators import MODULES, Emulators, installed_emulators
from devhost.setup.node import ensure_node
from devhost.setup.places import ROOT
from devhost.setup.progress import Progress
from devhost.stack.prepared import fetch_models

_COUNTS = re.compile(r"(\d+) (passed|failed|error)")
_SUMMARY = re.compile(r"\b(?:passed|failed|errors?|deselected|no tests ran)\b.* in [\d.]+s")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_NOTHING_SELECTED = 5  # pytest's exit code


@dataclass(frozen=True, slots=True)
class Check:
    """`command` follows `python -m`. A `suite` is pytest's and takes its options.

    `processes` share a whole suite; at most `waiting` of them for each core, where a suite mostly waits for others. A
    `leading` check keeps pace with a camera and has time limits: where all checks run it begins first, nothing else of
    its kind runs with it, and those that `follow` fill the cores it leaves, at a lower priority.
    """

    name: str
    command: tuple[str, ...]
    suite: bool = False
    browser: bool = False
    processes: int = 1
    waiting: float = 1
    leading: bool = False
    follow: bool = False


CHECKS = (
    Check("lint", ("ruff", "check", "."), follow=True),
    Check("format", ("ruff", "format", "--check", "."), follow=True),
    Check("types", ("mypy",), follow=True),
    Check("unit", ("pytest", "tests/unit"), suite=True, processes=8, follow=True),
    Check("mutation", ("pytest", "tests/mutation"), suite=True, processes=8, follow=True),
    Check("fuzz", ("pytest", "tests/fuzz"), suite=True, follow=True),
    Check("visits", ("pytest", "tests/browser/visit"), suite=True, browser=True, leading=True),
    Check("functional", ("pytest", "tests/functional"), suite=True, processes=4, waiting=1.5),
    Check("pages", ("pytest", "tests/browser/page", "tests/browser/console"), suite=True, browser=True, processes=3),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`failed` counts a suite's failures and errors; `ok` is what its exit code said."""

    check: Check
    ok: bool
    seconds: float = 0.0
    passed: int = 0
    failed: int = 0


def main(argv: list[str]) -> int:
    named = list(takewhile(lambda word: word in {check.name for check in CHECKS}, argv))
    options = argv[len(named) :]
    if options and options[0] in ("-h", "--help"):
        print(f"{__doc__}\nChecks: {', '.join(check.name for check in CHECKS)}")
        return 0
    wanted = [check for check in CHECKS if (check.name in named if named else check.suite or not options)]
    environment = prepare(wanted)
    begun = time.monotonic()
    outcomes = list(run_all(wanted, options, environment))
    return verdict(outcomes, time.monotonic() - begun)


def prepare(wanted: Sequence[Check]) -> dict[str, str]:
    """Install what the suites run against; returns the environment they find it in."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if any(check.browser or check.name == "functional" for check in wanted):
        progress = Progress()
        node = ensure_node(progress)
        with installed_emulators(Emulators.ALL, node, progress):
            environment["MODELS_PATH"] = str(fetch_models(progress))
        environment["NODE_MODULES"] = str(MODULES)
        environment["PATH"] = f"{node.program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return environment


def run_all(wanted: Sequence[Check], options: Sequence[str], environment: dict[str, str]) -> Iterator[Outcome]:
    """Each check in its turn. A leading one begins before all others and is shown when its turn comes."""
    with ExitStack() as early:
        together = any(check.follow for check in wanted)
        leading = [check for check in wanted if check.leading and together and not _lacks_browser(check)]
        begun = {check: early.enter_context(begin(check, options, environment, aloud=False)) for check in leading}
        for check in wanted:
            print(f"\n{_painted(f'== {check.name}', 'cyan')}", flush=True)
            if _lacks_browser(check):
                print(f"The browser tests need Chromium and none was found. To get it: {how_to_get_chromium()}.")
                yield Outcome(check, ok=False, failed=1)
            elif check in begun:
                begun[check].show()
                yield outcome(check, options, begun[check])
            else:
                with begin(check, options, environment, stands_back=check.follow and bool(leading)) as process:
                    yield outcome(check, options, process)


def begin(
    check: Check,
    options: Sequence[str],
    environment: dict[str, str],
    aloud: bool = True,
    stands_back: bool = False,
) -> CheckProcess:
    """Start one check."""
    if check.browser and (browser := find_chromium(shell=not check.leading)):
        environment = {**environment, "CHROMIUM_PATH": str(browser)}
    command = [sys.executable, "-m", *check.command, *_options(check, options)]
    return CheckProcess(command, environment, aloud, stands_back)


def outcome(check: Check, options: Sequence[str], process: CheckProcess) -> Outcome:
    """What came of it, when it has ended."""
    code = process.wait()
    lines = [_COLOUR.sub("", line) for line in process.lines]
    summary = next((line for line in reversed(lines) if _SUMMARY.search(line)), "") if check.suite else ""
    counts = {word: int(number) for number, word in _COUNTS.findall(summary)}
    ok = code == 0 or (check.suite and bool(options) and code == _NOTHING_SELECTED)
    failed = counts.get("failed", 0) + counts.get("error", 0)
    return Outcome(check, ok, process.seconds, counts.get("passed", 0), failed)


def _lacks_browser(check: Check) -> bool:
    return check.browser and find_chromium() is None


def _options(check: Check, given: Sequence[str]) -> Sequence[str]:
    """A suite that is narrowed is not shared out: whoever does that wants to watch it."""
    processes = min(check.processes, int((os.cpu_count() or 1) * check.waiting))
    shared = [] if given or processes == 1 else ["-n", str(processes), "--dist", "loadfile"]
    return [*given, *shared] if check.suite else []


def verdict(outcomes: Sequence[Outcome], seconds: float) -> int:
    """Print how each check went and what that makes together, in `seconds`. Returns the exit code."""
    print()
    for outcome in outcomes:
        word = _painted("ok    ", "green") if outcome.ok else _painted("FAILED", "red")
        counts = f"  {outcome.passed} passed, {outcome.failed} failed" if outcome.check.suite else ""
        print(f"  {word}  {outcome.check.name:<11}{outcome.seconds:6.1f} s{counts}")
    passed, failed = sum(one.passed for one in outcomes), sum(one.failed for one in outcomes)
    good = all(outcome.ok for outcome in outcomes)
    print(f"\n{'All checks passed' if good else 'Not good'} in {seconds:.0f} s")
    if any(outcome.check.suite for outcome in outcomes):
        print(f"{passed} passed, {failed} failed")
    return 0 if good else 1


def _painted(text: str, colour: str) -> str:
    return paint(text, colour) if wants_colour(sys.stdout) else text
