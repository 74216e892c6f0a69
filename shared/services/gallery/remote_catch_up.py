"""Those who were enrolled before there was a face service are brought there, once, from the pictures that are kept.

A page of people at a time, and where it was is written down: it goes on after a crash, waits while the service does
not answer, and ends for good once all have been looked at. Whoever is enrolled later goes there anyway.
"""

import contextlib
import logging
from collections.abc import Callable
from functools import partial

from shared.containers import PEOPLE, TEMPLATES
from shared.domain.errors import AlreadyExists, LostRace, MediaRejected, NotFound, Unavailable
from shared.logs import say
from shared.ports import Body, Document, Documents, Media, Query
from shared.services.gallery.remote_copies import RemoteCopies
from shared.services.gallery.remote_training import RemoteTraining
from shared.services.people.registry import KIND, Person, Status, person_of
from shared.services.people.sources import picture
from shared.services.people.templates import Kind, Templates

_PLACE = "_caught_up"
_PAGE = 20
_BROUGHT = frozenset({Status.ACTIVE, Status.PENDING, Status.SUSPENDED})


class RemoteCatchUp:
    def __init__(
        self,
        documents: Documents,
        media: Media,
        templates: Templates,
        copies: RemoteCopies,
        training: RemoteTraining,
        group: str,
    ) -> None:
        self._documents = documents
        self._media = media
        self._templates = templates
        self._copies = copies
        self._training = training
        self._partition = f"_remote.{group}"

    def run(self) -> None:
        """The next page, if there is one. Never raises for the service."""
        mark = self._mark()
        if mark.body.get("complete") is True:
            return
        cursor = mark.body.get("cursor")
        page = self._documents.query(
            Query(
                PEOPLE,
                where={"kind": KIND},
                order_by="createdAt",
                limit=_PAGE,
                cursor=cursor if isinstance(cursor, str) else None,
            )
        )
        try:
            brought = [self._bring(person_of(document)) for document in page.items]
        except Unavailable:
            return  # the same page again
        done: Body = {"cursor": page.cursor, "complete": page.cursor is None}
        try:
            self._documents.replace(TEMPLATES, self._partition, _PLACE, done, mark.etag)
        except LostRace:
            return  # another instance was there
        if True in brought:
            self._training.want()
        if set(brought) - {None}:
            counts = {"people": brought.count(True), "lost": brought.count(False)}
            say(logging.INFO, "brought to the face service", counts=counts, complete=page.cursor is None)

    def _bring(self, person: Person) -> bool | None:
        """True if the service knows the person now, False if no picture is left, None if there is nothing to do."""
        if person.status not in _BROUGHT or self._copies.remote_of(person.id) is not None:
            return None
        kept = self._pictures(person)
        if not kept:
            return False
        try:
            self._copies.keep(person.id, kept)
        except MediaRejected:
            self._copies.forget(person.id)
            return False
        now = self._documents.get(PEOPLE, person.id, person.id)
        if now is None or person_of(now).status not in _BROUGHT:  # erased in this very moment
            self._copies.forget(person.id)
        return True

    def _pictures(self, person: Person) -> dict[str, Callable[[], bytes]]:
        """Of the person's templates, as far as they are kept."""
        found: dict[str, Callable[[], bytes]] = {}
        for face in self._templates.of(person.id, Kind.FACE):
            if face.source is not None:
                with contextlib.suppress(NotFound):
                    found[face.id] = partial(bytes, picture(self._media, face.source))
        return found

    def _mark(self) -> Document:
        found = self._documents.get(TEMPLATES, self._partition, _PLACE)
        if found is not None:
            return found
        try:
            return self._documents.create(TEMPLATES, self._partition, _PLACE, {"cursor": None, "complete": False})
        except AlreadyExists:
            raise Unavailable("documents") from None
