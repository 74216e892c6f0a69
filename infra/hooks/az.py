"""The Azure command line, as the hooks of azd use it. Standard library only: hooks run on whatever Python is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """`text` is the standard output, and after a failure what went wrong."""

    ok: bool
    text: str


Az = Callable[[Sequence[str]], Answer]


class HookFailed(Exception):
    """One sentence that says what to do."""


def az(arguments: Sequence[str]) -> Answer:
    program = shutil.which("az")
    if program is None:
        raise HookFailed("The Azure CLI is needed: install it, run `az login`, and start this step again.")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, errors="replace", check=False)
    return Answer(done.returncode == 0, (done.stdout if done.returncode == 0 else done.stderr).strip())


def insist(
    step: Callable[[], Answer],
    *,
    hopeless: Sequence[str],
    delays: Sequence[float],
    say: Callable[[str], None],
    wait: Callable[[float], None] = time.sleep,
) -> Answer:
    """Repeat a step until it succeeds. Raises HookFailed after the last try, or one with a `hopeless` word."""
    answer = step()
    for delay in delays:
        if answer.ok or any(word in answer.text for word in hopeless):
            break
        say(f"not yet ({last_line(answer.text)}); again in {delay:.0f} s")
        wait(delay)
        answer = step()
    if not answer.ok:
        raise HookFailed(answer.text or "the Azure CLI failed without a word")
    return answer


def last_line(text: str) -> str:
    return text.splitlines()[-1][:200] if text else "no word"


def needed(name: str) -> str:
    """A value azd gives its hooks. Raises HookFailed."""
    value = os.environ.get(name)
    if not value:
        raise HookFailed(f"{name} is missing: run this by azd, or give it the outputs of the deployment.")
    return value


def run(hook: Callable[[], None]) -> int:
    """Exit code of a hook."""
    try:
        hook()
    except HookFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


def say(line: str) -> None:
    sys.stdout.write(f"  {line}\n")
    sys.stdout.flush()
