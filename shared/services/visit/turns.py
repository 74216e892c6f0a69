"""Work that computes, done in turns: a few hands of its own, the most urgent first.

Requests keep the worker's threads for themselves, however much waits here. A hand runs at a lower priority than they do
where the system has one for threads (Linux).
"""

import atexit
import heapq
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass
from itertools import count
from typing import Protocol

_GENTLE, _GENTLEST = 5, 19  # how much nicer than the process, and the nicest there is
_LOOK = -1  # comes before all work
_LOOK_AGAIN_SECONDS = 1.0
_LAST_SECONDS = 2.0


class Turns(Protocol):
    def take(self, name: str, work: Callable[[], None], look: Callable[[], int] | None = None) -> "Future[None]":
        """Have `work` done; whoever asks for the same name meanwhile gets the same future.

        `look` says how urgent it is, 0 before 1, and is itself done before any work; who asks again has it done again,
        once a second at most, while the work waits. Without it: 0. The work runs in the first asker's context.
        """


@dataclass(slots=True)
class _Job:
    number: int
    name: str
    work: Callable[[], None]
    look: Callable[[], int] | None
    done: "Future[None]"
    context: Context
    looked: float
    begun: bool = False


class HandTurns:
    """`hands` threads, begun when first needed."""

    def __init__(self, name: str, hands: int) -> None:
        self._name = name
        self._hands = hands
        self._threads: list[threading.Thread] = []
        self._closing = False
        self._numbers = count()
        self._change = threading.Condition()
        self._waiting: list[tuple[int, int, int, _Job]] = []
        self._known: dict[str, _Job] = {}

    def take(self, name: str, work: Callable[[], None], look: Callable[[], int] | None = None) -> "Future[None]":
        with self._change:
            now = time.monotonic()
            job = self._known.get(name)
            if job is None:
                job = _Job(next(self._numbers), name, work, look, Future(), copy_context(), now)
                self._begin()
                self._known[name] = job
                self._put(0 if look is None else _LOOK, job)
            elif job.look is not None and not job.begun and now - job.looked > _LOOK_AGAIN_SECONDS:
                job.looked = now
                self._put(_LOOK, job)
            return job.done

    def close(self) -> None:
        """Begin nothing more, and wait for what is being done: a process must not end under an engine at work."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        for thread in self._threads:
            thread.join(_LAST_SECONDS)

    def _begin(self) -> None:
        if not self._threads:
            atexit.register(self.close)
        while len(self._threads) < self._hands:
            thread = threading.Thread(target=self._hand, name=f"{self._name}-{len(self._threads)}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def _put(self, urgency: int, job: _Job) -> None:
        """A job may stand in the heap more than once; its first turn counts, the number tells its age."""
        heapq.heappush(self._waiting, (urgency, job.number, next(self._numbers), job))
        self._change.notify()

    def _hand(self) -> None:
        if sys.platform == "linux":
            mine = threading.get_native_id()
            with suppress(OSError):  # it works as well without
                os.setpriority(os.PRIO_PROCESS, mine, min(_GENTLEST, os.getpriority(os.PRIO_PROCESS, mine) + _GENTLE))
        while (turn := self._next()) is not None:
            urgency, job = turn
            try:
                if urgency == _LOOK and job.look is not None:
                    found = job.context.copy().run(job.look)
                    with self._change:
                        self._put(found, job)
                else:
                    job.context.run(job.work)
                    self._settle(job, None)
            except BaseException as failure:  # its askers are told, the hand goes on
                if urgency != _LOOK or self._not_begun(job):
                    self._settle(job, failure)

    def _next(self) -> tuple[int, _Job] | None:
        with self._change:
            while True:
                while not self._waiting and not self._closing:
                    self._change.wait()
                if self._closing:
                    return None
                urgency, _, _, job = heapq.heappop(self._waiting)
                if job.begun or self._known.get(job.name) is not job:
                    continue
                job.begun = urgency != _LOOK
                return urgency, job

    def _not_begun(self, job: _Job) -> bool:
        """And from now on nobody begins."""
        with self._change:
            begun, job.begun = job.begun, True
            return not begun

    def _settle(self, job: _Job, failure: BaseException | None) -> None:
        with self._change:
            del self._known[job.name]
        if not job.done.set_running_or_notify_cancel():
            return
        if failure is None:
            job.done.set_result(None)
        else:
            job.done.set_exception(failure)
