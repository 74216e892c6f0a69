"""A new telephone number: the new one proven, the old one told, and a day for its owner to object.

By the customer at the teller screen (a full grant), or by staff: a document looked at, and two operators. Where the
number is somebody else's, everything looks the same, and its owner gets a warning instead of a code.
"""

import base64
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from shared.containers import PEOPLE
from shared.domain.errors import AlreadyExists, AtmError, BadRequest, WrongState
from shared.domain.pin import DIGITS, NONCE_BYTES, pin_code, same_code
from shared.logs import say
from shared.ports import Body, Clock, Document, Documents, Keys, Randomness, Sms, SmsRefused, SmsUnknown
from shared.services.limits import Limit, Limits
from shared.services.messages.notices import Notices
from shared.services.messages.texts import text
from shared.services.people.registry import People, Person, Status

KIND = "phonechange"
EFFECTIVE_AFTER = timedelta(hours=24)
_PURPOSE = "phone-change"
_CODE_VALID = timedelta(minutes=10)
_TRIES = 3
_ASKED = Limit("phone-change", most=5, window=timedelta(days=1))


class NoChange(WrongState):
    """No change of the telephone number waits for this step. Look at the person again."""

    code = "no_phone_change"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneChange:
    """`phone` is sealed. `by` None: the customer; else the operator who began. `effective_at` None: not settled yet.

    `old`: the number before, sealed, noted when the change is being made.
    """

    person: str
    phone: str
    nonce: str
    key: str
    asked_at: datetime
    known: bool
    by: str | None
    tries: int = 0
    proven: bool = False
    second: str | None = None
    effective_at: datetime | None = None
    old: str | None = None
    etag: str = ""


_codec: TypeAdapter[PhoneChange] = TypeAdapter(PhoneChange)


class PhoneChanges:
    """`per_phone` are the limits that all messages to one number share."""

    def __init__(
        self,
        documents: Documents,
        people: People,
        sms: Sms,
        notices: Notices,
        limits: Limits,
        per_phone: Sequence[Limit],
        keys: Keys,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._documents = documents
        self._people = people
        self._sms = sms
        self._notices = notices
        self._limits = limits
        self._per_phone = per_phone
        self._keys = keys
        self._clock = clock
        self._randomness = randomness

    def of(self, person_id: str) -> PhoneChange | None:
        document = self._documents.get(PEOPLE, place_of(person_id), place_of(person_id))
        return change_of(document) if document else None

    def ending(self, change: PhoneChange) -> str:
        """The new number's last two digits."""
        return number_of(self._keys, change)[-2:]

    def ask(self, person: Person, phone: str, by: str | None) -> PhoneChange:
        """Send a code to the new number (E.164); in place of any change asked for before. Raises LimitReached.

        BadRequest("same_phone") for the number it is already, WrongState for somebody who is not active.
        """
        if person.status is not Status.ACTIVE:
            raise NoChange("not active")
        if phone == self._people.phone(person):
            raise BadRequest("same_phone", "this is the number already")
        self._limits.take(_ASKED, person.id)
        self.forget(person.id)
        owner = self._people.by_phone(phone)
        change = PhoneChange(
            person=person.id,
            phone=sealed_number(self._keys, person.id, phone),
            nonce=self._randomness.bytes(NONCE_BYTES).hex(),
            key=self._keys.current,
            asked_at=self._clock.now(),
            known=owner is not None and owner != person.id,
            by=by,
        )
        self._documents.create(PEOPLE, place_of(person.id), place_of(person.id), body_of(change))
        self._send(person, phone, change)
        return change

    def prove(self, person: Person, code: str) -> PhoneChange | None:
        """With the code from the new number's message; None for a wrong one. Raises NoChange, BadRequest, LostRace.

        Asked for by the customer it is settled then, and the old number told; asked for by staff it waits for the
        second operator.
        """
        if len(code) != DIGITS or not code.isascii() or not code.isdigit():
            raise BadRequest("bad_code", f"the code has {DIGITS} digits")
        change = self._require(person.id, lambda c: not c.proven)
        if self._clock.now() - change.asked_at >= _CODE_VALID or change.tries >= _TRIES:
            raise NoChange("the code is no longer valid")
        change = self._save(replace(change, tries=change.tries + 1))
        right = same_code(code, self._code(change))
        if not right or change.known or not self._reserved(person, change):
            return None
        if change.by is not None:
            return self._save(replace(change, proven=True))
        return self._settle(person, replace(change, proven=True))

    def approve(self, person: Person, operator: str) -> PhoneChange:
        """The second operator's word. Raises NoChange; the caller makes sure that it is another operator."""
        change = self._require(person.id, lambda c: c.proven and c.by is not None and c.effective_at is None)
        return self._settle(person, replace(change, second=operator))

    def cancel(self, person_id: str) -> None:
        """End a change that has not happened. Raises NoChange, LostRace."""
        change = self._require(person_id, lambda c: c.old is None)
        self._documents.delete(PEOPLE, place_of(person_id), place_of(person_id), change.etag)
        self._release(change)

    def forget(self, person_id: str) -> None:
        """Leave nothing of a change. Harmless to repeat."""
        change = self.of(person_id)
        if change is not None:
            self._release(change)
            self._documents.delete(PEOPLE, place_of(person_id), place_of(person_id))

    def _release(self, change: PhoneChange) -> None:
        """Give the new number free, unless it is the person's own by now."""
        phone, person = number_of(self._keys, change), self._people.get(change.person)
        if person is None or self._people.phone(person) != phone:
            self._people.release_phone(phone, change.person)

    def _settle(self, person: Person, change: PhoneChange) -> PhoneChange:
        effective = self._clock.now() + EFFECTIVE_AFTER
        settled = self._save(replace(change, effective_at=effective))
        words = text(
            "phone_change_asked", person.language, when=f"{effective:%Y-%m-%d %H:%M} UTC", ending=self.ending(change)
        )
        self._notices.tell(person, words, f"{person.id}.phone_change")
        return settled

    def _reserved(self, person: Person, change: PhoneChange) -> bool:
        """Somebody else may have registered the number meanwhile: then the code proves nothing here."""
        try:
            self._people.reserve_phone(number_of(self._keys, change), person.id)
        except AlreadyExists:
            return False
        return True

    def _send(self, person: Person, phone: str, change: PhoneChange) -> None:
        """Whatever comes of it looks the same to whoever asked."""
        minutes = int(_CODE_VALID.total_seconds() // 60)
        owner = self._people.get(str(self._people.by_phone(phone))) if change.known else None
        words = text("phone_code", person.language, code=self._code(change), minutes=minutes)
        if change.known:
            words = text("phone_change_tried", owner.language if owner else person.language)
        for limit in self._per_phone:
            self._limits.take(limit, self._people.phone_key(phone))
        try:
            self._sms.send(phone, words, f"{person.id}.phone_code")
        except (SmsRefused, SmsUnknown, AtmError) as failure:
            say(logging.WARNING, "phone code not sent", person=person.id, error=type(failure).__name__)

    def _code(self, change: PhoneChange) -> str:
        return pin_code(self._keys.secret(_PURPOSE, change.key), change.nonce)

    def _require(self, person_id: str, wanted: Callable[[PhoneChange], bool]) -> PhoneChange:
        change = self.of(person_id)
        if change is None or not wanted(change):
            raise NoChange("no change at this step")
        return change

    def _save(self, change: PhoneChange) -> PhoneChange:
        place = place_of(change.person)
        return change_of(self._documents.replace(PEOPLE, place, place, body_of(change), change.etag))


def place_of(person_id: str) -> str:
    """Where a person's change is kept: one at a time."""
    return f"{KIND}.{person_id}"


def sealed_number(keys: Keys, person_id: str, phone: str) -> str:
    return base64.b64encode(keys.seal(_PURPOSE, phone.encode(), person_id)).decode()


def number_of(keys: Keys, change: PhoneChange, *, old: bool = False) -> str:
    """The new number, E.164, or the one before."""
    sealed = change.old if old else change.phone
    return keys.open(_PURPOSE, base64.b64decode(sealed or ""), change.person).decode()


def body_of(change: PhoneChange) -> Body:
    body: Body = _codec.dump_python(change, mode="json")
    body.pop("etag")
    return {**body, "kind": KIND}


def change_of(document: Document) -> PhoneChange:
    known = {name: value for name, value in document.body.items() if name != "kind"}
    return _codec.validate_python({**known, "etag": document.etag})
