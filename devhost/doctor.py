"""`atm.py doctor`: what is found, what is missing, and how to get it. It installs nothing and needs no network."""

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from devhost.claim import running_in
from devhost.console import paint, wants_colour
from devhost.ports import APP_PORT, BLOB_PORT, QUEUE_PORT, is_free, taken
from devhost.setup.chromium import find_chromium, how_to_get_chromium
from devhost.setup.emulators import Emulators, are_installed
from devhost.setup.node import OLDEST_MAJOR, find_node
from devhost.setup.places import DATA, ROOT, STATE, cache_folder

NEEDED_GB = 3.0
"""Free space for everything: the environment 0.9, the emulators 0.25, the models 0.3, downloads, recordings."""


class State(StrEnum):
    FOUND = "found"
    LATER = "later"  # the launcher gets it by itself when it is needed
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    state: State
    what: str
    detail: str


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py doctor", description=__doc__)
    parser.parse_args(argv)
    findings = list(examine())
    for finding in findings:
        print(f"  {_mark(finding.state)}  {finding.what:<12}{finding.detail}")
    missing = [finding.what for finding in findings if finding.state is State.MISSING]
    print(f"\nMissing: {', '.join(missing)}." if missing else "\nNothing is missing: `python3 atm.py run` will do.")
    return 1 if missing else 0


def examine() -> Iterator[Finding]:
    yield Finding(State.FOUND, "System", f"{platform.system()} {platform.release()}, {platform.machine()}")
    yield Finding(State.FOUND, "Python", f"{platform.python_version()} at {sys.executable}")
    yield _environment()
    yield _node()
    yield _emulators()
    yield _models()
    yield _chromium()
    yield _core_tools()
    yield from _ports()
    yield _disk(STATE if STATE.is_dir() else ROOT)


def _environment() -> Finding:
    if Path(sys.prefix).resolve() == (STATE / "venv").resolve():
        return Finding(State.FOUND, "Packages", "in .atm/venv, as locked")
    return Finding(
        State.LATER, "Packages", "installed from requirements-dev.txt by the first command (240 MB, 900 MB unpacked)"
    )


def _node() -> Finding:
    node = find_node()
    if node:
        return Finding(State.FOUND, "Node", f"{node.version} {node.origin}")
    return Finding(
        State.LATER, "Node", f"no Node {OLDEST_MAJOR} or later with npm on PATH; PyPI's is installed (60 MB)"
    )


def _emulators() -> Finding:
    for emulators in (Emulators.ALL, Emulators.STORAGE):
        if are_installed(emulators):
            return Finding(State.FOUND, "Emulators", emulators.value)
    return Finding(State.LATER, "Emulators", f"{Emulators.STORAGE} is installed with npm")


def _models() -> Finding:
    folder = cache_folder() / "models"
    if any(folder.glob("*/stamp.json")):
        return Finding(State.FOUND, "Models", f"in {folder}")
    return Finding(State.LATER, "Models", f"fetched into {folder}, or now with `atm.py models`")


def _chromium() -> Finding:
    found = find_chromium()
    if found:
        return Finding(State.FOUND, "Chromium", str(found))
    chosen = os.environ.get("CHROMIUM_PATH")
    why = f"CHROMIUM_PATH names {chosen}, which is no file" if chosen else "needed by the browser tests only"
    return Finding(State.MISSING, "Chromium", f"{why}: {how_to_get_chromium()}")


def _core_tools() -> Finding:
    found = shutil.which("func")
    if found:
        return Finding(State.FOUND, "func", f"{found} (used with `run --func`)")
    return Finding(State.LATER, "func", "not on PATH and not needed: the local host stands in")


def _ports() -> Iterator[Finding]:
    running = running_in(DATA)
    if running:
        yield Finding(State.FOUND, "Running", f"{running.url or 'starting'} (process {running.process})")
        return
    for port in (APP_PORT, BLOB_PORT, QUEUE_PORT):
        if is_free(port):
            yield Finding(State.FOUND, "Port", f"{port} is free")
        else:
            yield Finding(State.LATER, "Port", f"{taken(port)}; the next free one is used")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free / 1e9
    enough = free >= NEEDED_GB or STATE.is_dir()
    detail = f"{free:.0f} GB free" if enough else f"{free:.1f} GB free, {NEEDED_GB:.0f} GB are needed"
    return Finding(State.FOUND if enough else State.MISSING, "Disk", detail)


def _mark(state: State) -> str:
    colours = {State.FOUND: "green", State.LATER: "yellow", State.MISSING: "red"}
    text = f"{state.value:<7}"
    return paint(text, colours[state]) if wants_colour(sys.stdout) else text
