"""The teller screen: this project's own, where a bank has its system. It redeems the hand-off and pays out cash."""

import base64
import logging
from collections.abc import Callable
from dataclasses import dataclass

from shared.domain.account import Account, Receipt, parse_amount
from shared.domain.errors import BadRequest, Forbidden, Locked, NotAllowed, NotFound
from shared.domain.session import Assurance, Session
from shared.domain.transitions import Refused
from shared.logs import say
from shared.ports import Randomness
from shared.services.people.registry import People, Person
from shared.services.session.scene import Scene
from shared.services.session.store import TOKEN_BYTES, SessionStore, Stored, require_token, token_hash
from shared.services.session.timeline import Timeline
from shared.services.teller.handoff import Handoffs
from shared.services.teller.ledger import Ledger

_TOKEN_LENGTH = 200


class FullVisitNeeded(Forbidden):
    """This needs a visit with face, code and voice. Staff let this one in."""

    code = "full_visit_needed"


@dataclass(frozen=True, slots=True)
class TellerScreen:
    """What the customer sees: the visit as it is now, who they are, and their accounts."""

    scene: Scene
    person: Person
    accounts: tuple[Account, ...]


class Teller:
    """`look` brings a visit up to date by the clock before anything is shown or paid (`Watch.look`)."""

    def __init__(
        self,
        handoffs: Handoffs,
        sessions: SessionStore,
        people: People,
        ledger: Ledger,
        timeline: Timeline,
        randomness: Randomness,
        look: Callable[[Stored], Scene],
    ) -> None:
        self._handoffs = handoffs
        self._sessions = sessions
        self._people = people
        self._ledger = ledger
        self._timeline = timeline
        self._randomness = randomness
        self._look = look

    def open(self, handoff_token: str) -> tuple[str, TellerScreen]:
        """Redeem the hand-off for a teller token, which names its visit. Raises BadToken, AlreadyRedeemed."""
        claims = self._handoffs.read(handoff_token)
        secret = base64.urlsafe_b64encode(self._randomness.bytes(TOKEN_BYTES)).rstrip(b"=").decode()
        token = f"{claims.get('sid')}.{secret}"
        session = self._handoffs.redeem(claims, token_hash(token))
        say(logging.INFO, "teller opened", session=session.id)
        return token, self.show(self._sessions.load(session.id))

    def visit(self, token: str | None) -> Stored:
        """The visit of a teller token, over or not. Raises NotAllowed."""
        if token is None or len(token) > _TOKEN_LENGTH:
            raise NotAllowed("no teller token")
        try:
            stored = self._sessions.load(token.rpartition(".")[0])
        except (NotFound, BadRequest):
            raise NotAllowed("no such session") from None
        handoff = stored.session.handoff
        require_token(handoff.teller_token_hash if handoff else None, token)
        return stored

    def show(self, stored: Stored) -> TellerScreen:
        """Raises Refused("session_over")."""
        scene = self._here(stored)
        person = self._person(scene.session)
        return TellerScreen(scene, person, self._ledger.accounts(person.customer))

    def in_person(self, stored: Stored) -> Person:
        """Whoever may change their own account here: in front now, and let in by face, code and voice.

        Raises Locked, FullVisitNeeded, Refused("session_over").
        """
        session = self._present(stored).session
        if session.assurance is not Assurance.FULL:
            raise FullVisitNeeded(f"{session.assurance}")
        return self._person(session)

    def withdraw(self, stored: Stored, account: str, amount: str, key: str) -> tuple[Receipt, bool]:
        """Cash for the customer in front: a receipt, and whether it is new. Raises Locked, and as `Ledger.withdraw`."""
        scene = self._present(stored)
        session, person = scene.session, self._person(scene.session)
        cents = parse_amount(amount)
        receipt, new = self._ledger.withdraw(person.customer, account, cents, key, session.reference)
        self._timeline.add(session.id, "cash_given", receipt.at, receipt.id)
        return receipt, new

    def _present(self, stored: Stored) -> Scene:
        scene = self._here(stored)
        if scene.teller_locked:
            raise Locked("nobody in front")
        return scene

    def _here(self, stored: Stored) -> Scene:
        scene = self._look(stored)
        if scene.session.over:
            raise Refused(scene.session.state, scene.tick, "session_over")
        return scene

    def _person(self, session: Session) -> Person:
        return self._people.require(session.person or "nobody")
