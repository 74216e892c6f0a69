"""The first officer's word, where two must answer for a customer whose face the machine did not know."""

from dataclasses import dataclass

from shared.containers import SESSION_LOG
from shared.domain.errors import AlreadyExists, BadRequest, LostRace
from shared.domain.session import Session
from shared.ports import Body, Document, Documents


@dataclass(frozen=True, slots=True)
class FirstWord:
    """Who said of which frame that it shows which person."""

    officer: str
    person: str
    seq: int


class FirstWords:
    """A word is about one face: once the visit forgets that face, it counts no more."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def of(self, session: Session) -> FirstWord | None:
        document = self._documents.get(SESSION_LOG, session.id, _place(session))
        return _word(document) if document else None

    def give(self, session: Session, word: FirstWord) -> tuple[str, ...]:
        """Everybody who answers so far, this officer last. Raises BadRequest("other_person")."""
        body: Body = {"kind": "vouching", "officer": word.officer, "person": word.person, "seq": word.seq}
        try:
            self._documents.create(SESSION_LOG, session.id, _place(session), body)
        except AlreadyExists:
            first = self.of(session)
            if first is None:
                raise LostRace("the first officer's word is gone") from None
            if first.person != word.person:
                raise BadRequest("other_person", "the first officer answered for somebody else") from None
            return first.officer, word.officer
        return (word.officer,)


def _place(session: Session) -> str:
    return f"vouching.{session.since_seq:06d}"


def _word(document: Document) -> FirstWord:
    body = document.body
    return FirstWord(str(body["officer"]), str(body["person"]), int(str(body["seq"])))
