"""Days added up for charts and reports. A day that is over is added up once and kept; charts then read one document.

Nothing of a person stands in a day's sums: they outlive recordings and erasures.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

from shared.containers import VISITS
from shared.domain.errors import AlreadyExists, BadRequest
from shared.domain.stamp import stamp
from shared.domain.tally import Cell, Sums, Tally, tally
from shared.ports import Body, Clock, Document, Documents, Json
from shared.services.recordings.visit_query import VisitQueries, VisitQuestion

SCOPE = "tally"
DAYS_MOST = 92
_CLOSED_AFTER = timedelta(hours=2)
"""No visit lasts longer (VISIT_MINUTES, ENROLMENT_MINUTES, each once extended), and settling takes seconds."""


class Tallies:
    def __init__(self, documents: Documents, queries: VisitQueries, clock: Clock) -> None:
        self._documents = documents
        self._queries = queries
        self._clock = clock

    def between(self, low: datetime, high: datetime, kiosk: str | None = None) -> Tally:
        """Of the visits that began in these hours (UTC, each counts whole). Raises BadRequest("bad_range")."""
        if high <= low or high - low > timedelta(days=DAYS_MOST):
            raise BadRequest("bad_range", f"`from` must be before `to`, by at most {DAYS_MOST} days")
        last = high - timedelta(milliseconds=1)
        hours = stamp(low)[:13], stamp(last)[:13]
        found: Tally = {}
        for day in days(low, last):
            cells = self.of(day).items()
            found |= {c: s for c, s in cells if hours[0] <= c.hour <= hours[1] and kiosk in (None, c.kiosk)}
        return found

    def of(self, day: date) -> Tally:
        """A day in UTC."""
        kept = self._documents.get(VISITS, SCOPE, day.isoformat())
        if kept is not None:
            return _read(kept)
        begin = datetime.combine(day, time(), UTC)
        if begin > self._clock.now():
            return {}
        end = begin + timedelta(days=1)
        result = tally(self._queries.all(VisitQuestion(low=begin, high=end)))
        if self._clock.now() >= end + _CLOSED_AFTER:
            with suppress(AlreadyExists):
                self._documents.create(VISITS, SCOPE, day.isoformat(), _written(result))
        return result

    def forget(self, day: date) -> None:
        """Add it up anew when next asked: its visits were made anew."""
        self._documents.delete(VISITS, SCOPE, day.isoformat())


def days(low: datetime, last: datetime) -> Iterator[date]:
    """The days (UTC) from one moment to another, both included."""
    day = low.astimezone(UTC).date()
    while day <= last.astimezone(UTC).date():
        yield day
        day += timedelta(days=1)


def _written(cells: Tally) -> Body:
    return {
        f"{cell.kiosk} {cell.hour}": {
            "outcomes": {**sums.outcomes},
            "reasons": {**sums.reasons},
            "steps": {str(step): n for step, n in sums.steps.items()},
            "letIn": sums.let_in,
        }
        for cell, sums in cells.items()
    }


def _read(document: Document) -> Tally:
    found: Tally = {}
    for place, sums in document.body.items():
        kiosk, _, hour = place.partition(" ")
        if hour and isinstance(sums, dict):
            steps = Counter({int(step): n for step, n in _counter(sums.get("steps")).items()})
            let_in = sums.get("letIn")
            found[Cell(kiosk, hour)] = Sums(
                _counter(sums.get("outcomes")),
                _counter(sums.get("reasons")),
                steps,
                let_in if isinstance(let_in, int) else 0,
            )
    return found


def _counter(value: Json) -> Counter[str]:
    pairs = value.items() if isinstance(value, dict) else ()
    return Counter({word: n for word, n in pairs if isinstance(n, int)})
