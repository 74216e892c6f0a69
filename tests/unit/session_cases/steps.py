"""The events the cases are made of, and the ways in which one can go wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.domain import events as e
from shared.domain.session import Factor, PassedFactor, Session
from tests.unit import session_roads as r
from tests.unit.session_roads import POLICY, SECOND, Road, Step, happens


def at(moment: Callable[[Session], object], step: Step) -> Step:
    return lambda s: replace(step(s), at=moment(s))  # type: ignore[arg-type]


def after(seconds: float, step: Step) -> Step:
    return at(lambda s: s.changed_at + timedelta(seconds=seconds), step)


def at_expiry(step: Step) -> Step:
    return at(lambda s: s.expires_at, step)


def but(**changes: Any) -> Callable[[Step], Step]:
    """The same event, with something wrong about it."""
    return lambda step: lambda s: replace(step(s), **changes)


def old_frame(kind: type[e.Event], **changes: object) -> Step:
    """About a frame that does not count any more."""
    return lambda s: r.fitting(s, kind, seq=s.since_seq, **changes)


def nowhere(kind: type[e.Event], **changes: object) -> Step:
    return happens(kind, presence=e.Presence.LOOK, **changes)


def factors_of(person: str, *factors: Factor) -> tuple[PassedFactor, ...]:
    return tuple(PassedFactor(factor=f, person=person, at=r.START, seq=1) for f in factors)


ON_REQUEST = replace(POLICY, send_on_request=True)

accepts = happens(e.FaceAccepted)
accepts_doubted = happens(e.FaceAccepted, doubted=True)
types_pin = happens(e.PinSubmitted)
asks_again = happens(e.PinAsked)
wrong_pin, wrong_voice, clip, somebody_else = r.wrong_pin, r.wrong_voice, r.clip, r.somebody_else
right_voice = happens(e.VoiceChecked)
quiet_voice = happens(e.VoiceChecked, passed=False, counts=False, problem="too_quiet")
hands_off = happens(e.HandoffAsked)
redeems = happens(e.HandoffRedeemed)
passes_challenge, fails_challenge = happens(e.ChallengePassed), happens(e.ChallengeFailed)
vouches = happens(e.StaffVouched)
takes_face = happens(e.EnrolmentFaceTaken)
speaks, speaks_first = happens(e.EnrolmentVoiceTaken), happens(e.EnrolmentVoiceTaken, more=True)
enrols = happens(e.Enrolled)
ticks = happens(e.Tick)
retries, claims, registers = happens(e.Retried), happens(e.Claimed), happens(e.EnrolmentAsked)
calls_staff = happens(e.AssistanceAsked)

waiting: Road = lambda: r.walk(r.arrival(ON_REQUEST), accepts, policy=ON_REQUEST)  # noqa: E731


def expired_pin(start: Road) -> Road:
    """The visit was extended, and the code ran out."""

    def given() -> Session:
        s = r.walk(start(), happens(e.MoreTimeAsked))
        if s.pin is None:
            raise ValueError("no code on this road")
        return replace(s, changed_at=s.pin.expires_at - SECOND)

    return given


def old_challenge(s: Session) -> object:
    if s.challenge is None:
        raise ValueError("no challenge on this road")
    return s.challenge.expires_at


def seen_tick(seconds: float) -> Step:
    """The clock is looked at after as long; everybody was there all the time."""

    def step(s: Session) -> e.Event:
        now = s.changed_at + timedelta(seconds=seconds)
        return e.Tick(at=now, seen_at=now, shown_at=now)

    return step


def idle_tick(seconds: float) -> Step:
    """Nobody seen and nothing touched for as long."""

    def step(s: Session) -> e.Event:
        now = s.changed_at + timedelta(seconds=seconds)
        return e.Tick(at=now, seen_at=s.changed_at, shown_at=now)

    return step


def lonely_tick(seconds: float) -> Step:
    """The teller's customer was last shown when the token was redeemed."""

    def step(s: Session) -> e.Event:
        now = s.changed_at + timedelta(seconds=seconds)
        return e.Tick(at=now, seen_at=now, shown_at=s.changed_at - 60 * SECOND)

    return step


def ticks_seen(s: Session) -> e.Event:
    """The same, at the very end of the visit."""
    return e.Tick(at=s.expires_at, seen_at=s.expires_at, shown_at=s.expires_at)
