"""A camera in front of which people stand: uploads frames as the page does, on a connection of its own."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from devhost.demo.client import Problem, VisitClient

_AHEAD = 2  # never more frames than this that the server has not analysed
_SEARCHING = frozenset({"identifying", "claiming", "challenge"})
_IDENTIFY_S, _WATCH_S, _POLL_S, _STEP_S = 0.35, 1.0, 0.3, 0.02  # as the page does

type View = dict[str, Any]
type Condition = Callable[[View], bool]


class Camera:
    """`show` changes who stands in front. `view` is the latest state seen. Stops with the visit, or with `stop`."""

    def __init__(self, visit: VisitClient, images: Sequence[bytes]) -> None:
        self._visit = visit.on_another_connection()
        self._source = visit
        self._images = images
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self.view: View = self._visit.view()
        self.uploads: list[float] = []
        self._sent, self._upload_at, self._poll_at = 0, 0.0, 0.0
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    def __enter__(self) -> "Camera":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def show(self, images: Sequence[bytes]) -> None:
        self._images = images

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def wait_for(self, *states: str, seconds: float = 30, until: str = "") -> View:
        """Until the visit is in one of the states (or over); returns the view. Raises TimeoutError."""
        return self.wait(lambda view: view["state"] in states or view["end"] is not None, seconds, f"{states} {until}")

    def wait(self, is_it: Condition, seconds: float = 30, what: str = "the condition") -> View:
        deadline = time.monotonic() + seconds
        with self._changed:
            while not is_it(self.view):
                left = deadline - time.monotonic()
                if left <= 0 or not self._thread.is_alive():
                    raise TimeoutError(f"waited for {what}; the visit is in {self.view['state']}")
                self._changed.wait(min(left, 0.5))
            return self.view

    def _run(self) -> None:
        while not self._stop.is_set() and self.view["end"] is None:
            try:
                self._visit.headers = self._source.headers
                self._upload()
                self._poll()
            except Problem as problem:
                if not self._expected(problem):
                    raise
            self._stop.wait(_STEP_S)

    def _upload(self) -> None:
        now = time.monotonic()
        if now < self._upload_at or not self._images or self._sent - self.view["analysedSeq"] >= _AHEAD:
            return
        self.uploads.append(now)
        self._sent = self._visit.frame(self._images[len(self.uploads) % len(self._images)])
        self._upload_at = now + (_IDENTIFY_S if self.view["state"] in _SEARCHING else _WATCH_S)

    def _poll(self) -> None:
        if time.monotonic() >= self._poll_at:
            self._see(self._visit.view())
            self._poll_at = time.monotonic() + _POLL_S

    def _expected(self, problem: Problem) -> bool:
        """The visit ended, its token changed at the hand-off, or the server asks for patience."""
        if problem.status == 410:
            self._see(self._visit.view())
        return problem.status in {401, 409, 410, 429, 503}

    def _see(self, view: View) -> None:
        with self._changed:
            self.view = view
            self._changed.notify_all()
