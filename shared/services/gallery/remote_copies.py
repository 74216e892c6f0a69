"""Which person a face service knows under which id of its own, and that nobody is ever made there twice.

The service has no idempotency key. So whoever is about to make a person there writes that down first and holds it for
a while; who finds such a note without an id, left by a crash or an answer that never came, looks through the service's
group for the person before making another. The note goes with the person's other templates, and last.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.containers import TEMPLATES
from shared.domain.errors import AlreadyExists, LostRace, MediaRejected, NotFound, Unavailable
from shared.domain.stamp import from_stamp, stamp
from shared.ports import Body, Clock, Document, Documents, FaceQuality, FaceService

KIND = "remote"
_HOLD = timedelta(seconds=90)
_PATIENCE = timedelta(seconds=5)
_DEPENDENCY = "face service"


@dataclass(frozen=True, slots=True)
class _Note:
    document: Document
    fresh: bool

    @property
    def doubted(self) -> bool:
        """Whether the service may know the person more than once: some creation's outcome was never learned."""
        return self.remote is None or self.document.body.get("doubt") is True

    @property
    def remote(self) -> str | None:
        value = self.document.body["remote"]
        return value if isinstance(value, str) else None


class RemoteCopies:
    """`group` names the service's group: another group knows other ids."""

    def __init__(self, documents: Documents, service: FaceService, clock: Clock, group: str) -> None:
        self._documents = documents
        self._service = service
        self._clock = clock
        self._group = group

    def person_of(self, remote: str) -> str | None:
        """Our id of a person of the service; None for one that is not ours (any more)."""
        found = self._documents.get(TEMPLATES, self._index, remote)
        return str(found.body["of"]) if found else None

    def remote_of(self, person: str) -> str | None:
        found = self._documents.get(TEMPLATES, person, self._place)
        return _Note(found, fresh=False).remote if found else None

    def keep(self, person: str, pictures: Mapping[str, Callable[[], bytes]]) -> None:
        """Make the service know a person by these pictures; what it has already stays as it is.

        Raises MediaRejected when none of the pictures is fit, Unavailable also while somebody else is at it.
        """
        self._service.prepare()
        note = self._hold(person)
        try:
            remote, known = self._person(person, note)
            note = self._named(person, note, remote)
            fit = [name in known or self._face(remote, name, picture()) for name, picture in pictures.items()]
            if not any(fit):
                raise MediaRejected("not_usable", "the face service sees none of these faces well enough")
        except MediaRejected:
            self._release(note, timedelta())
            raise
        except BaseException:
            self._release(note, _PATIENCE)
            raise
        self._release(note, timedelta())

    def forget(self, person: str) -> bool:
        """Whether there was anything. Raises Unavailable, and then nothing of the note is lost."""
        if self._documents.get(TEMPLATES, person, self._place) is None:
            return False
        note = self._hold(person)
        try:
            if note.remote is not None:
                self._remove(note.remote)
            while note.doubted and (left := self._service.find_person(person)) is not None:
                self._remove(left)
        except BaseException:
            self._release(note, timedelta())
            raise
        self._documents.delete(TEMPLATES, person, self._place)
        return True

    def _remove(self, remote: str) -> None:
        self._service.delete_person(remote)
        self._documents.delete(TEMPLATES, self._index, remote)

    def _person(self, person: str, note: _Note) -> tuple[str, frozenset[str]]:
        """The person at the service, and the names of the faces they have there; made only if nobody made them."""
        remote = note.remote or (None if note.fresh else self._service.find_person(person))
        if remote is not None:
            try:
                return remote, self._service.faces(remote)
            except NotFound:
                pass  # somebody removed them at the service
        return self._service.create_person(person), frozenset()

    def _named(self, person: str, note: _Note, remote: str) -> _Note:
        if note.remote == remote:
            return note
        with contextlib.suppress(AlreadyExists):  # written before a crash
            self._documents.create(TEMPLATES, self._index, remote, {"kind": KIND, "of": person})
        doubt = note.doubted and not note.fresh
        return _Note(self._write(note.document, {**note.document.body, "remote": remote, "doubt": doubt}), fresh=False)

    def _face(self, remote: str, reference: str, image: bytes) -> bool:
        """Whether the picture was fit."""
        seen = self._service.detect(image)
        if seen is None or seen.quality is FaceQuality.LOW:
            return False
        try:
            self._service.add_face(remote, reference, image, seen.box)
        except MediaRejected:
            return False
        except NotFound:
            raise Unavailable(_DEPENDENCY) from None  # the person was removed there meanwhile
        return True

    def _hold(self, person: str) -> _Note:
        """Nobody else touches the person at the service while the note is held."""
        until = stamp(self._clock.now() + _HOLD)
        found = self._documents.get(TEMPLATES, person, self._place)
        if found is None:
            body: Body = {"kind": KIND, "group": self._group, "remote": None, "heldUntil": until}
            try:
                return _Note(self._documents.create(TEMPLATES, person, self._place, body), fresh=True)
            except AlreadyExists:
                raise Unavailable(_DEPENDENCY) from None
        if from_stamp(str(found.body["heldUntil"])) > self._clock.now():
            raise Unavailable(_DEPENDENCY)
        return _Note(self._write(found, {**found.body, "heldUntil": until}), fresh=False)

    def _release(self, note: _Note, after: timedelta) -> None:
        """After a failure a little later: the service may still be doing what it did not answer."""
        until = stamp(self._clock.now() + after)
        with contextlib.suppress(Unavailable):  # else it ends by itself
            self._write(note.document, {**note.document.body, "heldUntil": until})

    def _write(self, document: Document, body: Body) -> Document:
        try:
            return self._documents.replace(TEMPLATES, document.partition, document.id, body, document.etag)
        except LostRace:
            raise Unavailable(_DEPENDENCY) from None

    @property
    def _place(self) -> str:
        return f"{KIND}.{self._group}"

    @property
    def _index(self) -> str:
        return f"_{KIND}.{self._group}"
