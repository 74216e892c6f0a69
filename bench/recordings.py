"""The officer's questions with few and with many recordings: documents read, time in SQLite, estimated request units.

The same 25 visits of one day are asked for each time; all else is other days, kiosks and people, in the same lists.
So a cost that grows with the store is a cost of what is not returned. Request units are arithmetic, not a measurement:
1 for a point read and for each KB that a query returns, 3 for each page of a query and each count (docs/recordings.md).
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.documents import measure
from shared.adapters.cursors import Cursors
from shared.adapters.keyring import Keyring
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.containers import MEDIA_INDEX, VISITS, Container
from shared.domain.recording import RecordingKind, recording_name
from shared.domain.session import kiosk_day
from shared.domain.stamp import stamp
from shared.domain.visit_facts import Faces, Outcome, VisitFacts, scopes
from shared.ports import Body, Document, Documents, Page, Query, Range
from shared.services.recordings.index import entry_id
from shared.services.recordings.tallies import Tallies
from shared.services.recordings.visit_index import VisitIndex, entry_body
from shared.services.recordings.visit_query import VisitQueries, VisitQuestion

PER_VISIT = 40
PROBES = 25
TODAY = datetime(2026, 11, 22, tzinfo=UTC)
NOW = TODAY + timedelta(hours=16)
GROWTH = 3.0
"""Times slower than with few recordings a question may be, at the median: deeper trees and colder pages, no more."""
FLOOR_MS = 2.0
"""Below this nobody asks how it grew."""


class StillClock:
    def now(self) -> datetime:
        return NOW


@dataclass(slots=True)
class Cost:
    gets: int = 0
    pages: int = 0
    counts: int = 0
    read: int = 0
    kilobytes: float = 0.0

    @property
    def units(self) -> float:
        return round(self.gets + 3 * (self.pages + self.counts) + self.kilobytes, 1)


class Counting:
    """Documents that say what was read of them."""

    def __init__(self, inner: Documents) -> None:
        self._inner = inner
        self.cost = Cost()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def get(self, container: Container, partition: str, id: str) -> Document | None:
        found = self._inner.get(container, partition, id)
        self.cost.gets += 1
        self.cost.read += found is not None
        return found

    def query(self, query: Query) -> Page:
        page = self._inner.query(query)
        self.cost.pages += 1
        self.cost.read += len(page.items)
        self.cost.kilobytes += sum(len(json.dumps(d.body)) for d in page.items) / 1000
        return page

    def count(self, query: Query) -> int:
        self.cost.counts += 1
        return self._inner.count(query)


def visit(number: int) -> VisitFacts:
    """The first are today's; the others lie on the 20 days of the same month before, at 20 kiosks, of 500 people."""
    probe = number < PROBES
    kiosk = "K7" if probe or number % 20 == 0 else f"K{number % 20 + 10}"
    other_day = TODAY - timedelta(days=1 + number % 20, seconds=-(number * 37 % 80_000))
    at = TODAY + timedelta(hours=14, minutes=2 * number) if probe else other_day
    outcome = (Outcome.DENIED, Outcome.LEFT, Outcome.GRANTED, Outcome.GRANTED)[number % 4]
    person = f"pprobe{number % 5}" if probe else f"p{number % 500:04d}"
    unique = "".join(chr(97 + int(digit, 26)) for digit in _base26(number)).rjust(24, "a")
    return VisitFacts(
        session=f"{kiosk}_{at:%Y%m%d}_{unique}",
        kiosk=kiosk,
        reference=f"{kiosk}-{number:04d}",
        at=at,
        ended_at=at + timedelta(seconds=35),
        outcome=outcome,
        reason={Outcome.DENIED: "wrong_pin", Outcome.LEFT: "cancelled"}.get(outcome, "finished"),
        assurance="full" if outcome is Outcome.GRANTED else None,
        person=person if outcome is Outcome.GRANTED else None,
        claimed=person if outcome is Outcome.DENIED else None,
        matched=(person,) if outcome is Outcome.DENIED else (),
        faces=Faces.UNKNOWN if outcome is Outcome.LEFT else Faces.KNOWN,
        two=number % 10 == 1,
        frames=PER_VISIT - 1,
        clips=1,
        thumbnail=2,
        granted_s=14.0 if outcome is Outcome.GRANTED else None,
    )


def _base26(number: int) -> str:
    digits = "0123456789abcdefghijklmnop"
    text = ""
    while number:
        number, rest = divmod(number, 26)
        text = digits[rest] + text
    return text or "0"


def write(documents: Documents, number: int) -> None:
    """One visit as the app leaves it: its lists, and an entry for each recording."""
    facts = visit(number)
    for scope in scopes(facts):
        documents.create(VISITS, scope, facts.session, entry_body(facts))
    for frame in range(1, PER_VISIT + 1):
        kind = RecordingKind.FRAME if frame < PER_VISIT else RecordingKind.VOICE
        name = recording_name(facts.session, kind, frame if kind is RecordingKind.FRAME else 1)
        body: Body = {
            "session": facts.session, "kiosk": facts.kiosk, "kind": kind, "number": name.number,
            "at": stamp(facts.at + timedelta(seconds=frame)), "name": str(name), "size": 60_000,
            "sha256": f"{number * 100 + frame:064x}", "faces": 1, "quality": "good", "outcome": facts.outcome,
            "person": facts.person, "claimed": facts.claimed,
        }  # fmt: skip
        documents.create(MEDIA_INDEX, kiosk_day(facts.session), entry_id(name), body)


@contextmanager
def filled(recordings: int) -> Iterator[Documents]:
    folder = Path(tempfile.mkdtemp())
    documents = SqliteDocuments(folder / "documents.sqlite", StillClock(), Cursors(Keyring({"k1": bytes(32)}, "bench")))
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda number: write(documents, number), range(recordings // PER_VISIT)))
        yield documents
    finally:
        documents.close()
        shutil.rmtree(folder)


def questions(documents: Documents) -> dict[str, Callable[[int], object]]:
    """By what an officer would say."""
    queries = VisitQueries(documents, VisitIndex(documents, None, None, None, StillClock()), StillClock())  # type: ignore[arg-type]
    tallies = Tallies(documents, queries, StillClock())
    today = VisitQuestion(low=TODAY, high=NOW)
    seven = replace(today, kiosk="K7")
    probe = visit(3)
    month = replace(today, low=TODAY - timedelta(days=21))
    second = queries.page(today, 10).cursor
    media = Query(MEDIA_INDEX, kiosk_day(probe.session), range=Range("id", f"{probe.session}.", f"{probe.session}/"))
    yesterday = TODAY - timedelta(days=1)
    tallies.of(yesterday.date())  # closed: added up once
    return {
        "everything today": lambda _: queries.page(today),
        "its second page of ten": lambda _: queries.page(today, 10, second),
        "kiosk 7 between two and three": lambda _: queries.page(
            replace(seven, low=TODAY + timedelta(hours=14), high=TODAY + timedelta(hours=15))
        ),
        "all visits of one person": lambda n: queries.page(VisitQuestion(person=f"pprobe{n % 5}")),
        "every denied visit today": lambda _: queries.page(replace(today, outcome=Outcome.DENIED)),
        "denied at kiosk 7 today": lambda _: queries.page(replace(seven, outcome=Outcome.DENIED)),
        "wrong PINs today": lambda _: queries.page(replace(today, reason="wrong_pin")),
        "unknown faces today": lambda _: queries.page(replace(today, faces=Faces.UNKNOWN)),
        "two people in view today": lambda _: queries.page(replace(today, two=True)),
        "one visit by its reference": lambda _: queries.page(VisitQuestion(reference=probe.reference)),
        "one visit by its id": lambda _: queries.page(VisitQuestion(session=probe.session)),
        "the recordings of a visit": lambda _: documents.query(media),
        "how many denied today": lambda _: queries.count(replace(today, outcome=Outcome.DENIED)),
        "charts of today": lambda _: tallies.between(TODAY, NOW),
        "charts of a day that is over": lambda _: tallies.between(yesterday, TODAY),
        "how many this month (grows with the answer)": lambda _: queries.count(month),
    }


def results(recordings: int, times: int) -> Iterator[dict[str, Any]]:
    with filled(recordings) as documents:
        counting = Counting(documents)
        asked = questions(counting)
        for name, ask in asked.items():
            counting.cost = Cost()
            ask(0)
            cost = replace(counting.cost)
            median, p95 = measure(ask, times)
            yield {
                "recordings": recordings,
                "question": name,
                "read": cost.read,
                "queries": cost.gets + cost.pages + cost.counts,
                "request_units": cost.units,
                "median_ms": round(median, 3),
                "p95_ms": round(p95, 3),
            }


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench recordings", description=__doc__)
    parser.add_argument("--recordings", type=int, nargs="+", default=[1_000, 200_000], help="how many there are")
    parser.add_argument("--times", type=int, default=100, help="repetitions of each question")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(argv)
    found: list[dict[str, Any]] = []
    for recordings in given.recordings:
        for result in results(recordings, given.times):
            found.append(result)
            if not given.json:
                print(
                    "{recordings:>7}  {question:<44} read {read:>5}  queries {queries:>3}  ~RU {request_units:>6}"
                    "  median {median_ms:>8} ms  p95 {p95_ms:>8} ms".format(**result),
                    flush=True,
                )
    grown = list(_grown(found))
    if given.json:
        print(json.dumps({"bench": "recordings", "growth": GROWTH, "results": found, "grown": grown}))
    for line in grown:
        print(line, file=sys.stderr)
    return 1 if grown else 0


def _grown(found: list[dict[str, Any]]) -> Iterator[str]:
    """Questions that read more, or take much longer, with more recordings that they do not return."""
    first: dict[str, dict[str, Any]] = {}
    for result in found:
        few = first.setdefault(str(result["question"]), result)
        if "grows with" in few["question"] or few is result:
            continue
        if few["question"] != "charts of a day that is over" and result["read"] > few["read"]:
            yield f"{few['question']}: reads {few['read']}, then {result['read']}"
        if result["median_ms"] > max(FLOOR_MS, GROWTH * few["median_ms"]):
            yield f"{few['question']}: {few['median_ms']} ms, then {result['median_ms']} ms"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
