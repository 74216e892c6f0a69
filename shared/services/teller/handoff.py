"""The hand-off: a signed token (JWT, ES256) that says who was let in and how, and that the bank redeems once."""

import base64
from datetime import timedelta

from shared.domain.errors import LostRace, NotAllowed, NotFound, WrongState
from shared.domain.events import HandoffAsked, HandoffRedeemed
from shared.domain.session import Factor, Session, State
from shared.domain.transitions import Refused
from shared.ports import Clock, Json, Keys, Randomness
from shared.services.people.registry import People, Person, Status
from shared.services.session.scene import Scenes
from shared.services.session.store import SessionStore, Stored, token_hash
from shared.services.session.timeline import Timeline
from shared.services.visit.aftermath import Aftermath

type Claims = dict[str, Json]

TOKEN_LENGTH = 2048
_JTI_BYTES = 16
# RFC 8176 names `face` and `otp`; it has `vbm` for a voice, but the plain words are what a teller's programmer expects.
_AMR = {Factor.STAFF: "staff", Factor.FACE: "face", Factor.PIN: "otp", Factor.VOICE: "voice"}


class BadToken(NotAllowed):
    """The hand-off token is wrong or expired, or its visit is over."""

    code = "bad_token"


class AlreadyRedeemed(WrongState):
    """The hand-off token was redeemed already. It works once."""

    code = "already_redeemed"


class Handoffs:
    """`audience` is the bank's teller system; `valid` is the token's life."""

    def __init__(
        self,
        sessions: SessionStore,
        scenes: Scenes,
        people: People,
        keys: Keys,
        clock: Clock,
        randomness: Randomness,
        timeline: Timeline,
        aftermath: Aftermath,
        *,
        audience: str,
        valid: timedelta,
    ) -> None:
        self._sessions = sessions
        self._scenes = scenes
        self._people = people
        self._keys = keys
        self._clock = clock
        self._randomness = randomness
        self._timeline = timeline
        self._aftermath = aftermath
        self._audience = audience
        self._valid = valid

    def ask(self, stored: Stored) -> str:
        """The token of a granted visit. From now on the visit's own token opens nothing. Raises Refused, NotAllowed."""
        session = stored.session
        person = self._active(session) if session.state is State.GRANTED else None
        jti = base64.urlsafe_b64encode(self._randomness.bytes(_JTI_BYTES)).rstrip(b"=").decode()
        after, _ = self._sessions.change(session.id, lambda s: self._asked(s, jti), known=stored)
        if person is None or after.person != person.id:
            raise LostRace("another person was granted meanwhile")
        self._aftermath.of(session, after)
        return self._keys.sign(self._claims(after, person, jti))

    def read(self, token: str) -> Claims:
        """The claims of a token that is ours, for this audience, and not expired. Raises BadToken."""
        if len(token) > TOKEN_LENGTH:
            raise BadToken("too long for a token of ours")
        try:
            return self._keys.verify(token, self._audience, self._clock.now())
        except NotAllowed as failure:
            raise BadToken(str(failure)) from None

    def redeem(self, claims: Claims, teller_token_hash: str | None = None) -> Session:
        """Use up the token that `read` gave these claims of. Of any number of callers one succeeds.

        `teller_token_hash` opens the visit from now on; with None nothing does. Raises BadToken, AlreadyRedeemed.
        """
        hashed = token_hash(str(claims["jti"]))

        def decide(session: Session) -> HandoffRedeemed:
            handoff = session.handoff
            if handoff is None or handoff.token_hash != hashed:
                raise NotAllowed("not the token of this visit")
            if handoff.redeemed_at is not None:
                raise AlreadyRedeemed("a token works once")
            self._active(session)
            return HandoffRedeemed(at=self._clock.now(), token_hash=hashed, teller_token_hash=teller_token_hash)

        try:
            session, _ = self._sessions.change(str(claims.get("sid", "")), decide)
        except (Refused, NotFound, NotAllowed) as failure:
            raise BadToken(str(failure)) from None
        self._timeline.add(session.id, "redeemed", session.changed_at, f"{session.version:05d}")
        return session

    def _asked(self, session: Session, jti: str) -> HandoffAsked:
        scene = self._scenes.of(session)
        return HandoffAsked(at=scene.at, token_hash=token_hash(jti), presence=scene.presence)

    def _claims(self, session: Session, person: Person, jti: str) -> Claims:
        """`iat` and `exp` are whole seconds (NumericDate), rounded down: never longer than `valid`."""
        issued = int(session.changed_at.timestamp())
        claims: Claims = {
            "aud": self._audience,
            "jti": jti,
            "iat": issued,
            "exp": issued + int(self._valid.total_seconds()),
            "sid": session.id,
            "kiosk": session.kiosk,
            "person": person.id,
            "amr": [word for factor, word in _AMR.items() if session.passed(factor)],
            "assurance": session.assurance,
            "identity": person.assurance,
        }
        return {**claims, "sub": person.customer} if person.customer else claims

    def _active(self, session: Session) -> Person:
        person = self._people.get(session.person) if session.person else None
        if person is None or person.status is not Status.ACTIVE:
            raise NotAllowed("the person may not use the machine (any more)")
        return person


def public_claims(claims: Claims) -> Claims:
    """What the bank is told: all but the token's own id; `sub` is null for a person it has no reference for."""
    return {"sub": None, **{name: value for name, value in claims.items() if name != "jti"}}
