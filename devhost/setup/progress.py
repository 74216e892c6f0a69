"""Tells the person at the terminal what is going on: one line a step, with its size and time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from devhost.console import paint, wants_colour


class Progress:
    """Steps on standard output. `quiet` says nothing, for tests."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._terminal = sys.stdout.isatty()
        self._colour = wants_colour(sys.stdout)

    def done(self, what: str, detail: str, seconds: float | None = None) -> None:
        """A step is finished."""
        took = "" if seconds is None else self._painted(f"  {seconds:.1f} s", "dim")
        self._print(f"  {what:<12}{detail}{took}\n")

    def passing(self, what: str, detail: str) -> None:
        """Where a step has got to: overwritten by the next line, and left out where nothing can be overwritten."""
        if self._terminal:
            self._print(f"  {what:<12}{self._painted(detail, 'dim')}")

    def warn(self, what: str, detail: str) -> None:
        self._print(f"  {what:<12}{self._painted(detail, 'yellow')}\n")

    def line(self, text: str = "") -> None:
        self._print(f"{text}\n")

    @contextmanager
    def step(self, what: str, doing: str) -> Iterator["Step"]:
        """Time a step; its closing line is printed when the block ends without an error."""
        if self._terminal:
            self.passing(what, doing)
        else:
            self._print(f"  {what:<12}{doing}\n")
        step, begun = Step(), time.monotonic()
        yield step
        self.done(what, step.result or doing, time.monotonic() - begun)

    def _painted(self, text: str, colour: str) -> str:
        return paint(text, colour) if self._colour else text

    def _print(self, text: str) -> None:
        if not self._quiet:
            sys.stdout.write(("\r\x1b[K" if self._terminal else "") + text)
            sys.stdout.flush()


class Step:
    result = ""
    """What the closing line says; the opening words when it stays empty."""
