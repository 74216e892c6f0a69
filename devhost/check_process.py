"""A check as a process of its own: shown as it runs, or kept until it is wanted; never left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from devhost.console import wants_colour
from devhost.setup.places import ROOT

_CLEAR_UP_SECONDS = 4
_STANDING_BACK = 15
"""Niceness: the kernel gives such a process about 4 % of a core that an ordinary one wants."""


class CheckProcess:
    """A command that runs from the moment this is made, with its output gathered. Leaving the block ends it."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], aloud: bool = True, stands_back: bool = False
    ) -> None:
        """`aloud` shows each line as it comes; `stands_back` leaves the cores to whoever else wants them."""
        self.lines: list[str] = []
        self.seconds = 0.0
        self._aloud = aloud
        self._printing = threading.Lock()
        self._begun = time.monotonic()
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**environment, **({"FORCE_COLOR": "1"} if wants_colour(sys.stdout) else {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # a Ctrl-C reaches us alone, and it once: a second would cut its clearing up short
            creationflags=_below_normal() if stands_back else 0,
        )
        if stands_back and hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _STANDING_BACK)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._interrupt()

    def wait(self) -> int:
        """Exit code, when it has ended and its last line is in `lines`."""
        code = self._process.wait()
        self._reader.join()
        return code

    def show(self) -> None:
        """Show what there is, and from now on each line as it comes."""
        with self._printing:
            print("".join(self.lines), end="", flush=True)
            self._aloud = True

    def _read(self) -> None:
        for line in self._process.stdout or ():
            with self._printing:
                self.lines.append(line)
                if self._aloud:
                    print(line, end="", flush=True)
        self.seconds = time.monotonic() - self._begun

    def _interrupt(self) -> None:
        """As Ctrl-C does: pytest ends its fixtures, and with them what they started. By force if that takes long."""
        if os.name != "nt":  # there the console has told it already
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_CLEAR_UP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _below_normal() -> int:
    return int(getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0))
