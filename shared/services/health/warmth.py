"""Loads the engines and the gallery in the background, so that the first customer does not wait for them."""

import logging
import threading
from collections.abc import Callable

from shared.domain.errors import Unavailable
from shared.logs import say


class Warmth:
    """`work` is what to do once; it may fail, and is then done by whoever needs it first."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._done = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="warm-up", daemon=True).start()

    def check(self) -> None:
        """Raises Unavailable while it goes on."""
        if not self._done.is_set():
            raise Unavailable("engines", retry_after=1)

    def _run(self) -> None:
        try:
            self._work()
        except Exception as failure:
            say(logging.ERROR, "warm-up failed", error=type(failure).__name__, trace=failure)
        finally:
            self._done.set()
