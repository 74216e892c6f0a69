"""The language a customer chose in the middle of a visit: theirs from then on, once the visit is granted."""

import logging
from dataclasses import replace

from shared.domain.errors import AtmError, LostRace
from shared.domain.session import Assurance, Session, State
from shared.logs import say
from shared.services.people.registry import People

GRANTED = frozenset({State.GRANTED, State.HANDED_OFF})
_RACES = 5


class Languages:
    def __init__(self, people: People) -> None:
        self._people = people

    def after(self, before: Session, after: Session) -> None:
        """Remember the choice if this step was the grant. Never raises: nothing waits for it."""
        if after.language_chosen and after.state in GRANTED and before.state not in GRANTED:
            try:
                self.remember(after, after.language)
            except AtmError as failure:
                say(logging.WARNING, "language not remembered", session=after.id, error=failure.code)

    def remember(self, session: Session, language: str) -> None:
        """For the customer of a fully granted visit; staff's word is not enough to change what somebody is sent."""
        if session.assurance is not Assurance.FULL:
            return
        for _ in range(_RACES):
            person = self._people.require(str(session.person))
            if person.language == language:
                return
            try:
                self._people.save(replace(person, language=language))
            except LostRace:
                continue
            return
