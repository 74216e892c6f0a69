"""Setting up an authenticator app by oneself: while registering, or in the teller's account settings."""

from shared.domain.errors import NotFound
from shared.domain.events import Event, Presence
from shared.domain.roles import Operator
from shared.domain.session import Factor, Session, State
from shared.domain.transitions import Refused
from shared.ports import Clock
from shared.services.audit.entries import Audit, Ground
from shared.services.messages.notices import Notices
from shared.services.messages.texts import text
from shared.services.people.authenticators import Authenticators, NoAuthenticator, Setup
from shared.services.people.registry import People, Person
from shared.services.people_admin.care import require_foreign
from shared.services.session.enrolment_draft import Drafts
from shared.services.session.scene import Scenes
from shared.services.session.store import Stored
from shared.services.teller.screen import Teller


class OwnAuthenticator:
    def __init__(
        self,
        authenticators: Authenticators,
        teller: Teller,
        scenes: Scenes,
        drafts: Drafts,
        people: People,
        notices: Notices,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._people = people
        self._audit = audit
        self._authenticators = authenticators
        self._teller = teller
        self._scenes = scenes
        self._drafts = drafts
        self._notices = notices
        self._clock = clock

    def begin_registering(self, stored: Stored) -> Setup:
        """While registering, once the phone is proven, with the same face in front. Raises Refused."""
        person = self._registering(stored.session)
        return self._authenticators.begin(person, self._drafts.details(stored.session).given_name, registered=False)

    def confirm_registering(self, stored: Stored, code: str) -> bool:
        """Raises Refused, and as `Authenticators.confirm`. The person is told with the registration itself."""
        return self._authenticators.confirm(self._registering(stored.session), code, registered=False)

    def has(self, person: str) -> bool:
        return self._authenticators.has(person)

    def begin(self, stored: Stored) -> Setup:
        """At the teller screen. Raises Locked, FullVisitNeeded, Refused."""
        person = self._teller.in_person(stored)
        return self._authenticators.begin(person.id, person.given_name)

    def confirm(self, stored: Stored, code: str) -> bool:
        """The owner is told by SMS. Raises as `begin`, and as `Authenticators.confirm`."""
        person = self._teller.in_person(stored)
        confirmed = self._authenticators.confirm(person.id, code)
        if confirmed:
            self._tell(person, "app_added", stored.session)
        return confirmed

    def remove(self, stored: Stored) -> None:
        """The owner is told by SMS. Raises as `begin`, NoAuthenticator."""
        person = self._teller.in_person(stored)
        if not self._authenticators.remove(person.id):
            raise NoAuthenticator("none set up")
        self._tell(person, "app_removed", stored.session)

    def removed_by_staff(self, operator: Operator, person_id: str, why: Ground) -> None:
        """The owner is told by SMS. Raises NotFound, OwnMatter, BadRequest, NoAuthenticator."""
        person = self._people.require(person_id)
        require_foreign(operator, person)
        if not self._authenticators.has(person.id):
            raise NoAuthenticator("none set up")
        with self._audit.act(operator, "authenticator_removed", {"person": person.id}, why.require()) as entry:
            self._authenticators.remove(person.id)
        self._notices.tell(person, text("app_removed", person.language), f"{entry}.app_removed")

    def _tell(self, person: Person, key: str, session: Session) -> None:
        self._notices.tell(person, text(key, person.language), f"{session.id}.{key}")

    def _registering(self, session: Session) -> str:
        at = self._clock.now()
        if session.state is not State.ENROLLING or session.person is None or not session.passed(Factor.PIN):
            raise Refused(session.state, Event(at=at), "wrong_state")
        if self._scenes.of(session).presence is not Presence.OK:
            raise Refused(session.state, Event(at=at), "in_front")
        if self._drafts.get(session) is None:
            raise NotFound("nothing filled in")
        return session.person
