"""`atm.py test [CHECK ...] [PYTEST OPTIONS]`: every check in order, or those named, and one verdict.

For example `atm.py test unit -k pin`. Options without a check's name go to all suites.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

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
_CLEAR_UP_SECONDS = 4


@dataclass(frozen=True, slots=True)
class Check:
    """`command` follows `python -m`. A `suite` is pytest's and takes its options.

    `processes` share a whole suite; at most `waiting` of them for each core, where a suite mostly waits for others. A
    visit with a camera and the real engines needs the machine alone: it has time limits.
    """

    name: str
    command: tuple[str, ...]
    suite: bool = False
    browser: bool = False
    processes: int = 1
    waiting: float = 1


CHECKS = (
    Check("lint", ("ruff", "check", ".")),
    Check("format", ("ruff", "format", "--check", ".")),
    Check("types", ("mypy",)),
    Check("unit", ("pytest", "tests/unit"), suite=True, processes=8),
    Check("mutation", ("pytest", "tests/mutation"), suite=True, processes=8),
    Check("fuzz", ("pytest", "tests/fuzz"), suite=True),
    Check("functional", ("pytest", "tests/functional"), suite=True, processes=4, waiting=1.5),
    Check("pages", ("pytest", "tests/browser/page", "tests/browser/console"), suite=True, browser=True, processes=3),
    Check("visits", ("pytest", "tests/browser/visit"), suite=True, browser=True),
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
    return verdict([run(check, options, environment) for check in wanted])


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


def run(check: Check, options: Sequence[str], environment: dict[str, str]) -> Outcome:
    """Run one check with its output on the terminal."""
    print(f"\n{_painted(f'== {check.name}', 'cyan')}", flush=True)
    if check.browser:
        chromium = find_chromium()
        if chromium is None:
            print(f"The browser tests need Chromium and none was found. To get it: {how_to_get_chromium()}.")
            return Outcome(check, ok=False, failed=1)
        environment = {**environment, "CHROMIUM_PATH": str(chromium)}
    command = [sys.executable, "-m", *check.command, *_options(check, options)]
    begun = time.monotonic()
    code, lines = _run_aloud(command, environment)
    summary = next((line for line in reversed(lines) if _SUMMARY.search(line)), "") if check.suite else ""
    counts = {word: int(number) for number, word in _COUNTS.findall(summary)}
    ok = code == 0 or (check.suite and bool(options) and code == _NOTHING_SELECTED)
    failed = counts.get("failed", 0) + counts.get("error", 0)
    return Outcome(check, ok, time.monotonic() - begun, counts.get("passed", 0), failed)


def _options(check: Check, given: Sequence[str]) -> Sequence[str]:
    """A suite that is narrowed is not shared out: whoever does that wants to watch it."""
    processes = min(check.processes, int((os.cpu_count() or 1) * check.waiting))
    shared = [] if given or processes == 1 else ["-n", str(processes), "--dist", "loadfile"]
    return [*given, *shared] if check.suite else []


def verdict(outcomes: Sequence[Outcome]) -> int:
    """Print how each check went and what that makes together. Returns the exit code."""
    print()
    for outcome in outcomes:
        word = _painted("ok    ", "green") if outcome.ok else _painted("FAILED", "red")
        counts = f"  {outcome.passed} passed, {outcome.failed} failed" if outcome.check.suite else ""
        print(f"  {word}  {outcome.check.name:<11}{outcome.seconds:6.1f} s{counts}")
    passed, failed = sum(one.passed for one in outcomes), sum(one.failed for one in outcomes)
    good = all(outcome.ok for outcome in outcomes)
    print(f"\n{'All checks passed' if good else 'Not good'} in {sum(one.seconds for one in outcomes):.0f} s")
    if any(outcome.check.suite for outcome in outcomes):
        print(f"{passed} passed, {failed} failed")
    return 0 if good else 1


def _run_aloud(command: Sequence[str], environment: dict[str, str]) -> tuple[int, list[str]]:
    """Exit code and lines of a command whose output is shown as it comes."""
    if wants_colour(sys.stdout):
        environment = {**environment, "FORCE_COLOR": "1"}
    lines = []
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # a Ctrl-C reaches us alone, and it once: a second one would cut its clearing up short
    )
    try:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(_COLOUR.sub("", line))
        return process.wait(), lines
    except BaseException:
        _interrupt(process)
        raise


def _interrupt(process: subprocess.Popen[str]) -> None:
    """As Ctrl-C does: pytest ends its fixtures, and with them what they started. By force if that takes long."""
    if os.name != "nt":  # there the console has told it already
        process.send_signal(signal.SIGINT)
    try:
        process.wait(_CLEAR_UP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _painted(text: str, colour: str) -> str:
    return paint(text, colour) if wants_colour(sys.stdout) else text
