#!/usr/bin/env python3
"""Face ATM on one machine: `python3 atm.py demo`, `python3 atm.py run`; `python3 atm.py help` lists the rest.

Needs nothing but Python 3.9 or later: it finds Python 3.13, makes the environment in .atm/venv from the lock with
hashes (once for each lock), and hands over to `python -m devhost`, where everything else lives.
"""

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Optional

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".atm" / "venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK = ROOT / "requirements-dev.txt"
STAMP = VENV / "made-from.txt"
WANTED = (ROOT / ".python-version").read_text(encoding="utf-8").strip()
WITHOUT_ENVIRONMENT = ("clean", "doctor", "help")  # `clean` removes the environment, `doctor` must not make one
NO_PYTHON = f"""\
Face ATM needs Python {WANTED}. It was not found as this interpreter, python{WANTED}, py -{WANTED}, in pyenv or in uv.
Install it in one of these ways, then run the same command again:
  macOS            brew install python@{WANTED}
  Windows          winget install Python.Python.{WANTED}
  Debian, Ubuntu   apt install python{WANTED} python{WANTED}-venv      (where the release has it)
  any system       uv python install {WANTED}    or    pyenv install {WANTED}
"""
# Prints the interpreter's own path if it is the wanted version and can make environments.
PROBE = f"import sys, venv, ensurepip; sys.version_info[:2] == ({WANTED.replace('.', ', ')}) and print(sys.executable)"
DOWNLOADED = re.compile(r"(?:Downloading|Using cached) .*\(([\d.]+) (kB|MB)")


def main(arguments: list[str]) -> int:
    command = next((argument for argument in arguments if not argument.startswith("-")), "help")
    if command == "clean" or (command in WITHOUT_ENVIRONMENT and not is_made()):
        return hand_over(find_python(), arguments)
    if not is_made():
        make_environment(find_python())
    return hand_over(str(VENV_PYTHON), arguments)


def is_made() -> bool:
    """Whether the environment stands, made from this very lock. A removed base interpreter makes its link dangle."""
    return VENV_PYTHON.exists() and STAMP.is_file() and STAMP.read_text(encoding="utf-8") == lock_digest()


def lock_digest() -> str:
    return hashlib.sha256(WANTED.encode() + LOCK.read_bytes()).hexdigest()


def find_python() -> str:
    for candidate in candidates():
        path = output_of([*candidate, "-c", PROBE])
        if path:
            return path
    sys.exit(NO_PYTHON)


def candidates() -> Iterator[list[str]]:
    yield [sys.executable]
    yield ["python" + WANTED]
    if os.name == "nt":
        yield ["py", "-" + WANTED]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for versions in (pyenv / "versions", pyenv / "pyenv-win" / "versions"):
        for version in sorted(versions.glob(WANTED + "*"), reverse=True):
            yield [str(version / ("python.exe" if os.name == "nt" else "bin/python"))]
    found = output_of(["uv", "python", "find", "--no-project", WANTED])
    if found:
        yield [found]


def output_of(command: list[str]) -> Optional[str]:
    """What a command prints, or None if it is not there, fails or prints nothing."""
    try:
        done = subprocess.run(command, cwd=str(ROOT), capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def make_environment(python: str) -> None:
    begun = time.monotonic()
    say("Python", python)
    say("Packages", "making the environment", passing=True)
    way = "--upgrade" if VENV_PYTHON.exists() else "--clear"
    run([python, "-m", "venv", way, str(VENV)], lambda _: None)
    installed = install_packages()
    STAMP.write_text(lock_digest(), encoding="utf-8")
    say("Packages", f"{installed}, in .atm/venv, {time.monotonic() - begun:.0f} s")


def install_packages() -> str:
    """Install the lock with pip, one changing line for progress. Returns how many were fetched and their size."""
    pip = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--require-hashes"]
    # Byte code is made when a module is first used: quicker, and most modules of the packages never are.
    pip += ["--no-compile", "--progress-bar", "off", "-r", str(LOCK)]
    sizes: list[float] = []

    def show(line: str) -> None:
        size = DOWNLOADED.search(line)
        if size:
            sizes.append(float(size[1]) / (1 if size[2] == "MB" else 1000))
        unpacking = ", unpacking" if line.startswith("Installing") else ""
        say("Packages", f"{len(sizes)}, {sum(sizes):.0f} MB{unpacking}", passing=True)

    run(pip, show)
    return f"{len(sizes)} packages, {sum(sizes):.0f} MB" if sizes else "up to date"


def run(command: list[str], show: Callable[[str], None]) -> None:
    """Run a command of the set-up, each line given to `show`. If it fails its last words are told and all ends."""
    # In a group of its own, so that on Ctrl-C and SIGTERM neither it nor what it started works on alone.
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True
    )
    lines: list[str] = []
    try:
        for line in process.stdout or ():
            lines.append(line)
            show(line)
        process.wait()
    except BaseException:
        process.kill() if os.name == "nt" else os.killpg(process.pid, signal.SIGKILL)
        raise
    if process.returncode != 0:
        sys.exit(f"\n{''.join(lines[-12:])}\nThe environment could not be made; the words above say why.")


def say(what: str, detail: str, passing: bool = False) -> None:
    """One step on one line. A `passing` line is overwritten by the next; only a terminal shows it."""
    terminal = sys.stdout.isatty()
    if terminal or not passing:
        start, end = ("\r\x1b[K" if terminal else ""), ("" if passing else "\n")
        print(f"{start}  {what:<12}{detail}", end=end, flush=True)


def hand_over(python: str, arguments: list[str]) -> int:
    """Become `python -m devhost`, so that signals and the exit code are its own. Windows has no such call: wait."""
    command = [python, "-P", "-m", "devhost", *arguments]
    environment = dict(os.environ, PYTHONPATH=str(ROOT), PYTHONUTF8="1")
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(python, command, environment)  # noqa: S606 - no shell is meant
    with subprocess.Popen(command, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the console gave it to the child as well, which is stopping
                continue


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
