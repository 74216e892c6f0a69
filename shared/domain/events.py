"""What can happen to a session. Each is a fact with its time; the facts a guard needs travel with it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.pin import SmsState
from shared.domain.session import Reason


class Presence(StrEnum):
    """Whether the accepted person stands in front right now, alone and live (DESIGN.md, the session)."""

    OK = "ok"
    LOOK = "look"  # no recent good frame of this person
    ALONE = "alone"  # a second near face


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: datetime


# --- from the frames ---


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceAccepted(Event):
    """Two good frames agree on a person. `free`: the person is in no other live session, not locked and not waiting.

    `doubted`: policy or lockout asks for an active challenge before any message is sent. `nonce` becomes the PIN's.
    """

    person: str
    seq: int
    free: bool
    doubted: bool
    nonce: str
    key: str
    challenge: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceUnknown(Event):
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceAmbiguous(Event):
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationDoubted(Event):
    """Three frames failed the passive presentation check."""

    seq: int
    challenge: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferentFace(Event):
    """Somebody else stands where the accepted person stood."""

    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengePassed(Event):
    """The orders were carried out by the same face. `nonce` and `key` start the PIN where a person is known."""

    number: int
    seq: int
    nonce: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeFailed(Event):
    """Time ran out or another face took part. `challenge` holds the orders of the next one."""

    number: int
    seq: int
    challenge: tuple[str, ...]


# --- from the customer ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried(Event):
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed(Event):
    """A number was typed. `person` is a random stand-in when the number is nobody's."""

    person: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentAsked(Event):
    """`person` is the random id the new person will have."""

    person: str
    seq: int
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistanceAsked(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PinAsked(Event):
    """ "Send my code", or "Send it again". `nonce` is used only where a new code is due."""

    nonce: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PinSubmitted(Event):
    """`correct` was judged against the challenge with this `nonce`; `digits` becomes the phrase's."""

    correct: bool
    nonce: str
    presence: Presence
    seq: int
    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceReceived(Event):
    attempt: int
    presence: Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreTimeAsked(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageChosen(Event):
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffAsked(Event):
    token_hash: str
    presence: Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Event):
    """The visit is over for a reason that needs no guard: cancelled, finished, or cut off by staff."""

    reason: Reason


# --- from the engines, the provider, the teller system, staff and the clock ---


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsChanged(Event):
    """The message of the challenge with `nonce` went from `before` to `after`."""

    nonce: str
    before: SmsState
    after: SmsState
    reference: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceChecked(Event):
    """The clip of `attempt` was judged. `counts` is False for a clip too short or too quiet to judge at all."""

    attempt: int
    passed: bool
    seq: int
    digits: str
    problem: str | None
    counts: bool
    presence: Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffRedeemed(Event):
    token_hash: str
    teller_token_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentFaceTaken(Event):
    """Enough new frames of one live face, after consent, with the details filled in. `nonce` starts the phone's PIN."""

    seq: int
    nonce: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentVoiceTaken(Event):
    """A clip of the new person is good. `more`: further phrases are to be read, the next with `digits`."""

    attempt: int
    seq: int
    more: bool
    digits: str
    presence: Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled(Event):
    """The new person is stored. `open`: policy and checks let them go on to the teller screen at once."""

    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentRefused(Event):
    """The details or the face cannot be enrolled here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffVouched(Event):
    """An officer answers for the person; with a face that failed it takes a second one.

    `free`: the person is in no other live session.
    """

    person: str
    face_failed: bool
    officers: tuple[str, ...]
    barred: bool
    free: bool
    seq: int
    nonce: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRefused(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Event):
    """The clock was looked at. `seen_at`: when a face or an input was last seen; `shown_at`: the person, alone."""

    seen_at: datetime
    shown_at: datetime
