"""A change of telephone, asked for: by the customer at the teller screen, or by two operators."""

from datetime import datetime

from shared.domain.roles import Operator
from shared.services.audit.entries import Audit, Ground
from shared.services.operators.vouching import Paper
from shared.services.people.numbers import Numbers
from shared.services.people.registry import People, Person
from shared.services.people_admin.care import OwnMatter, require_foreign
from shared.services.people_admin.phone_changes import PhoneChange, PhoneChanges
from shared.services.session.store import Stored
from shared.services.teller.screen import Teller


class OwnPhone:
    """`typed` numbers are as people write them: BadRequest("bad_phone") for none."""

    def __init__(self, changes: PhoneChanges, teller: Teller, people: People, numbers: Numbers, audit: Audit) -> None:
        self._changes = changes
        self._teller = teller
        self._people = people
        self._numbers = numbers
        self._audit = audit

    def ask(self, stored: Stored, typed: str) -> PhoneChange:
        """At the teller screen, after a full grant. Raises Locked, FullVisitNeeded, LimitReached, BadRequest."""
        person, phone = self._teller.in_person(stored), self._numbers.parse(typed)
        with self._audit.act(None, "phone_change_asked", {"person": person.id, "session": stored.session.id}):
            return self._changes.ask(person, phone, None)

    def prove(self, stored: Stored, code: str) -> datetime | None:
        """From when the new number counts; None for a wrong code. Raises as `ask`, NoChange."""
        person = self._teller.in_person(stored)
        if (change := self._changes.of(person.id)) is not None and change.by is not None:
            return None  # staff's own; the customer's code proves nothing for it
        proven = self._changes.prove(person, code)
        return proven.effective_at if proven else None

    def ask_by_staff(self, operator: Operator, person_id: str, typed: str, paper: Paper, why: Ground) -> PhoneChange:
        """The first operator, who has seen a document. Raises NotFound, OwnMatter, BadRequest, LimitReached."""
        person, phone = self._foreign(operator, person_id), self._numbers.parse(typed)
        with self._audit.act(operator, "phone_change_asked", {"person": person.id}, why.require(), paper=paper):
            return self._changes.ask(person, phone, operator.id)

    def prove_by_staff(self, operator: Operator, person_id: str, code: str) -> bool:
        """The code that the customer reads out from the new telephone. Raises as `ask_by_staff`, NoChange."""
        person = self._foreign(operator, person_id)
        with self._audit.act(operator, "phone_change_proven", {"person": person.id}):
            return self._changes.prove(person, code) is not None

    def approve(self, operator: Operator, person_id: str, paper: Paper, why: Ground) -> PhoneChange:
        """The second operator, who has seen a document, too. Raises as `ask_by_staff`, NoChange."""
        person, change = self._foreign(operator, person_id), self._changes.of(person_id)
        if change is not None and change.by == operator.id:
            raise OwnMatter("the first operator is not the second")
        with self._audit.act(operator, "phone_change_approved", {"person": person.id}, why.require(), paper=paper):
            return self._changes.approve(person, operator.id)

    def cancel(self, operator: Operator, person_id: str, why: Ground) -> None:
        """Until it has happened. It only takes away, so anybody's word is enough. Raises NotFound, NoChange."""
        person = self._people.require(person_id)
        with self._audit.act(operator, "phone_change_cancelled", {"person": person.id}, why.require()):
            self._changes.cancel(person.id)

    def _foreign(self, operator: Operator, person_id: str) -> Person:
        person = self._people.require(person_id)
        require_foreign(operator, person)
        return person
