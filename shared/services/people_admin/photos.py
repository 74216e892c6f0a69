"""A further photo of a customer, added by staff: good enough for a template, and of the person it is said to be.

Where the machine itself says that it is the enrolled face, one operator is enough. A face it cannot vouch for, or that
is near somebody else's, opens somebody's account if it is wrong: then a second operator has to look at it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from shared.containers import PEOPLE
from shared.domain.errors import BadRequest, MediaRejected, NotFound, WrongState
from shared.domain.face import Embedding, FaceAnalysis
from shared.domain.match import MatchRule
from shared.domain.roles import Operator
from shared.domain.stamp import stamp
from shared.logs import say
from shared.ports import Body, Clock, Document, Documents, FaceEngine, Media, Query, Randomness
from shared.services.audit.entries import Audit, Ground
from shared.services.gallery.feed import GalleryFeed
from shared.services.gallery.recognition import Face, Recognition
from shared.services.people.registry import People, Person, Status
from shared.services.people.sources import PHOTO, PHOTOS, photo_blob, photo_source, picture
from shared.services.people.templates import Kind, Origin, Templates
from shared.services.people_admin.care import OwnMatter, WrongStatus, require_foreign

_ID_BYTES = 9
_MOST_WAITING = 5
_TAKEN = frozenset({Status.ACTIVE, Status.PENDING, Status.SUSPENDED})


class NoConsent(WrongState):
    """This person has not consented yet: nothing may be made of their face."""

    code = "no_consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """`waiting`: a second operator has to look at it first."""

    id: str
    by: str
    at: str
    waiting: bool


class Photos:
    """`min_norm` is what a template's picture needs."""

    def __init__(
        self,
        documents: Documents,
        media: Media,
        people: People,
        templates: Templates,
        feed: GalleryFeed,
        engine: Callable[[], FaceEngine],
        recognition: Callable[[], Recognition],
        audit: Audit,
        clock: Clock,
        randomness: Randomness,
        rule: MatchRule,
        min_norm: float,
    ) -> None:
        self._documents = documents
        self._media = media
        self._people = people
        self._templates = templates
        self._feed = feed
        self._engine = engine
        self._recognition = recognition
        self._audit = audit
        self._clock = clock
        self._randomness = randomness
        self._rule = rule
        self._min_norm = min_norm

    def add(self, operator: Operator, person_id: str, image: bytes, why: Ground) -> Photo:
        """A JPEG. Raises NotFound, OwnMatter, WrongStatus, NoConsent, MediaRejected("not_usable"), BadRequest."""
        person = self._looked_after(operator, person_id)
        if len(self.waiting(person.id)) >= _MOST_WAITING:
            raise BadRequest("too_many_photos", f"{_MOST_WAITING} photos wait for a second operator already")
        seen = self._usable(image)
        photo = self._randomness.bytes(_ID_BYTES).hex()
        alike = self._alike(person, seen.embedding or b"")
        near = self._recognition().near([Face(seen, lambda: image)]) - {person.id}
        waiting = not alike or bool(near)
        facts: Body = {"photo": photo, "alike": alike, "near": len(near), "waiting": waiting}
        with self._audit.act(operator, "photo_added", {"person": person.id}, why.require(), **facts):
            self._media.put(PHOTOS, photo_blob(person.id, photo), image, content_type="image/jpeg")
            at = stamp(self._clock.now())
            if waiting:
                body: Body = {"kind": PHOTO, "person": person.id, "photo": photo, "by": operator.id, "at": at}
                self._documents.create(PEOPLE, _place(photo), _place(photo), body)
            else:
                self._learn(person.id, photo, seen)
        return Photo(id=photo, by=operator.id, at=at, waiting=waiting)

    def waiting(self, person_id: str) -> tuple[Photo, ...]:
        """What a second operator has to look at."""
        page = self._documents.query(Query(PEOPLE, where={"kind": PHOTO, "person": person_id}))
        return tuple(_photo(document) for document in page.items)

    def image(self, operator: Operator, person_id: str, photo: str) -> bytes:
        """Raises NotFound."""
        self._require(person_id, photo)
        self._audit.record(operator, "photo_viewed", {"person": person_id}, photo=photo)
        return picture(self._media, photo_source(person_id, photo))

    def approve(self, operator: Operator, person_id: str, photo: str, why: Ground) -> None:
        """By another operator than the one who added it. Raises NotFound, OwnMatter, WrongStatus, MediaRejected."""
        person, waiting = self._looked_after(operator, person_id), self._require(person_id, photo)
        if waiting.by == operator.id:
            raise OwnMatter("the operator who added it is not the second")
        with self._audit.act(operator, "photo_approved", {"person": person.id}, why.require(), photo=photo):
            self._learn(person.id, photo, self._usable(picture(self._media, photo_source(person.id, photo))))
            self._documents.delete(PEOPLE, _place(photo), _place(photo))

    def refuse(self, operator: Operator, person_id: str, photo: str, why: Ground) -> None:
        """Whoever added it may take it back. Raises NotFound, BadRequest."""
        self._require(person_id, photo)
        with self._audit.act(operator, "photo_refused", {"person": person_id}, why.require(), photo=photo):
            self._media.delete(PHOTOS, photo_blob(person_id, photo))
            self._documents.delete(PEOPLE, _place(photo), _place(photo))

    def _looked_after(self, operator: Operator, person_id: str) -> Person:
        person = self._people.require(person_id)
        require_foreign(operator, person)
        if person.consent_version is None:
            raise NoConsent("nothing may be made of this face")
        if person.status not in _TAKEN:
            raise WrongStatus(f"not while {person.status}")
        return person

    def _usable(self, image: bytes) -> FaceAnalysis:
        seen = self._engine().analyse(image)
        norm = seen.quality.embedding_norm if seen.quality else 0.0
        if seen.embedding is None or seen.near_faces != 1 or seen.hint is not None or norm < self._min_norm:
            raise MediaRejected("not_usable", "the photograph does not show one face well enough")
        return seen

    def _alike(self, person: Person, embedding: Embedding) -> bool:
        """Whether the machine knows the enrolled face in it, by the 1:1 threshold."""
        known = self._templates.of(person.id, Kind.FACE, self._engine().model)
        enrolled = [t.embedding for t in known if t.origin is Origin.ENROLMENT]
        return any(self._engine().similarity(one, embedding) >= self._rule.base for one in enrolled)

    def _learn(self, person_id: str, photo: str, seen: FaceAnalysis) -> None:
        source, now = photo_source(person_id, photo), self._clock.now()
        template = f"face.photo.{photo}"
        self._templates.add(person_id, Kind.FACE, seen.model, seen.embedding or b"", at=now, source=source, id=template)
        self._recognition().enrol(person_id, {template: lambda: picture(self._media, source)})
        self._feed.announce(person_id)
        say(logging.INFO, "photo taken into use", person=person_id)

    def _require(self, person_id: str, photo: str) -> Photo:
        document = self._documents.get(PEOPLE, _place(photo), _place(photo))
        if document is None or document.body.get("kind") != PHOTO or document.body["person"] != person_id:
            raise NotFound("no such photo waits")
        return _photo(document)


def _place(photo: str) -> str:
    return f"{PHOTO}.{photo}"


def _photo(document: Document) -> Photo:
    body = document.body
    return Photo(id=str(body["photo"]), by=str(body["by"]), at=str(body["at"]), waiting=True)
