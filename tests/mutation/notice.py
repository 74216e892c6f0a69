"""Who notices a mutant: the cases that pass through the function it changes."""

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from types import CodeType, FrameType

from tests.mutation.sources import Mutant

type Holds = Callable[[], bool]


class Watchers:
    """For each function the cases that call it, found by running them all once."""

    def __init__(self, cases: Sequence[Holds]) -> None:
        self._cases = cases
        self._through: defaultdict[CodeType, list[int]] = defaultdict(list)
        for number, holds in enumerate(cases):
            self._record(number, holds)

    def notice(self, mutant: Mutant) -> bool:
        through = self._through[mutant.function.__code__]
        with mutant.applied():
            return any(not _holds(self._cases[number]) for number in through)

    def _record(self, number: int, holds: Holds) -> None:
        def called(frame: FrameType, event: str, _: object) -> None:
            if event == "call" and (not (seen := self._through[frame.f_code]) or seen[-1] != number):
                seen.append(number)

        before = sys.getprofile()
        sys.setprofile(called)
        try:
            held = holds()
        finally:
            sys.setprofile(before)
        if not held:
            raise AssertionError(f"case {number} does not hold even without a mutant")


def _holds(case: Holds) -> bool:
    try:
        return case()
    except Exception:  # a mutant may do anything; falling over is being noticed
        return False
