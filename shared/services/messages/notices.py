"""Messages that tell a customer what staff did. They carry no code, and what they tell of never waits for them."""

import logging
from datetime import timedelta

from shared.domain.errors import AtmError
from shared.logs import say
from shared.ports import Sms, SmsRefused, SmsUnknown
from shared.services.kiosks.pairing import Kiosks
from shared.services.limits import Limit, Limits
from shared.services.messages.texts import text
from shared.services.people.registry import People, Person

_PER_PHONE = Limit("notice-day", most=10, window=timedelta(days=1))


class Notices:
    def __init__(self, people: People, sms: Sms, limits: Limits, kiosks: Kiosks) -> None:
        self._kiosks = kiosks
        self._people = people
        self._sms = sms
        self._limits = limits

    def of_wrong_codes(self, person_id: str, kiosk_id: str, reference: str) -> None:
        """The owner learns that somebody with their face typed wrong codes. Never raises."""
        try:
            person, kiosk = self._people.require(person_id), self._kiosks.get(kiosk_id)
        except AtmError as failure:
            say(logging.WARNING, "notice not sent", person=person_id, error=failure.code)
            return
        place = kiosk.name if kiosk else kiosk_id
        self.tell(person, text("wrong_codes", person.language, place=place), reference)

    def tell(self, person: Person, words: str, reference: str) -> bool:
        """Whether the provider took it. Never raises for the provider, and never sends again by itself."""
        try:
            phone = self._people.phone(person)
            self._limits.take(_PER_PHONE, self._people.phone_key(phone))
            self._sms.send(phone, words, reference)
        except (SmsRefused, SmsUnknown, AtmError) as failure:
            say(logging.WARNING, "notice not sent", person=person.id, error=type(failure).__name__)
            return False
        return True
