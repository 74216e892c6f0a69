"""Training at a face service: asked for after every change, once at a time, and again with back-off if it failed.

One document counts the changes that want a training, and those that the training under way and the last good one
cover; so several instances may look after it, and nothing is lost when one of them goes.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from shared.containers import TEMPLATES
from shared.domain.errors import AtmError, LostRace, Unavailable
from shared.domain.stamp import from_stamp, stamp
from shared.logs import say
from shared.ports import Body, Clock, Document, Documents, FaceService, Training, TrainingState

_PLACE = "_training"
_FIRST_RETRY = timedelta(seconds=5)
_LAST_RETRY = timedelta(minutes=10)
_WAITS = (0.2, 0.3, 0.5, 1.0, 1.0)
"""Seconds: what a person who has just registered waits for; later trainings end without anybody waiting."""


class RemoteTraining:
    def __init__(
        self, documents: Documents, service: FaceService, clock: Clock, group: str, pause: Callable[[float], None]
    ) -> None:
        self._documents = documents
        self._service = service
        self._clock = clock
        self._partition = f"_remote.{group}"
        self._pause = pause

    def want(self) -> None:
        """Something changed: have it trained, and wait a little for it. Never raises for the service."""
        self._documents.increment(TEMPLATES, self._partition, _PLACE, "wanted")
        for wait in _WAITS:
            if self.follow():
                return
            self._pause(wait)

    def follow(self) -> bool:
        """Do what is due; True when everything wanted is trained. Never raises for the service."""
        document = self._documents.get(TEMPLATES, self._partition, _PLACE)
        if document is None or _count(document, "wanted") <= _count(document, "trained"):
            return True
        try:
            return self._step(document)
        except LostRace:
            return False  # another instance is at it
        except AtmError as failure:
            say(logging.WARNING, "training left for later", error=failure.code)
            return False

    def _step(self, document: Document) -> bool:
        wanted, asked = _count(document, "wanted"), _count(document, "asked")
        now = self._service.training()
        if asked <= _count(document, "trained"):
            if now.state is not TrainingState.RUNNING and self._due(document):
                self._ask(document, wanted, now)
            return False
        if now.state is TrainingState.SUCCEEDED and now.succeeded_at != document.body.get("before"):
            self._write(document, {"trained": asked, "failures": 0})
            say(logging.INFO, "trained", changes=asked)
            return asked >= wanted
        unheard_of = now.state is not TrainingState.RUNNING and self._due(document)  # it never began
        if now.state is TrainingState.FAILED or unheard_of:
            self._fail(document)
        return False

    def _ask(self, document: Document, wanted: int, before: Training) -> None:
        """Written first: whoever loses the race asks for nothing. One asked for and refused is asked for again."""
        written = self._write(
            document,
            {"asked": wanted, "before": before.succeeded_at, "retryAt": self._later(_count(document, "failures"))},
        )
        try:
            self._service.train()
        except Unavailable:
            self._fail(written)
            raise

    def _fail(self, document: Document) -> None:
        failures = _count(document, "failures") + 1
        say(logging.WARNING, "training failed", failures=failures)
        changes: Body = {
            "asked": _count(document, "trained"),
            "failures": failures,
            "retryAt": self._later(failures - 1),
        }
        self._write(document, changes)

    def _later(self, failures: int) -> str:
        """Doubling from the first retry to the last."""
        return stamp(self._clock.now() + min(_LAST_RETRY, _FIRST_RETRY * float(1 << min(failures, 10))))

    def _due(self, document: Document) -> bool:
        retry = document.body.get("retryAt")
        failed = _count(document, "failures") > 0 or _count(document, "asked") > _count(document, "trained")
        return not failed or not isinstance(retry, str) or self._clock.now() >= from_stamp(retry)

    def _write(self, document: Document, changes: Body) -> Document:
        """Raises LostRace, also when one more change is wanted meanwhile: then the next look sees it."""
        body = {**document.body, **changes}
        return self._documents.replace(TEMPLATES, document.partition, document.id, body, document.etag)


def _count(document: Document, field: str) -> int:
    value = document.body.get(field, 0)
    return value if isinstance(value, int) else 0
