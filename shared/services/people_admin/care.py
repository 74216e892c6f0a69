"""Looking after people: found, approved, suspended, unlocked. Nobody decides about themselves or their own entries."""

import re
from dataclasses import dataclass, replace

from shared.containers import PEOPLE
from shared.domain.errors import BadRequest, Forbidden, NotFound, WrongState
from shared.domain.masking import masked
from shared.domain.roles import Operator
from shared.ports import Documents, Media, Query, Range
from shared.services.audit.entries import Audit, Ground
from shared.services.gallery.feed import GalleryFeed
from shared.services.messages.notices import Notices
from shared.services.messages.texts import text
from shared.services.people.registry import KIND, People, Person, Status, name_key, person_of
from shared.services.people.sources import picture
from shared.services.people.templates import Kind, Origin, Template, Templates
from shared.services.visit.cut_off import CutOff
from shared.services.visit.standing import Standing

_CUSTOMER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")
_OPERATOR_MOST = 64
_PAGE_MOST = 200
_AFTER_ANY_NAME = "\U0010ffff"


class OwnMatter(Forbidden):
    """This concerns you, or somebody you registered. Another operator has to decide."""

    code = "own_matter"


class WrongStatus(WrongState):
    """The person's status does not allow this."""

    code = "wrong_status"


@dataclass(frozen=True, slots=True)
class PeoplePage:
    people: tuple[Person, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class PersonDetail:
    """`failures`: wrong PINs in 24 hours and since the last success. `barred`: the face opens nothing at present."""

    person: Person
    phone: str
    faces: int
    voices: int
    learned: tuple[Template, ...]
    photo: str | None
    failures: tuple[int, int]
    barred: bool


class PeopleAdmin:
    def __init__(
        self,
        documents: Documents,
        media: Media,
        people: People,
        templates: Templates,
        standing: Standing,
        feed: GalleryFeed,
        cut_off: CutOff,
        audit: Audit,
        notices: Notices,
    ) -> None:
        self._notices = notices
        self._documents = documents
        self._media = media
        self._people = people
        self._templates = templates
        self._standing = standing
        self._feed = feed
        self._cut_off = cut_off
        self._audit = audit

    def find(
        self, begins: str = "", status: Status | None = None, limit: int = 50, cursor: str | None = None
    ) -> PeoplePage:
        """People by the beginning of their name, in its order. Raises BadRequest for a foreign cursor."""
        low = name_key(begins)
        where: dict[str, str | int | float | bool] = {"kind": KIND, **({"status": status} if status else {})}
        span = Range("nameKey", low=low, high=low + _AFTER_ANY_NAME) if low else None
        page = self._documents.query(
            Query(PEOPLE, where=where, range=span, order_by="nameKey", limit=min(limit, _PAGE_MOST), cursor=cursor)
        )
        return PeoplePage(tuple(person_of(d) for d in page.items), page.cursor)

    def ending(self, person: Person) -> str:
        """The masked number."""
        return masked(self._people.phone(person))

    def one(self, operator: Operator, person_id: str) -> PersonDetail:
        """Raises NotFound."""
        person = self._people.require(person_id)
        self._audit.record(operator, "person_viewed", {"person": person.id})
        faces = self._templates.of(person.id, Kind.FACE)
        return PersonDetail(
            person=person,
            phone=self.ending(person),
            faces=len(faces),
            voices=len(self._templates.of(person.id, Kind.VOICE)),
            learned=tuple(t for t in faces if t.origin is Origin.LEARNED),
            photo=self.photo_name(person.id),
            failures=self._standing.failures(person.id),
            barred=self._standing.barred(person.id),
        )

    def photo_name(self, person_id: str) -> str | None:
        """The recording that the first enrolment template was made from, where one is kept."""
        templates = self._templates.of(person_id, Kind.FACE)
        return next((t.source for t in templates if t.origin is Origin.ENROLMENT and t.source), None)

    def photo(self, operator: Operator, person_id: str) -> bytes | None:
        """The enrolment photo, a JPEG. Raises NotFound."""
        name = self.photo_name(self._people.require(person_id).id)
        if name is None:
            return None
        self._audit.record(operator, "photo_viewed", {"person": person_id})
        return picture(self._media, name)

    def reveal_phone(self, operator: Operator, person_id: str, why: Ground) -> str:
        """The number in clear, for a reason. Raises NotFound, BadRequest."""
        person = self._people.require(person_id)
        with self._audit.act(operator, "phone_revealed", {"person": person.id}, why.require()):
            return self._people.phone(person)

    def undo_learned(self, operator: Operator, person_id: str, template_id: str, why: Ground) -> Person:
        """Forget one learned template; what was enrolled cannot be taken away so. Raises NotFound, OwnMatter."""
        person = self._people.require(person_id)
        require_foreign(operator, person)
        if template_id not in {t.id for t in self._templates.of(person.id, Kind.FACE) if t.origin is Origin.LEARNED}:
            raise NotFound("no such learned template")
        with self._audit.act(operator, "learned_undone", {"person": person.id}, why.require(), template=template_id):
            self._templates.remove(person.id, template_id)
            self._feed.announce(person.id)
        return person

    def approve(self, operator: Operator, person_id: str) -> Person:
        """From pending; the customer is told. Raises NotFound, OwnMatter, WrongStatus, LostRace."""
        person = self._move(operator, person_id, "person_approved", {Status.PENDING}, Status.ACTIVE, Ground())
        self._notices.tell(person, text("approved", person.language), f"{person.id}.approved")
        return person

    def suspend(self, operator: Operator, person_id: str, why: Ground) -> Person:
        """From active; visits under way end, and every gallery forgets the face within seconds."""
        return self._move(
            operator, person_id, "person_suspended", {Status.ACTIVE}, Status.SUSPENDED, why.require(), own=True
        )

    def reactivate(self, operator: Operator, person_id: str, why: Ground) -> Person:
        return self._move(operator, person_id, "person_reactivated", {Status.SUSPENDED}, Status.ACTIVE, why.require())

    def unlock(self, operator: Operator, person_id: str, why: Ground) -> Person:
        """Forget the failures that bar the face."""
        person = self._people.require(person_id)
        require_foreign(operator, person)
        day, total = self._standing.failures(person.id)
        with self._audit.act(operator, "person_unlocked", {"person": person.id}, why.require(), day=day, total=total):
            self._standing.unlock(person.id)
        return person

    def change(self, operator: Operator, person_id: str, changes: dict[str, str | None]) -> Person:
        """`customer`, the bank's reference, and `operator`, who this person is here; None takes either away."""
        person = self._people.require(person_id)
        require_foreign(operator, person)
        unknown = set(changes) - {"customer", "operator"}
        if unknown or not changes:
            raise BadRequest("nothing_to_change", "`customer` or `operator` must be given")
        changed = replace(
            person,
            customer=checked_customer(changes.get("customer", person.customer)),
            operator=_checked_operator(changes.get("operator", person.operator)),
        )
        require_foreign(operator, replace(changed, registered_by=None))
        with self._audit.act(operator, "person_changed", {"person": person.id}, fields=[*sorted(changes)]):
            return self._people.save(changed)

    def _move(
        self,
        operator: Operator,
        person_id: str,
        action: str,
        before: set[Status],
        after: Status,
        why: Ground,
        *,
        own: bool = False,
    ) -> Person:
        """`own`: allowed to whoever registered the person, too, for it takes rights away."""
        person = self._people.require(person_id)
        if not own:
            require_foreign(operator, person)
        if person.status not in before:
            raise WrongStatus(f"not from {person.status}")
        with self._audit.act(operator, action, {"person": person.id}, why, before=person.status, after=after):
            moved = self._people.save(replace(person, status=after))
            self._feed.announce(person.id)
            if after is not Status.ACTIVE:
                self._cut_off.person(person.id)
        return moved


def require_foreign(operator: Operator, person: Person) -> None:
    """Raises OwnMatter if the person is this operator, or was registered by them."""
    if operator.id in (person.operator, person.registered_by):
        raise OwnMatter("an operator's own matter")


def checked_customer(reference: str | None) -> str | None:
    """Raises BadRequest("bad_customer")."""
    if reference is not None and not _CUSTOMER.fullmatch(reference):
        raise BadRequest("bad_customer", "a customer reference has 1 to 32 letters, digits and hyphens")
    return reference


def _checked_operator(operator: str | None) -> str | None:
    if operator is not None and (not 1 <= len(operator) <= _OPERATOR_MOST or not operator.isprintable()):
        raise BadRequest("bad_operator", "an operator is named by their id")
    return operator
