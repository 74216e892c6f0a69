"""Another recogniser: templates made anew from the pictures they came from, as far as these are kept.

Templates of different models never meet, so an instance with the new model knows nobody until this has run. The old
ones stay for a day, for instances that still run the model before, and then go.
"""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from shared.containers import TEMPLATES
from shared.domain.errors import AlreadyExists, MediaRejected, NotFound
from shared.domain.face import Embedding
from shared.domain.stamp import from_stamp, stamp
from shared.logs import say
from shared.ports import Clock, Document, Documents, FaceEngine, Media, Query
from shared.services.gallery.feed import GalleryFeed
from shared.services.gallery.log import PARTITION
from shared.services.pages import every
from shared.services.people.registry import People, Status
from shared.services.people.sources import picture
from shared.services.people.templates import Kind, Origin, Templates

_BOTH_MODELS = timedelta(days=1)
_LOOK_AGAIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recomputed:
    """`made` anew, old ones `removed`, `lost`: their picture is kept no more, so the person must be enrolled again.

    `complete` False: there are more for the next run.
    """

    made: int = 0
    removed: int = 0
    lost: int = 0
    complete: bool = True


class Recompute:
    def __init__(
        self,
        documents: Documents,
        media: Media,
        people: People,
        templates: Templates,
        feed: GalleryFeed,
        engine: FaceEngine,
        clock: Clock,
    ) -> None:
        self._documents = documents
        self._media = media
        self._people = people
        self._templates = templates
        self._feed = feed
        self._engine = engine
        self._clock = clock

    def run(self, most: int) -> Recomputed:
        """What the timer does: at most so many pictures in one run; a run that finds none left rests for a day."""
        if self._rested():
            return Recomputed()
        made = removed = lost = 0
        changed: dict[str, None] = {}
        for old in self._old():
            if made >= most:
                break
            match self._renewed(old):
                case "made":
                    made += 1
                    changed[old.partition] = None
                case "removed":
                    removed += 1
                case "lost":
                    lost += 1
        complete = made < most
        for person in changed:
            self._feed.announce(person)
        if complete:
            self._rest()
        say(logging.INFO, "templates recomputed", made=made, removed=removed, lost=lost, complete=complete)
        return Recomputed(made, removed, lost, complete)

    def _renewed(self, old: Document) -> str:
        place = f"{old.id}.{_short(self._engine.model)}"
        new = self._documents.get(TEMPLATES, old.partition, place)
        if new is not None:
            if self._clock.now() - from_stamp(str(new.body["createdAt"])) < _BOTH_MODELS:
                return "kept"
            self._documents.delete(TEMPLATES, old.partition, old.id)
            return "removed"
        if not self._stays(old.partition):
            return "kept"  # an erasure is at work: it finds what there is
        source = old.body.get("source")
        embedding = self._seen(source) if isinstance(source, str) else None
        if embedding is None:
            return "lost"
        origin, now = Origin(str(old.body["origin"])), self._clock.now()
        model, person = self._engine.model, old.partition
        try:
            self._templates.add(
                person, Kind.FACE, model, embedding, at=now, origin=origin, source=str(source), id=place
            )
        except AlreadyExists:
            return "kept"
        if not self._stays(person):  # erased in this very moment: nothing made anew may remain
            self._templates.remove(person, place)
        return "made"

    def _seen(self, source: str) -> Embedding | None:
        try:
            return self._engine.analyse(picture(self._media, source)).embedding
        except (NotFound, MediaRejected):
            return None

    def _stays(self, person_id: str) -> bool:
        person = self._people.get(person_id)
        return person is not None and person.status is not Status.ERASING

    def _old(self) -> Iterator[Document]:
        faces = every(self._documents, Query(TEMPLATES, where={"kind": Kind.FACE}, limit=1_000))
        return (d for d in faces if d.body["model"] != self._engine.model)

    def _rested(self) -> bool:
        mark = self._documents.get(TEMPLATES, PARTITION, self._mark())
        return mark is not None and self._clock.now() - from_stamp(str(mark.body["at"])) < _LOOK_AGAIN

    def _rest(self) -> None:
        self._documents.delete(TEMPLATES, PARTITION, self._mark())
        try:
            self._documents.create(TEMPLATES, PARTITION, self._mark(), {"at": stamp(self._clock.now())})
        except AlreadyExists:
            return

    def _mark(self) -> str:
        return f"recomputed.{_short(self._engine.model)}"


def _short(model: str) -> str:
    return hashlib.sha256(model.encode()).hexdigest()[:8]
