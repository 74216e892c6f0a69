"""A process of the local stack: started in a group of its own, its words kept in a log, ended with all it started."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from devhost.console import wants_colour

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LAST_LINES = 25


class Child:
    """While `mirrored` its lines are repeated on standard output. The log is begun anew with each object."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        folder: Path | None = None,
    ) -> None:
        self.name, self.log, self.mirrored = name, log, False
        self._command, self._environment, self._folder = list(command), dict(environment), folder
        if wants_colour(sys.stdout):  # its output is a pipe: it would not colour what is repeated on our terminal
            self._environment["FORCE_COLOR"] = "1"
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("", encoding="utf-8")

    def start(self) -> None:
        self._last.clear()
        # Its own group: a Ctrl-C at the terminal reaches the launcher alone, which ends the others in order.
        # Its standard input is a pipe that nobody writes to: it ends with this process, however that dies.
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), name=self.name, daemon=True)
        self._reader.start()

    @property
    def exit_code(self) -> int | None:
        """None while it runs, and before it was started."""
        return self._process.poll() if self._process else None

    @property
    def process_id(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    def last_lines(self) -> str:
        if self._reader and self.exit_code is not None:
            self._reader.join(timeout=1)  # what it said last may still be on its way
        return "\n".join(self._last)

    def stop(self, within: float) -> None:
        """Ask it to stop; after `within` seconds end it, and whatever it started that is still there."""
        process = self._process
        if process is None:
            return
        family = _descendants(process.pid)
        if process.poll() is None:
            with suppress(OSError):
                process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
            self._close_stdin()
            with suppress(subprocess.TimeoutExpired):
                process.wait(within)
        self._end(family)

    def kill(self) -> None:
        """End it at once, with all it started, as a crash would."""
        if self._process:
            self._end(_descendants(self._process.pid))

    def _end(self, family: list[psutil.Process]) -> None:
        if self._process is None:
            return
        if os.name != "nt":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        for relative in family:
            with suppress(psutil.Error):
                relative.kill()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._close_stdin()
        if self._reader:
            self._reader.join(timeout=1)
        self._process = None

    def _close_stdin(self) -> None:
        if self._process and self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()

    def _read(self, process: subprocess.Popen[str]) -> None:
        with self.log.open("a", encoding="utf-8", buffering=1) as log, suppress(ValueError):
            for line in process.stdout or ():
                plain = _COLOUR.sub("", line)
                log.write(plain)
                self._last.append(plain.rstrip("\n"))
                if self.mirrored:
                    sys.stdout.write(line)
                    sys.stdout.flush()


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []
