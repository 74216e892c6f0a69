"""How every instance's gallery follows the templates: a snapshot to start from, then the log, read every 2 s."""

import logging
import threading
from datetime import datetime, timedelta

from shared.domain.errors import Unavailable
from shared.logs import say
from shared.ports import Clock, MutableGallery
from shared.services.gallery.log import Changes, GalleryLog
from shared.services.gallery.snapshot import Snapshots
from shared.services.gallery.source import GallerySource

_MANY = 500


class GalleryFeed:
    """Keeps one gallery up to date; only templates of its model enter it."""

    def __init__(
        self,
        log: GalleryLog,
        source: GallerySource,
        snapshots: Snapshots,
        clock: Clock,
        every: timedelta = timedelta(seconds=2),
    ) -> None:
        self._log = log
        self._source = source
        self._snapshots = snapshots
        self._clock = clock
        self._every = every
        self._lock = threading.Lock()
        self._seen: int | None = None
        self._next: datetime | None = None

    def announce(self, person: str) -> int:
        """Tell every instance that this person's templates or status changed; returns the entry's number."""
        return self._log.announce(person)

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
        changes = self._log.since(self._seen) if self._seen is not None else None
        if changes is None:  # at the start, and for whoever slept while the log was trimmed
            changes = self._log.since(self._load(gallery))
        if changes is None:  # the snapshot does not fit the log
            changes = self._log.since(self._read_all(gallery))
        if changes is not None and self._many(changes, gallery):
            changes = self._log.since(self._read_all(gallery))
        if changes is None:
            raise Unavailable("gallery")
        self._take(gallery, changes)
        self._seen = changes.last

    def _many(self, changes: Changes, gallery: MutableGallery) -> bool:
        """Whether reading everybody at once is quicker than one by one: after an import, or a long rest."""
        return len(changes.people) > max(_MANY, gallery.people() // 4)

    def _load(self, gallery: MutableGallery) -> int:
        """Start anew; returns the log entry up to which the gallery is right."""
        snapshot = self._snapshots.read(gallery.model)
        if snapshot is None:
            return self._read_all(gallery)
        gallery.load(snapshot.model, snapshot.people, snapshot.vectors, snapshot.learned)
        say(logging.INFO, "gallery loaded", people=gallery.people(), upTo=snapshot.up_to)
        return snapshot.up_to

    def _read_all(self, gallery: MutableGallery) -> int:
        head = self._log.head()
        everybody = self._source.everybody(gallery.model)
        for person in gallery.names() - everybody.keys():
            gallery.remove(person)
        for person, faces in everybody.items():
            gallery.replace(person, faces.enrolled, faces.learned)
        say(logging.INFO, "gallery read", people=gallery.people(), upTo=head)
        return head

    def _take(self, gallery: MutableGallery, changes: Changes) -> None:
        for person in changes.people:
            faces = self._source.of(person, gallery.model)
            if faces:
                gallery.replace(person, faces.enrolled, faces.learned)
            else:
                gallery.remove(person)
        if changes.people:
            say(logging.INFO, "gallery followed", changes=len(changes.people), people=gallery.people())
