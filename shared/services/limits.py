"""Fixed-window counters in the database: correct however many instances count at the same time."""

from dataclasses import dataclass
from datetime import timedelta

from shared.containers import LIMITS
from shared.domain.errors import LimitReached
from shared.ports import Clock, Documents


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` of `what` in each window. Windows begin at multiples of their length since the epoch."""

    what: str
    most: int
    window: timedelta


class Limits:
    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    def take(self, limit: Limit, subject: str) -> int:
        """Count one more for `subject` (a random or keyed id, never a number or a name). Raises LimitReached."""
        now = self._clock.now().timestamp()
        window = limit.window.total_seconds()
        try:
            return self._documents.increment(
                LIMITS, *self._place(limit, subject), "count", at_most=limit.most, ttl=int(2 * window)
            )
        except LimitReached:
            raise LimitReached(limit.what, retry_after=window - now % window) from None

    def give_back(self, limit: Limit, subject: str) -> None:
        """Take one count back: what was counted in advance did not happen."""
        self._documents.increment(LIMITS, *self._place(limit, subject), "count", by=-1)

    def used(self, limit: Limit, subject: str) -> int:
        document = self._documents.get(LIMITS, *self._place(limit, subject))
        count = document.body.get("count", 0) if document else 0
        return count if isinstance(count, int) else 0

    def reset(self, limit: Limit, subject: str) -> None:
        self._documents.delete(LIMITS, *self._place(limit, subject))

    def _place(self, limit: Limit, subject: str) -> tuple[str, str]:
        start = int(self._clock.now().timestamp() // limit.window.total_seconds())
        key = f"{limit.what}.{subject}.{start}"
        return key, key
