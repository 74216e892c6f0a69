"""Work that computes, done in turns: a few hands of its own, the most urgent first.

Requests keep the worker's threads for themselves, however much waits here. A hand runs at a lower priority than they do
where the system has one for threads (Linux).
"""

import heapq
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

_GENTLE = 5  # how much nicer than everything else


class Turns(Protocol):
    def take(self, name: str, work: Callable[[], None], look: Callable[[], int] | None = None) -> "Future[None]":
        """Have `work` done; whoever asks for the same name meanwhile gets the same future.

        `look` says how urgent it is, 0 before 1, and is itself done before any work. Without it: 0.
        """


@dataclass(order=True, slots=True)
class _Job:
    urgency: int
    number: int
    name: str = field(compare=False)
    work: Callable[[], None] = field(compare=False)
    look: Callable[[], int] | None = field(compare=False)
    done: "Future[None]" = field(compare=False)
    context: Context = field(compare=False)


class HandTurns:
    """`hands` threads, begun when first needed."""

    def __init__(self, name: str, hands: int) -> None:
        self._name = name
        self._hands = hands
        self._begun = False
        self._numbers = count()
        self._change = threading.Condition()
        self._waiting: list[_Job] = []
        self._known: dict[str, Future[None]] = {}

    def take(self, name: str, work: Callable[[], None], look: Callable[[], int] | None = None) -> "Future[None]":
        with self._change:
            known = self._known.get(name)
            if known is not None:
                return known
            done = self._known[name] = Future()
            urgency = 0 if look is None else -1
            heapq.heappush(self._waiting, _Job(urgency, next(self._numbers), name, work, look, done, copy_context()))
            self._begin()
            self._change.notify()
        return done

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            for number in range(self._hands):
                threading.Thread(target=self._hand, name=f"{self._name}-{number}", daemon=True).start()

    def _hand(self) -> None:
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _GENTLE)
        while True:
            with self._change:
                while not self._waiting:
                    self._change.wait()
                job = heapq.heappop(self._waiting)
            try:
                self._turn(job)
            except BaseException as failure:  # its asker is told, the hand goes on
                self._settle(job, failure)

    def _turn(self, job: _Job) -> None:
        if job.look is not None:
            job.urgency, job.look = job.context.run(job.look), None
            with self._change:
                heapq.heappush(self._waiting, job)
                self._change.notify()
            return
        job.context.run(job.work)
        self._settle(job, None)

    def _settle(self, job: _Job, failure: BaseException | None) -> None:
        with self._change:
            del self._known[job.name]
        if failure is None:
            job.done.set_result(None)
        else:
            job.done.set_exception(failure)
