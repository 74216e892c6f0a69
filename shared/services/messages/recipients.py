"""Whose phone a session's code goes to: the accepted person's, or the one a new person typed."""

from dataclasses import dataclass

from shared.domain.errors import NotFound
from shared.domain.session import Session, State
from shared.services.people.registry import People
from shared.services.session.enrolment_draft import Drafts


@dataclass(frozen=True, slots=True)
class Recipient:
    """`phone` is E.164. `owner_only`: the number is somebody else's, who gets a warning and no code."""

    phone: str
    language: str
    owner_only: bool = False


class Recipients:
    def __init__(self, people: People, drafts: Drafts) -> None:
        self._people = people
        self._drafts = drafts

    def of(self, session: Session) -> Recipient:
        """Raises NotFound."""
        if session.state is State.ENROLLING:
            details, draft = self._drafts.details(session), self._drafts.get(session)
            if draft is None or not draft.known:
                return Recipient(details.phone, session.language)
            owner = self._people.by_phone(details.phone)
            known = self._people.get(owner) if owner else None
            return Recipient(details.phone, known.language if known else session.language, owner_only=True)
        if session.person is None:
            raise NotFound("nobody to send to")
        person = self._people.require(session.person)
        return Recipient(self._people.phone(person), session.language if session.language_chosen else person.language)

    def ending(self, session: Session) -> str | None:
        """The number's last two digits, for the screen."""
        try:
            return self.of(session).phone[-2:]
        except NotFound:
            return None
