"""Reports for spreadsheets and Power BI: rows of a stable schema, with pseudonyms for people and no names at all.

A pseudonym is a keyed hash of the person's random id: the same in every report under one key, and of no use to anybody
without it. After a change of ATM_KEYS people have new ones.
"""

import csv
import hmac
import io
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from shared.domain.csv_cells import safe_cell
from shared.domain.errors import AlreadyExists, AtmError
from shared.domain.stamp import stamp
from shared.domain.tally import Tally, grouped
from shared.domain.visit_facts import Outcome, VisitFacts
from shared.logs import say
from shared.ports import Clock, Keys, Media
from shared.services.kiosks.pairing import Kiosks
from shared.services.recordings.tallies import Tallies, days
from shared.services.recordings.visit_query import PAGE_MOST, VisitQueries, VisitQuestion

CONTAINER = "reports"
VISITS_SCHEMA, DAILY_SCHEMA = "face-atm.report.visits.1", "face-atm.report.daily.1"
type Cell = str | int | float | bool | None
type Row = dict[str, Cell]

VISIT_COLUMNS = (
    "visit", "reference", "kiosk", "kiosk_name", "time_zone", "began_utc", "began_local", "ended_utc", "duration_s",
    "outcome", "reason", "assurance", "person", "matched", "faces", "two_in_view", "frames", "clips", "grant_s",
)  # fmt: skip
DAILY_COLUMNS = (
    "day_utc", "kiosk", "kiosk_name", "visits", "let_in", *(str(o) for o in Outcome), "grant_median_s", "grant_p95_s"
)  # fmt: skip
_MAKE_UP = 7
"""Days a nightly drop looks back on, should it have failed."""


@dataclass(frozen=True, slots=True)
class Report:
    schema: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    cursor: str | None = None

    def csv(self) -> bytes:
        """UTF-8 with a byte order mark, as spreadsheets want it; nothing in it can become a formula."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(self.columns)
        writer.writerows([_cell(row[name]) for name in self.columns] for row in self.rows)
        return text.getvalue().encode("utf-8-sig")

    def json(self) -> bytes:
        told = {"schema": self.schema, "columns": [*self.columns], "rows": [*self.rows], "cursor": self.cursor}
        return json.dumps(told, ensure_ascii=False).encode()


class Reports:
    def __init__(
        self, queries: VisitQueries, tallies: Tallies, kiosks: Kiosks, keys: Keys, media: Media, clock: Clock
    ) -> None:
        self._queries = queries
        self._tallies = tallies
        self._kiosks = kiosks
        self._keys = keys
        self._media = media
        self._clock = clock

    def visits(self, question: VisitQuestion, limit: int = PAGE_MOST, cursor: str | None = None) -> Report:
        """One page, newest first."""
        page = self._queries.page(question, limit, cursor)
        return Report(VISITS_SCHEMA, VISIT_COLUMNS, tuple(self._visits(page.items)), page.cursor)

    def daily(self, low: datetime, high: datetime) -> Report:
        """A row for each day (UTC) and kiosk. Raises BadRequest("bad_range")."""
        tallies = self._tallies.between(low, high)
        return Report(DAILY_SCHEMA, DAILY_COLUMNS, tuple(self._daily(tallies)))

    def drop(self) -> int:
        """Write the files of the last days that are not there yet. How many were written."""
        now, written = self._clock.now(), 0
        for day in days(now - timedelta(days=_MAKE_UP), now - timedelta(days=1)):
            for name, make in self._files(day):
                try:
                    written += self._put(name, make)
                except AtmError as failure:
                    say(logging.WARNING, "report left for later", file=name, error=failure.code)
        return written

    def _files(self, day: date) -> Iterator[tuple[str, Callable[[], bytes]]]:
        begin = datetime.combine(day, time(), UTC)
        end = begin + timedelta(days=1)
        for name, make in (("visits", self._all_visits), ("daily", self.daily)):
            place, report = f"{name}/{day:%Y/%m}/{name}-{day}", partial(make, begin, end)
            yield f"{place}.csv", partial(_written, report, Report.csv)
            yield f"{place}.json", partial(_written, report, Report.json)

    def _put(self, name: str, make: Callable[[], bytes]) -> bool:
        if self._media.info(CONTAINER, name) is not None:
            return False
        kind = "text/csv; charset=utf-8" if name.endswith(".csv") else "application/json"
        try:
            self._media.put(CONTAINER, name, make(), content_type=kind)
        except AlreadyExists:
            return False
        return True

    def _all_visits(self, low: datetime, high: datetime) -> Report:
        rows = self._visits(self._queries.all(VisitQuestion(low=low, high=high)))
        return Report(VISITS_SCHEMA, VISIT_COLUMNS, tuple(rows))

    def _visits(self, visits: Iterable[VisitFacts]) -> Iterator[Row]:
        kiosks = self._places()
        for facts in visits:
            name, zone = kiosks.get(facts.kiosk, (facts.kiosk, "UTC"))
            ended = facts.ended_at
            cells: tuple[Cell, ...] = (
                facts.session, facts.reference, facts.kiosk, name, zone, stamp(facts.at),
                facts.at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds"), stamp(ended) if ended else None,
                round((ended - facts.at).total_seconds(), 1) if ended else None, facts.outcome, facts.reason,
                facts.assurance, self._pseudonym(facts.person), self._pseudonym(facts.claimed), facts.faces, facts.two,
                facts.frames, facts.clips, facts.granted_s,
            )  # fmt: skip
            yield dict(zip(VISIT_COLUMNS, cells, strict=True))

    def _daily(self, tallies: Tally) -> Iterator[Row]:
        kiosks = self._places()
        for place, sums in grouped(tallies, lambda cell: f"{cell.hour[:10]} {cell.kiosk}").items():
            day, _, kiosk = place.partition(" ")
            counts: tuple[Cell, ...] = tuple(sums.outcomes[outcome] for outcome in Outcome)
            name = kiosks.get(kiosk, (kiosk, ""))[0]
            times: tuple[Cell, ...] = (sums.quantile_s(0.5), sums.quantile_s(0.95))
            cells: tuple[Cell, ...] = (day, kiosk, name, sums.visits, sums.let_in, *counts, *times)
            yield dict(zip(DAILY_COLUMNS, cells, strict=True))

    def _places(self) -> Mapping[str, tuple[str, str]]:
        return {kiosk.id: (kiosk.name, kiosk.time_zone) for kiosk in self._kiosks.list()}

    def _pseudonym(self, person: str | None) -> str | None:
        if person is None:
            return None
        key = self._keys.current
        return hmac.new(self._keys.secret("report", key), person.encode(), "sha256").hexdigest()[:20]


def _written(report: Callable[[], Report], how: Callable[[Report], bytes]) -> bytes:
    return how(report())


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return safe_cell(value) if isinstance(value, str) else str(value)
