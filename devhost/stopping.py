"""Stop requests from outside: Ctrl-C, SIGTERM, Windows' Ctrl-Break, and (on request) the end of standard input."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from types import FrameType


class StopRequest:
    """Set once somebody asks this process to stop. A second Ctrl-C raises KeyboardInterrupt as usual.

    With `follow_stdin` the end of standard input asks as well: a process started with a pipe ends with its
    parent, however the parent died, on every operating system.
    """

    def __init__(self, *, follow_stdin: bool = False) -> None:
        self._loop = asyncio.get_running_loop()
        self._asked = asyncio.Event()
        names = ("SIGINT", "SIGTERM", "SIGBREAK")
        for number in (getattr(signal, name) for name in names if hasattr(signal, name)):
            signal.signal(number, self._on_signal)
        if follow_stdin:
            threading.Thread(target=self._wait_for_end_of_stdin, name="stdin", daemon=True).start()

    async def wait(self) -> None:
        await self._asked.wait()

    def ask(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed: this process is stopping anyway
            self._loop.call_soon_threadsafe(self._asked.set)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.default_int_handler)
        self.ask()

    def _wait_for_end_of_stdin(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            # Past Python's own buffer, whose lock a thread at rest in it would hold when the interpreter ends.
            while os.read(sys.stdin.fileno(), 4096):
                pass
        self.ask()
