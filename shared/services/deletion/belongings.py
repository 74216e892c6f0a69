"""Everything in the stores that is a person's: where it lies, and how it goes. Each removal can be repeated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from shared.containers import LEDGER, LIMITS, MEDIA_INDEX, PEOPLE, SESSION_LOG, SESSIONS, TEMPLATES, VISITS, Container
from shared.domain.errors import LostRace, NotFound
from shared.domain.recording import CONTAINER, RecordingKind, parse_recording, recording_name
from shared.domain.session import kiosk_day
from shared.ports import Body, Document, Documents, Keys, Media, Query, Range
from shared.services.gallery.remote_copies import KIND as REMOTE
from shared.services.pages import every
from shared.services.people.authenticators import KIND as AUTHENTICATOR
from shared.services.people.registry import People, Person
from shared.services.people.sources import PHOTO, PHOTOS
from shared.services.people.templates import Kind, Templates
from shared.services.recordings.visit_index import VisitIndex
from shared.services.session.timeline import KIND as TIMELINE_EVENT

_OF_A_SESSION: Body = {"person": None, "factors": [], "challenge": None, "pin": None, "phrase": None, "handoff": None}
"""What of a session's document speaks of its person."""
_LAST = "\U0010ffff"
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Visits:
    """Sessions by id. `own`: the person took part. `claims`: somebody only claimed to be them."""

    own: frozenset[str]
    claims: frozenset[str]


@dataclass(frozen=True, slots=True)
class Owner:
    """`person` is None when their document is gone already."""

    id: str
    person: Person | None
    visits: Visits


class Belongings:
    def __init__(
        self,
        documents: Documents,
        media: Media,
        people: People,
        templates: Templates,
        keys: Keys,
        visit_index: VisitIndex,
        copies: Sequence[Callable[[frozenset[str]], None]] = (),
        mentions: Sequence[Callable[[str], None]] = (),
    ) -> None:
        """`copies`: remove what was made of these sessions (thumbnails, exports). `mentions`: what names a person."""
        self._visit_index = visit_index
        self._mentions = mentions
        self._copies = copies
        self._documents = documents
        self._media = media
        self._people = people
        self._templates = templates
        self._keys = keys

    def visits(self, person_id: str) -> Visits:
        """Every session that leads to the person: by its document, its recordings' index and tags, and templates."""
        own, claims = set[str](), set[str]()
        for session in every(self._documents, Query(SESSIONS, where={"person": person_id}, limit=_PAGE)):
            (own if _took_part(session.body, person_id) else claims).add(session.id)
        sources = [t.source for t in self._templates.of(person_id, Kind.FACE) if t.source]
        own |= {_session_of(source) for source in sources if parse_recording(source)}
        for field in ("person", "claimed"):  # granted, and matched by the face
            entries = every(self._documents, Query(MEDIA_INDEX, where={field: person_id}, limit=_PAGE))
            own |= {str(d.body["session"]) for d in entries}
            own |= {_session_of(name) for name in self._media.find(CONTAINER, f"\"{field}\" = '{person_id}'")}
        own |= {d.id for d in every(self._documents, Query(VISITS, f"person:{person_id}", limit=_PAGE))}
        return Visits(frozenset(own), frozenset(claims - own))

    def has_remote(self, owner: Owner) -> bool:
        """Whether a face service has copies of them, as far as is known here."""
        return self._documents.count(Query(TEMPLATES, owner.id, {"kind": REMOTE})) > 0

    def remove_templates(self, owner: Owner) -> None:
        """Faces, voice, fingerprints."""
        self._remove(Query(TEMPLATES, owner.id))
        for photo in list(self._media.list(PHOTOS, f"{owner.id}/")):
            self._media.delete(PHOTOS, photo.name)
        self._remove(Query(PEOPLE, where={"kind": PHOTO, "person": owner.id}))

    def remove_visits(self, owner: Owner) -> None:
        """Recordings, their index, frames and drafts; what remains of a session speaks of nobody.

        A stranger's visit that only claimed to be this person is no recording of theirs: it is unlinked.
        """
        for remove in self._copies:
            remove(owner.visits.own)
        for forget in self._mentions:
            forget(owner.id)
        for session_id in owner.visits.own:
            folder = str(recording_name(session_id, RecordingKind.FRAME, 0)).rpartition("/")[0]
            for blob in list(self._media.list(CONTAINER, f"{folder}/")):
                self._media.delete(CONTAINER, blob.name)
            self._remove(Query(MEDIA_INDEX, kiosk_day(session_id), {"session": session_id}))
            for entry in list(every(self._documents, Query(SESSION_LOG, session_id, limit=_PAGE))):
                if entry.body.get("kind") != TIMELINE_EVENT:
                    self._documents.delete(SESSION_LOG, session_id, entry.id)
        for session_id in owner.visits.own | owner.visits.claims:
            session = self._documents.get(SESSIONS, kiosk_day(session_id), session_id)
            if session is not None:
                self._empty(SESSIONS, session, _OF_A_SESSION)
            self._list_anew(session_id)
        for scope in ("person", "claimed"):
            self._remove(Query(VISITS, f"{scope}:{owner.id}"))

    def _list_anew(self, session_id: str) -> None:
        """The visit's entries are made of what remains."""
        try:
            self._visit_index.refresh(session_id)
        except NotFound:
            self._visit_index.forget(session_id)

    def remove_counters(self, owner: Owner) -> None:
        """Limits are counted by random ids, and by keyed stand-ins for the number."""
        starts = [
            f"live.{owner.id}",
            f"authenticator-tries.{owner.id}.",
            f"challenge.{owner.id}",
            f"wait.{owner.id}",
            f"wrong-pin-day.{owner.id}.",
            f"wrong-pin-total.{owner.id}.",
        ]
        if owner.person is not None:
            phone = self._people.phone(owner.person)
            places = [self._people.phone_place(phone, key) for key in self._keys.ids]
            starts += [f"{limit}.{place}." for limit in ("sms-hour", "sms-day", "notice-day") for place in places]
        for start in starts:
            self._remove(Query(LIMITS, range=Range("id", low=start, high=start + _LAST)))

    def remove_accounts(self, owner: Owner) -> None:
        """The demo bank's. A real bank's system is its own affair."""
        if owner.person is not None and owner.person.customer is not None:
            self._remove(Query(LEDGER, owner.person.customer))

    def release_number(self, owner: Owner) -> None:
        place = f"{AUTHENTICATOR}.{owner.id}"  # it proves that somebody is this person
        self._documents.delete(PEOPLE, place, place)
        if owner.person is not None:
            self._people.release_phone(self._people.phone(owner.person), owner.id)

    def remove_person(self, owner: Owner) -> None:
        self._documents.delete(PEOPLE, owner.id, owner.id)

    def _remove(self, query: Query) -> None:
        for document in list(every(self._documents, replace(query, limit=_PAGE))):
            self._documents.delete(query.container, document.partition, document.id)

    def _empty(self, container: Container, document: Document, personal: Body) -> None:
        """Empty fields of a document, whoever else writes it meanwhile."""
        current: Document | None = document
        while current is not None:
            body = {**current.body, **{name: value for name, value in personal.items() if name in current.body}}
            try:
                self._documents.replace(container, current.partition, current.id, body, current.etag)
            except LostRace:
                current = self._documents.get(container, current.partition, current.id)
                continue
            return


def _session_of(recording: str) -> str:
    """`{kiosk}/{day}/{session}/…`"""
    return recording.split("/")[2]


def _took_part(session: Body, person_id: str) -> bool:
    factors = session.get("factors")
    passed = isinstance(factors, list) and any(isinstance(f, dict) and f.get("person") == person_id for f in factors)
    return passed or session.get("enrolling") is True
