"""How every instance's gallery follows the templates: a log of "this person's templates changed", read every 2 s.

An entry names a person, nothing else; the reader takes the person's templates as they are now. No active person or no
template left means gone: that is the tombstone. Reading an entry twice changes nothing.
"""

import logging
import threading
from datetime import datetime, timedelta

from shared.containers import TEMPLATES
from shared.domain.errors import AlreadyExists
from shared.logs import say
from shared.ports import Clock, Documents, MutableGallery, Query, Range
from shared.services.people import People, Status
from shared.services.templates import Kind, Templates

_PARTITION = "_feed"
_PAGE = 200


class GalleryFeed:
    """Keeps one gallery up to date. `model`: only templates of this recogniser enter it."""

    def __init__(
        self,
        documents: Documents,
        clock: Clock,
        people: People,
        templates: Templates,
        every: timedelta = timedelta(seconds=2),
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._people = people
        self._templates = templates
        self._every = every
        self._lock = threading.Lock()
        self._seen = 0
        self._next: datetime | None = None

    def announce(self, person: str) -> int:
        """Tell every instance that this person's templates or status changed; returns the entry's number."""
        number = self._last() + 1
        while True:
            try:
                self._documents.create(TEMPLATES, _PARTITION, f"{number:012d}", {"seq": number, "changed": person})
            except AlreadyExists:
                number += 1
                continue
            return number

    def refresh(self, gallery: MutableGallery, *, now: bool = False) -> None:
        """Bring the gallery up to date if it is due. Raises Unavailable when the store does not answer in time."""
        if not now and self._next is not None and self._clock.now() < self._next:
            return
        with self._lock:
            if not now and self._next is not None and self._clock.now() < self._next:
                return
            started = self._clock.now()
            self._follow(gallery)
            self._next = started + self._every

    def _follow(self, gallery: MutableGallery) -> None:
        changed: dict[str, None] = {}
        last = self._seen
        cursor: str | None = None
        while True:
            page = self._documents.query(
                Query(
                    TEMPLATES,
                    _PARTITION,
                    range=Range("seq", low=self._seen + 1),
                    order_by="seq",
                    limit=_PAGE,
                    cursor=cursor,
                )
            )
            for entry in page.items:
                changed[str(entry.body["changed"])] = None
                last = max(last, int(str(entry.body["seq"])))
            cursor = page.cursor
            if cursor is None:
                break
        for person in changed:
            self._take(gallery, person)
        if changed:
            say(logging.INFO, "gallery followed", changes=len(changed), people=gallery.people())
        self._seen = last

    def _take(self, gallery: MutableGallery, person: str) -> None:
        found = self._people.get(person)
        if found is None or found.status is not Status.ACTIVE:
            gallery.remove(person)
            return
        gallery.replace(person, [t.embedding for t in self._templates.of(person, Kind.FACE, gallery.model)])

    def _last(self) -> int:
        page = self._documents.query(
            Query(TEMPLATES, _PARTITION, range=Range("seq", low=1), order_by="seq", descending=True, limit=1)
        )
        return int(str(page.items[0].body["seq"])) if page.items else 0
