"""Who is registered: names, sealed phone numbers, consent and status. The templates are `templates.py`'s."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter

from shared.containers import PEOPLE
from shared.domain.errors import AlreadyExists, BadRequest, NotFound
from shared.domain.stamp import stamp
from shared.ports import Body, Clock, Document, Documents, Keys, Randomness

KIND = "person"
_PHONE = "phone"


class Status(StrEnum):
    INVITED = "invited"  # imported without consent: no template, no message
    PENDING = "pending"  # registered, waiting for approval
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ERASING = "erasing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`phone` is sealed; `customer` is the bank's reference, None until staff add one. `nameKey` sorts and searches.

    `registered_by` is a kiosk or an operator. `operator`: which operator this person is, who then decides nothing here.
    """

    id: str
    name: str
    given_name: str
    name_key: str
    phone: str
    status: Status
    language: str
    created_at: datetime
    consent_version: str | None = None
    consent_at: datetime | None = None
    customer: str | None = None
    assurance: str = "staff"
    registered_by: str | None = None
    phone_changed_at: datetime | None = None
    learned_at: datetime | None = None  # when the last template was learned, whether it is still there or not
    operator: str | None = None
    etag: str = ""


_codec: TypeAdapter[Person] = TypeAdapter(Person)


class People:
    def __init__(self, documents: Documents, keys: Keys, clock: Clock, randomness: Randomness) -> None:
        self._documents = documents
        self._keys = keys
        self._clock = clock
        self._randomness = randomness

    def new_id(self) -> str:
        """A random person id."""
        return "p" + base64.b32encode(self._randomness.bytes(15)).decode().lower()

    def create(
        self,
        person_id: str,
        *,
        name: str,
        given_name: str,
        phone: str,
        status: Status,
        language: str,
        consent_version: str | None,
        assurance: str,
        registered_by: str | None = None,
        customer: str | None = None,
    ) -> Person:
        """Reserve the number (E.164), then write the person. AlreadyExists: it is somebody else's."""
        now = self._clock.now()
        person = Person(
            id=person_id,
            name=name,
            given_name=given_name,
            name_key=name_key(name),
            phone=self.sealed_phone(person_id, phone),
            status=status,
            language=language,
            created_at=now,
            consent_version=consent_version,
            consent_at=now if consent_version else None,
            customer=customer,
            assurance=assurance,
            registered_by=registered_by,
        )
        self.reserve_phone(phone, person_id)
        document = self._documents.create(PEOPLE, person_id, person_id, _body(person))
        return replace(person, etag=document.etag)

    def get(self, person_id: str) -> Person | None:
        try:
            document = self._documents.get(PEOPLE, person_id, person_id)
        except BadRequest:
            return None  # no store can hold such an id
        return person_of(document) if document and document.body.get("kind") == KIND else None

    def require(self, person_id: str) -> Person:
        """Raises NotFound."""
        person = self.get(person_id)
        if person is None:
            raise NotFound("no such person")
        return person

    def save(self, person: Person) -> Person:
        """Replace by the person's ETag. Raises LostRace."""
        document = self._documents.replace(PEOPLE, person.id, person.id, _body(person), person.etag)
        return replace(person, etag=document.etag)

    def phone(self, person: Person) -> str:
        """The number, E.164."""
        return self._keys.open(_PHONE, base64.b64decode(person.phone), person.id).decode()

    def sealed_phone(self, person_id: str, phone: str) -> str:
        return base64.b64encode(self._keys.seal(_PHONE, phone.encode(), person_id)).decode()

    def by_phone(self, phone: str) -> str | None:
        """Whose number (E.164) this is."""
        for key in self._keys.ids:
            place = self.phone_place(phone, key)
            document = self._documents.get(PEOPLE, place, place)
            if document:
                owner = document.body.get("person")
                return owner if isinstance(owner, str) else None
        return None

    def reserve_phone(self, phone: str, person_id: str) -> None:
        """Make the number this person's. Repeatable; raises AlreadyExists when it is somebody else's."""
        owner = self.by_phone(phone)
        if owner == person_id:
            return
        if owner is not None:
            raise AlreadyExists("the number is registered")
        place = self.phone_place(phone, self._keys.current)
        try:
            self._documents.create(PEOPLE, place, place, {"kind": "phone", "person": person_id})
        except AlreadyExists:
            if self.by_phone(phone) != person_id:
                raise

    def release_phone(self, phone: str, person_id: str) -> None:
        """Give the number free, if it is this person's."""
        if self.by_phone(phone) != person_id:
            return
        for key in self._keys.ids:
            place = self.phone_place(phone, key)
            self._documents.delete(PEOPLE, place, place)

    def phone_key(self, phone: str) -> str:
        """A keyed, stable stand-in for a number, for limits."""
        return self.phone_place(phone, self._keys.current)

    def phone_place(self, phone: str, key: str) -> str:
        digest = hmac.new(self._keys.secret("phone-lookup", key), phone.encode(), hashlib.sha256).hexdigest()
        return f"phone.{key}.{digest[:40]}"


def name_key(name: str) -> str:
    """For sorting and for search by beginning: case-folded, single spaces."""
    return " ".join(name.casefold().split())


def _body(person: Person) -> Body:
    body: Body = _codec.dump_python(person, mode="json")
    body.pop("id")
    body.pop("etag")
    body |= {"kind": KIND, "nameKey": person.name_key, "createdAt": stamp(person.created_at)}
    return body


def person_of(document: Document) -> Person:
    known = {k: v for k, v in document.body.items() if k not in {"kind", "nameKey", "createdAt"}}
    return _codec.validate_python({**known, "id": document.id, "etag": document.etag})
