"""The snapshot of a gallery: one encrypted file, written again when the log has grown, and who may write it.

A small document points at the file in force; it moves by ETag, so of two writers one wins. A file that cannot be read
(lost, altered, under a key that is gone) is no loss: everything is read from the templates instead, only slower.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from shared.containers import TEMPLATES
from shared.domain.errors import AlreadyExists, LostRace, NotAllowed, NotFound
from shared.domain.stamp import from_stamp, stamp
from shared.logs import say
from shared.ports import Body, Clock, Document, Documents, Keys, Media, Query, Randomness
from shared.services.gallery.file import Packed, opened_file, packed, sealed_file, unpacked
from shared.services.gallery.log import PARTITION, GalleryLog
from shared.services.gallery.source import Faces, GallerySource

CONTAINER = "galleries"
_KIND = "snapshot"
_ORPHANED = timedelta(minutes=10)
_OUTDATED = timedelta(days=1)
_TRIES = 2  # the file may be replaced while it is being read


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRule:
    """A snapshot is due when the log has `entries` more than it, or an entry older than `age`."""

    entries: int
    age: timedelta


class Snapshots:
    def __init__(
        self,
        documents: Documents,
        media: Media,
        keys: Keys,
        clock: Clock,
        randomness: Randomness,
        log: GalleryLog,
        source: GallerySource,
        rule: SnapshotRule,
    ) -> None:
        self._documents = documents
        self._media = media
        self._keys = keys
        self._clock = clock
        self._randomness = randomness
        self._log = log
        self._source = source
        self._rule = rule

    def read(self, model: str) -> Packed | None:
        """The snapshot in force; None where there is none that can be read."""
        for _ in range(_TRIES):
            pointer = self._pointer(model)
            found = self._opened(pointer) if pointer else None
            if found is not None or pointer is None:
                return found
        return None

    def tend(self, model: str) -> bool:
        """What the timer does: write a snapshot if one is due, and clear away what is not in force any more."""
        pointer = self._pointer(model)
        written = self._due(pointer) and self._write(model, pointer)
        for other in self._pointers():
            old = from_stamp(str(other.body["at"])) < self._clock.now() - _OUTDATED
            if other.body["model"] != model and old:  # of a recogniser that no instance has any more
                self._documents.delete(TEMPLATES, PARTITION, other.id)
        self._sweep(_ORPHANED)
        return written

    def catch_up(self) -> None:
        """Bring every snapshot to the end of the log as it is now: whoever is gone from it is gone from them all.

        Raises Unavailable with it half done; repeating it completes it.
        """
        head = self._log.head()
        for pointer in self._pointers():
            model = str(pointer.body["model"])
            current: Document | None = pointer
            while current is not None and _up_to(current) < head:
                self._write(model, current)
                current = self._pointer(model)
        self._sweep(timedelta())

    def _due(self, pointer: Document | None) -> bool:
        if pointer is None:
            return self._log.head() > 0
        if self._media.info(CONTAINER, str(pointer.body["blob"])) is None:
            return True
        changes = self._log.since(_up_to(pointer))
        if changes is None:
            return True
        grown = changes.last - _up_to(pointer) >= self._rule.entries
        return grown or (changes.oldest is not None and self._clock.now() - changes.oldest >= self._rule.age)

    def _write(self, model: str, pointer: Document | None) -> bool:
        """False if another writer was faster; then nothing of this one remains."""
        faces, up_to = self._state(model, pointer)
        id = f"{up_to:012d}-{self._randomness.bytes(9).hex()}"
        blob = f"{_slug(model)}/{id}.gallery"
        data = sealed_file(packed(model, up_to, faces), self._keys, id)
        self._media.put(CONTAINER, blob, data, content_type="application/octet-stream")
        now = stamp(self._clock.now())
        body: Body = {"kind": _KIND, "model": model, "blob": blob, "file": id, "upTo": up_to, "at": now}
        try:
            if pointer is None:
                self._documents.create(TEMPLATES, PARTITION, _place(model), body)
            else:
                self._documents.replace(TEMPLATES, PARTITION, pointer.id, body, pointer.etag)
        except (AlreadyExists, LostRace):
            self._media.delete(CONTAINER, blob)
            return False
        if pointer is not None:
            self._media.delete(CONTAINER, str(pointer.body["blob"]))
            self._log.trim(min(_up_to(pointer), up_to))  # one snapshot's entries stay for whoever is slow
        say(logging.INFO, "gallery snapshot", people=len(faces), upTo=up_to, bytes=len(data))
        return True

    def _state(self, model: str, pointer: Document | None) -> tuple[dict[str, Faces], int]:
        """Everybody, and the log entry up to which that is known to be so."""
        before = self._opened(pointer) if pointer else None
        changes = self._log.since(before.up_to) if before else None
        if before is None or changes is None:
            head = self._log.head()  # read first: what changes meanwhile is in the log after it
            return self._source.everybody(model), head
        faces = unpacked(before)
        for person in changes.people:
            faces[person] = self._source.of(person, model)
        return {person: own for person, own in faces.items() if own}, changes.last

    def _opened(self, pointer: Document) -> Packed | None:
        try:
            return opened_file(
                self._media.read(CONTAINER, str(pointer.body["blob"])), self._keys, str(pointer.body["file"])
            )
        except (NotFound, NotAllowed) as failure:
            say(logging.WARNING, "gallery snapshot not readable", error=failure.code)
            return None

    def _sweep(self, age: timedelta) -> None:
        """Remove files that nothing points at: of writers who crashed, or of a model that is no more."""
        in_force = {str(pointer.body["blob"]) for pointer in self._pointers()}
        for blob in list(self._media.list(CONTAINER)):
            if blob.name not in in_force and self._clock.now() - blob.created >= age:
                self._media.delete(CONTAINER, blob.name)

    def _pointer(self, model: str) -> Document | None:
        return self._documents.get(TEMPLATES, PARTITION, _place(model))

    def _pointers(self) -> list[Document]:
        return list(self._documents.query(Query(TEMPLATES, PARTITION, {"kind": _KIND})).items)


def _up_to(pointer: Document) -> int:
    return int(str(pointer.body["upTo"]))


def _place(model: str) -> str:
    return f"{_KIND}.{_slug(model)}"


def _slug(model: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in model)[:80]
