"""What the local processes write on the console: one readable line an event, on stderr.

The app's own log records are left to stdout, untouched.
"""

import logging
import os
import sys
from collections.abc import Iterable
from typing import TextIO

_RESET = "\x1b[0m"
_COLOURS = {"dim": "\x1b[2m", "red": "\x1b[31m", "green": "\x1b[32m", "yellow": "\x1b[33m", "cyan": "\x1b[36m"}
_LEVEL_COLOURS = ((logging.ERROR, "red"), (logging.WARNING, "yellow"), (logging.INFO, ""))


def wants_colour(stream: TextIO) -> bool:
    """https://no-color.org: any value of NO_COLOR switches colour off; otherwise a terminal has it."""
    return not os.environ.get("NO_COLOR") and (bool(os.environ.get("FORCE_COLOR")) or stream.isatty())


class ConsoleFormatter(logging.Formatter):
    """`12:30:01.123 host      message`, the message coloured by its level or by the record's `colour`."""

    def __init__(self, colour: bool) -> None:
        super().__init__(datefmt="%H:%M:%S")
        self._colour = colour

    def format(self, record: logging.LogRecord) -> str:
        when = f"{self.formatTime(record, self.datefmt)}.{int(record.msecs):03d}"
        text = record.getMessage()
        if record.exc_info:
            text = f"{text}\n{self.formatException(record.exc_info)}"
        if not self._colour:
            return f"{when} {record.name.removeprefix('devhost.'):<8} {text}"
        default = next((name for level, name in _LEVEL_COLOURS if record.levelno >= level), "dim")
        painted = paint(text, str(getattr(record, "colour", default)))
        return f"{_COLOURS['dim']}{when} {record.name.removeprefix('devhost.'):<8}{_RESET} {painted}"


def paint(text: str, colour: str) -> str:
    start = _COLOURS.get(colour)
    return f"{start}{text}{_RESET}" if start else text


def start_logging(level: str) -> None:
    """Send the `devhost` loggers to stderr, and what the app logs to stdout, unless it says otherwise.

    Like Microsoft's worker, this puts a handler on the root logger before the app is loaded.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ConsoleFormatter(wants_colour(sys.stderr)))
    own = logging.getLogger("devhost")
    own.handlers = [handler]
    own.setLevel(level.upper())
    own.propagate = False
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for noisy in ("azure", "aiohttp", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def query_names(query: Iterable[str]) -> str:
    """`?a&b` for a query with these names: a value may be a key, so none is ever shown."""
    names = sorted(set(query))
    return f"?{'&'.join(names)}" if names else ""
