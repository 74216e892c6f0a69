"""Telephone numbers whose day has come: each step is written before the next, and can be repeated after a crash."""

import logging
from collections.abc import Iterator
from dataclasses import replace

from shared.containers import PEOPLE
from shared.domain.errors import AtmError
from shared.logs import say
from shared.ports import Clock, Documents, Keys, Query
from shared.services.messages.notices import Notices
from shared.services.messages.texts import text
from shared.services.pages import every
from shared.services.people.registry import People, Status
from shared.services.people_admin.phone_changes import (
    KIND,
    PhoneChange,
    body_of,
    change_of,
    number_of,
    place_of,
    sealed_number,
)


class PhonesDue:
    def __init__(self, documents: Documents, people: People, notices: Notices, keys: Keys, clock: Clock) -> None:
        self._documents = documents
        self._people = people
        self._notices = notices
        self._keys = keys
        self._clock = clock

    def apply(self) -> int:
        """What the timer does; returns how many numbers changed."""
        done = 0
        for change in list(self._due()):
            try:
                done += self._one(change)
            except AtmError as failure:
                say(logging.WARNING, "phone change left for later", person=change.person, error=failure.code)
        return done

    def _one(self, change: PhoneChange) -> bool:
        person, phone = self._people.require(change.person), number_of(self._keys, change)
        if person.status is Status.ERASING:
            return False
        if change.old is None:  # by ETag: from here on nobody cancels it
            noted = replace(change, old=sealed_number(self._keys, person.id, self._people.phone(person)))
            change = self._save(noted)
        if self._people.phone(person) != phone:
            self._people.reserve_phone(phone, person.id)
            sealed, now = self._people.sealed_phone(person.id, phone), self._clock.now()
            person = self._people.save(replace(person, phone=sealed, phone_changed_at=now))
        self._people.release_phone(number_of(self._keys, change, old=True), person.id)
        self._documents.delete(PEOPLE, place_of(person.id), place_of(person.id))
        self._notices.tell(person, text("phone_changed", person.language), f"{person.id}.phone_changed")
        say(logging.INFO, "phone changed", person=person.id)
        return True

    def _due(self) -> Iterator[PhoneChange]:
        found = every(self._documents, Query(PEOPLE, where={"kind": KIND}, limit=500))
        for change in map(change_of, found):
            if change.effective_at is not None and change.effective_at <= self._clock.now():
                yield change

    def _save(self, change: PhoneChange) -> PhoneChange:
        place = place_of(change.person)
        return change_of(self._documents.replace(PEOPLE, place, place, body_of(change), change.etag))
