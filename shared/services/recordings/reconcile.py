"""Blobs and their index, brought together: a blob without an entry gets one, an entry whose blob stays
away is marked, and told.

Events are delivered at least once, but a blob store and a database can be out of step after a restore, or after
somebody's hand. Each run looks at a few places (a kiosk's day) from where the last one stopped, round and round; today
and yesterday come first every time.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import groupby

from shared.containers import HOUSEKEEPING, MEDIA_INDEX
from shared.domain.errors import AlreadyExists, AtmError, LostRace
from shared.domain.recording import CONTAINER, parse_recording
from shared.domain.stamp import stamp
from shared.logs import say
from shared.ports import Body, Clock, Document, Documents, Media, MediaInfo, Query
from shared.services.attention.items import Attention, Matter
from shared.services.kiosks.pairing import Kiosks
from shared.services.pages import every
from shared.services.recordings.index import RecordingIndex, entry_id

SETTLED = timedelta(minutes=5)
"""A younger blob's event may still be on its way."""
_STATE = "reconcile"

type _Item = MediaInfo | Document


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`places`: kiosks' days looked at. `indexed`: blobs that had no entry. `missing`: entries newly without a blob."""

    places: int
    indexed: int
    missing: int


class Reconcile:
    """`days`: how far back. `places`, `blobs`: the most one run looks at, and indexes."""

    def __init__(
        self,
        documents: Documents,
        media: Media,
        index: RecordingIndex,
        kiosks: Kiosks,
        attention: Attention,
        clock: Clock,
        days: int,
        places: int = 12,
        blobs: int = 500,
    ) -> None:
        self._documents = documents
        self._media = media
        self._index = index
        self._kiosks = kiosks
        self._attention = attention
        self._clock = clock
        self._days = days
        self._places = places
        self._blobs = blobs

    def run(self) -> Reconciled:
        """One bounded step. Raises Unavailable when a store does not answer at all."""
        state = self._documents.get(HOUSEKEEPING, _STATE, _STATE)
        after = str(state.body.get("after", "")) if state else ""
        looked = indexed = missing = 0
        for place in self._due(after):
            done, gone = self._place(place, self._blobs - indexed)
            looked, indexed, missing = looked + 1, indexed + done, missing + gone
            if place.startswith("~"):
                after = place
            if indexed >= self._blobs:
                break  # the same places come first next time
        self._reached(state, after)
        if indexed or missing:
            say(logging.WARNING, "index brought in step", places=looked, indexed=indexed, missing=missing)
        return Reconciled(looked, indexed, missing)

    def _due(self, after: str) -> Iterator[str]:
        """`{kiosk}/{day}`: the newest two days of every kiosk, then older ones as `~{day}/{kiosk}`, newest first."""
        today = self._clock.now().date()
        kiosks = sorted(kiosk.id for kiosk in self._kiosks.list())
        for kiosk in kiosks:
            for back in (0, 1):
                yield f"{kiosk}/{(today - timedelta(days=back)).isoformat()}"
        older = [f"~{_backwards(today, back)}/{kiosk}" for back in range(2, self._days) for kiosk in kiosks]
        start = next((n for n, place in enumerate(older) if place > after), 0)
        yield from (older[start:] + older[:start])[: self._places]

    def _place(self, place: str, most: int) -> tuple[int, int]:
        kiosk, day = _kiosk_and_day(place)
        settled = self._clock.now() - SETTLED
        indexed = marked = stay = 0
        stored = self._media.list(CONTAINER, f"{kiosk}/{day}/")
        for blobs, entries in _by_visit(stored, self._entries(f"{kiosk}_{day.replace('-', '')}")):
            for name in sorted(blobs.keys() - entries.keys()):
                if indexed < most and blobs[name] <= settled and parse_recording(name) is not None:
                    indexed += self._add(name)
            for name in sorted(entries.keys() - blobs.keys()):
                stay += self._stays(entries[name])
                marked += self._mark(entries[name])
        if stay:
            self._attention.call(Matter.INDEX_GAP, f"{kiosk} {day}", kiosk=kiosk, day=day, missing=stay)
        return indexed, marked

    def _stays(self, entry: Document) -> bool:
        """Marked a while ago, and nobody was told: an erasure under way is through by then, entries and all."""
        since = entry.body.get("missingSince")
        if not isinstance(since, str) or since > stamp(self._clock.now() - SETTLED) or entry.body.get("told") is True:
            return False
        return self._change(entry, {"told": True})

    def _add(self, name: str) -> bool:
        try:
            self._index.recording(name)
        except AtmError as failure:
            say(logging.WARNING, "blob left without an entry", error=failure.code)
            return False
        return True

    def _mark(self, entry: Document) -> bool:
        """False when it was marked before, or the blob is there after all: it was listed a moment ago."""
        name = str(entry.body["name"])
        if entry.body.get("missingSince") is not None or self._media.info(CONTAINER, name) is not None:
            return False
        return self._change(entry, {"missingSince": stamp(self._clock.now())})

    def _change(self, entry: Document, also: Body) -> bool:
        try:
            self._documents.replace(MEDIA_INDEX, entry.partition, entry.id, {**entry.body, **also}, entry.etag)
        except LostRace:
            return False  # told something, or deleted with its blob; the next round looks again
        return True

    def _entries(self, partition: str) -> Iterator[Document]:
        found = every(self._documents, Query(MEDIA_INDEX, partition, limit=1000))
        return (d for d in found if isinstance(d.body.get("name"), str) and _own(d))

    def _reached(self, state: Document | None, after: str) -> None:
        body = {"after": after, "at": stamp(self._clock.now())}
        try:
            if state is None:
                self._documents.create(HOUSEKEEPING, _STATE, _STATE, {**body})
            else:
                self._documents.replace(HOUSEKEEPING, _STATE, _STATE, {**body}, state.etag)
        except (AlreadyExists, LostRace):
            return  # another instance did the same


def _by_visit(
    blobs: Iterable[MediaInfo], entries: Iterable[Document]
) -> Iterator[tuple[dict[str, datetime], dict[str, Document]]]:
    """What is stored (and since when) and what is indexed, by name, one visit after the other: both come in the order
    of the visits' ids, so no more than one visit's is ever held."""
    stored: Iterator[tuple[str, _Item]] = ((_folder(blob.name), blob) for blob in blobs)
    indexed: Iterator[tuple[str, _Item]] = ((_folder(str(entry.body["name"])), entry) for entry in entries)
    for _, found in groupby(merge(stored, indexed, key=_first), key=_first):
        one: dict[str, datetime] = {}
        other: dict[str, Document] = {}
        for _, item in found:
            if isinstance(item, Document):
                other[str(item.body["name"])] = item
            else:
                one[item.name] = item.created
        yield one, other


def _folder(name: str) -> str:
    return name.rpartition("/")[0] + "/"


def _first(pair: tuple[str, _Item]) -> str:
    return pair[0]


def _own(entry: Document) -> bool:
    recording = parse_recording(str(entry.body["name"]))
    return recording is not None and entry_id(recording) == entry.id


def _backwards(today: date, back: int) -> str:
    """A day so written that newer ones sort first, whatever today is."""
    return f"{99_999_999 - int((today - timedelta(days=back)).strftime('%Y%m%d')):08d}"


def _kiosk_and_day(place: str) -> tuple[str, str]:
    if not place.startswith("~"):
        kiosk, _, day = place.partition("/")
        return kiosk, day
    number, _, kiosk = place[1:].partition("/")
    digits = f"{99_999_999 - int(number):08d}"
    return kiosk, f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
