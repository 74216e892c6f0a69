"""One visit: its states, its factors and what is written down of it. How it moves is `transitions.py`'s."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.phrase import PhraseChallenge
from shared.domain.pin import PinChallenge


class State(StrEnum):
    IDENTIFYING = "identifying"
    CHALLENGE = "challenge"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    CLAIMING = "claiming"
    ENROLLING = "enrolling"
    ASSISTANCE = "assistance"
    PIN = "pin"
    VOICE = "voice"
    GRANTED = "granted"
    HANDED_OFF = "handed_off"
    DENIED = "denied"
    ENDED = "ended"


OVER = frozenset({State.DENIED, State.ENDED})
AFTER_ACCEPTANCE = frozenset({State.PIN, State.VOICE, State.GRANTED})


class Factor(StrEnum):
    FACE = "face"
    PIN = "pin"
    VOICE = "voice"
    STAFF = "staff"  # a member of staff answers for the person; never from the kiosk itself


class Assurance(StrEnum):
    """What a grant rests on: face, PIN and voice of one person, or staff and PIN. There is no third."""

    FULL = "full"
    ASSISTED = "assisted"


class Reason(StrEnum):
    """Why a visit is over. The console shows it; the kiosk shows the same words for every denial."""

    WRONG_PIN = "wrong_pin"
    PIN_NOT_USED = "pin_not_used"
    WRONG_VOICE = "wrong_voice"
    PRESENTATION = "presentation"
    DIFFERENT_FACE = "different_face"
    NOT_IDENTIFIED = "not_identified"
    REFUSED_BY_STAFF = "refused_by_staff"
    REFUSED_AT_ENROLMENT = "refused_at_enrolment"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    IDLE = "idle"
    NOT_COLLECTED = "not_collected"
    LEFT = "left"
    FINISHED = "finished"
    AWAITING_APPROVAL = "awaiting_approval"
    CUT_OFF = "cut_off"  # kiosk revoked or person suspended or erased during the visit


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedFactor:
    """A factor that holds, whose it is, and the frame (`seq`) that showed the person when it was passed."""

    factor: Factor
    person: str
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """An active liveness challenge: the orders, and the frame after which they count."""

    number: int
    orders: tuple[str, ...]
    since_seq: int
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """The token given for the teller system: only its identifier's hash is kept."""

    token_hash: str
    issued_at: datetime
    redeemed_at: datetime | None = None
    teller_token_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The session document, without its ETag. Times are aware UTC. Frames up to `since_seq` no longer count.

    `language_chosen`: in this visit, by the customer. `phrases` counts every phrase of the visit, so that no clip ever
    answers another person's phrase.

    `person` is a random id: whose face was accepted, who is claimed, or (in `enrolling`) who is about to be.
    Nobody's name, number or template stands here.
    """

    id: str
    kiosk: str
    reference: str
    language: str
    state: State
    version: int
    token_hash: str
    created_at: datetime
    expires_at: datetime
    changed_at: datetime
    language_chosen: bool = False
    extended: bool = False
    person: str | None = None
    factors: tuple[PassedFactor, ...] = ()
    since_seq: int = 0
    identifications: int = 1
    claims: int = 0
    challenge: Challenge | None = None
    challenges: int = 0
    pin: PinChallenge | None = None
    pin_sends: int = 0
    wrong_pins: int = 0
    phrase: PhraseChallenge | None = None
    phrases: int = 0
    voice_failures: int = 0
    assurance: Assurance | None = None
    handoff: Handoff | None = None
    enrolling: bool = False
    reason: Reason | None = None

    @property
    def over(self) -> bool:
        return self.state in OVER

    def passed(self, factor: Factor) -> bool:
        """Whether a factor holds for the person of this session."""
        return any(f.factor is factor and f.person == self.person for f in self.factors)

    def with_factor(self, factor: Factor, at: datetime, seq: int) -> "Session":
        """The session with one more factor, of the session's own person."""
        if self.person is None:
            raise ValueError("a factor needs a person")
        passed = PassedFactor(factor=factor, person=self.person, at=at, seq=seq)
        return replace(self, factors=(*self.factors, passed))


def kiosk_day(session_id: str) -> str:
    """The partition of a session: its id carries kiosk and day, `K7_20261122_…` → `K7_20261122`."""
    kiosk, day, _ = session_id.split("_")
    return f"{kiosk}_{day}"
