"""Where has this face been seen? Asked by an officer, for a reason and a case; off unless a setting allows it.

Enrolled people are found through the gallery, and their visits through their lists. Strangers are searched only where
the setting allows it for them too, and only once a second officer agrees. A search is kept for 72 hours.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.containers import SEARCHES, VISITS
from shared.domain.bands import Band, SearchFor, band_of
from shared.domain.errors import BadRequest, Forbidden, LostRace, MediaRejected, NotFound, WrongState
from shared.domain.face import Embedding
from shared.domain.images import ImageFormat, image_header
from shared.domain.match import MatchRule
from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.domain.roles import Operator
from shared.domain.stamp import stamp
from shared.domain.visit_facts import VisitFacts
from shared.ports import (
    Body,
    Clock,
    Document,
    Documents,
    FaceEngine,
    Json,
    Keys,
    Media,
    MutableGallery,
    Query,
    Randomness,
)
from shared.services.audit.entries import Audit, Ground
from shared.services.gallery.feed import GalleryFeed
from shared.services.gallery.strangers import SeenAt, Strangers
from shared.services.limits import Limit, Limits
from shared.services.pages import every
from shared.services.recordings.visit_index import VisitIndex, facts_of

KEPT = timedelta(hours=72)
_PURPOSE = "face-search"
_CANDIDATES = 10
_VISITS_EACH = 50
_ID_BYTES = 12


class SearchOff(WrongState):
    """Search by face is turned off here."""

    code = "search_off"


class AnotherOfficer(Forbidden):
    """A search for strangers needs a second officer."""

    code = "another_officer"


class StrangersState(StrEnum):
    OFF = "off"
    NEEDED = "needs_second_officer"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Found:
    person: str
    band: Band
    visits: int


@dataclass(frozen=True, slots=True)
class Search:
    """`visits` with the band of whoever was seen in them, best band first, newest first."""

    id: str
    people: tuple[Found, ...]
    strangers: StrangersState
    visits: tuple[tuple[VisitFacts, Band], ...]


class FaceSearch:
    """`max_bytes`, `max_pixels`: of a photograph, looked at before anything of it is decoded."""

    def __init__(
        self,
        documents: Documents,
        media: Media,
        engine: Callable[[], FaceEngine],
        gallery: Callable[[], MutableGallery],
        feed: GalleryFeed,
        visits: VisitIndex,
        strangers: Strangers,
        keys: Keys,
        clock: Clock,
        randomness: Randomness,
        limits: Limits,
        audit: Audit,
        rule: MatchRule,
        allowed: SearchFor,
        max_bytes: int,
        max_pixels: int,
        per_hour: int,
    ) -> None:
        self._documents = documents
        self._media = media
        self._engine = engine
        self._gallery = gallery
        self._feed = feed
        self._visits = visits
        self._strangers = strangers
        self._keys = keys
        self._clock = clock
        self._randomness = randomness
        self._limits = limits
        self._audit = audit
        self._rule = rule
        self._allowed = allowed
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels
        self._limit = Limit("face-search", per_hour, timedelta(hours=1))

    @property
    def photo_bytes(self) -> int:
        return self._max_bytes

    def by_frame(self, operator: Operator, session_id: str, number: int, why: Ground) -> Search:
        """Raises SearchOff, NotFound, BadRequest, LimitReached."""
        self._may(operator, why)
        if self._visits.get(session_id) is None:
            raise NotFound("no such visit")
        image = self._media.read(CONTAINER, str(recording_name(session_id, RecordingKind.FRAME, number)))
        return self._search(operator, image, why, {"session": session_id})

    def by_photo(self, operator: Operator, image: bytes, why: Ground) -> Search:
        """A JPEG; it is not kept. Raises SearchOff, MediaRejected, BadRequest, LimitReached."""
        self._may(operator, why)
        if image_header(image, self._max_bytes, self._max_pixels).format is not ImageFormat.JPEG:
            raise MediaRejected("not_an_image", "a photograph is a JPEG")
        return self._search(operator, image, why, {})

    def approve(self, operator: Operator, search_id: str) -> Search:
        """A second officer agrees to search strangers. Raises NotFound, SearchOff, AnotherOfficer."""
        while True:
            document = self._require(search_id)
            if document.body["by"] == operator.id:
                raise AnotherOfficer("who asked does not approve")
            if document.body["strangers"] != StrangersState.NEEDED or not self._strangers.allowed:
                raise SearchOff("not a search for strangers, or approved already")
            self._audit.record(operator, "face_search_approved", {"search": search_id})
            sealed = base64.b64decode(str(document.body["vector"]))
            vector = self._keys.open(_PURPOSE, sealed, search_id)
            seen = self._strangers.search(vector, self._engine().similarity)
            body: Body = {
                **document.body,
                "strangers": StrangersState.APPROVED,
                "approvedBy": operator.id,
                "seen": [{"session": s.session, "band": s.band} for s in seen],
                "vector": None,  # it has served
            }
            try:
                left = int(KEPT.total_seconds())
                written = self._documents.replace(SEARCHES, search_id, search_id, body, document.etag, ttl=left)
            except LostRace:
                continue
            return self._told(written)

    def get(self, operator: Operator, search_id: str) -> Search:
        """Raises NotFound once it is 72 hours old."""
        document = self._require(search_id)
        self._audit.record(operator, "face_search_viewed", {"search": search_id})
        return self._told(document)

    def forget(self, people: frozenset[str], sessions: frozenset[str]) -> None:
        """Remove every search that found one of these people or visits, or that was made with one's picture."""
        searches = every(self._documents, Query(SEARCHES, limit=500))
        for document in [d for d in searches if _mentions(d.body, people, sessions)]:
            self._documents.delete(SEARCHES, document.partition, document.id)

    # --- searching ---

    def _may(self, operator: Operator, why: Ground) -> None:
        if self._allowed is SearchFor.NOBODY:
            raise SearchOff("the setting is off")
        if why.require().case is None:
            raise BadRequest("case_needed", "a case reference must be given")
        self._limits.take(self._limit, operator.id)

    def _search(self, operator: Operator, image: bytes, why: Ground, about: Mapping[str, str]) -> Search:
        search_id = f"s{self._randomness.bytes(_ID_BYTES).hex()}"
        with self._audit.act(operator, "face_search", {"search": search_id, **about}, why, photo=not about):
            vector = self._vector(image)
            people = self._people(vector)
            wanted = self._strangers.allowed
            body: Body = {
                "by": operator.id,
                "at": stamp(self._clock.now()),
                "session": about.get("session"),
                "people": [{"person": person, "band": band} for person, band in people],
                "strangers": StrangersState.NEEDED if wanted else StrangersState.OFF,
                "seen": [],
                # Kept only until a second officer has decided, and not at all where no stranger may be searched.
                "vector": self._sealed(search_id, vector) if wanted else None,
            }
            life = int(KEPT.total_seconds())
            return self._told(self._documents.create(SEARCHES, search_id, search_id, body, ttl=life))

    def _vector(self, image: bytes) -> Embedding:
        """The nearest face of a picture. Raises BadRequest("no_face")."""
        seen = self._engine().analyse(image)
        if seen.embedding is None:
            raise BadRequest("no_face", "the picture shows no face well enough")
        return seen.embedding

    def _people(self, vector: Embedding) -> list[tuple[str, Band]]:
        gallery = self._gallery()
        self._feed.refresh(gallery, now=True)
        among = gallery.people()
        ranked = sorted(gallery.match(vector, _CANDIDATES), key=lambda c: (-c.score, c.person))
        found = [(c.person, band_of(c.score, among, self._rule)) for c in ranked]
        return [(person, band) for person, band in found if band is not None]

    def _sealed(self, search_id: str, vector: Embedding) -> str:
        return base64.b64encode(self._keys.seal(_PURPOSE, vector, search_id)).decode()

    # --- telling ---

    def _require(self, search_id: str) -> Document:
        document = self._documents.get(SEARCHES, search_id, search_id)
        if document is None:
            raise NotFound("no such search")
        return document

    def _told(self, document: Document) -> Search:
        """Visits are looked up anew each time: what was erased meanwhile is in no answer."""
        people: list[Found] = []
        visits: dict[str, tuple[VisitFacts, Band]] = {}
        for entry in _entries(document.body, "people"):
            person, band = str(entry["person"]), Band(str(entry["band"]))
            scope = Query(VISITS, f"person:{person}", order_by="at", descending=True, limit=_VISITS_EACH)
            people.append(Found(person, band, self._documents.count(scope)))
            for facts in map(facts_of, self._documents.query(scope).items):
                visits.setdefault(facts.session, (facts, band))
        for entry in _entries(document.body, "seen"):
            seen = SeenAt(str(entry["session"]), Band(str(entry["band"])))
            found = self._visits.get(seen.session)
            if found is not None:
                visits.setdefault(seen.session, (found, seen.band))
        best = [*Band]
        ordered = sorted(visits.values(), key=lambda pair: stamp(pair[0].at), reverse=True)
        ordered.sort(key=lambda pair: best.index(pair[1]))
        return Search(document.id, tuple(people), StrangersState(str(document.body["strangers"])), tuple(ordered))


def _entries(body: Body, field: str) -> list[dict[str, Json]]:
    value = body.get(field)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _mentions(body: Body, people: frozenset[str], sessions: frozenset[str]) -> bool:
    return (
        any(entry.get("person") in people for entry in _entries(body, "people"))
        or any(entry.get("session") in sessions for entry in _entries(body, "seen"))
        or body.get("session") in sessions
    )
