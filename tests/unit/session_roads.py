"""Sessions in every state, each reached by the road that leads there, and the event that fits a session as it is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from shared.domain import events as e
from shared.domain.pin import SmsState
from shared.domain.policy import Policy
from shared.domain.session import Reason, Session, State
from shared.domain.transitions import apply

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
POLICY = Policy()
SECOND = timedelta(seconds=1)
ANN, BEN = "ann", "ben"
ORDERS = ("turn_left", "turn_right")

type Road = Callable[[], Session]
type Step = Callable[[Session], e.Event]

_FITTING: dict[type[e.Event], Callable[[Session], dict[str, Any]]] = {
    e.FaceAccepted: lambda s: {
        "person": s.person or ANN,
        "seq": _seq(s),
        "free": True,
        "doubted": False,
        "nonce": _nonce(s),
        "key": "k1",
        "challenge": ORDERS,
    },
    e.FaceUnknown: lambda s: {"seq": _seq(s)},
    e.FaceAmbiguous: lambda s: {"seq": _seq(s)},
    e.PresentationDoubted: lambda s: {"seq": _seq(s), "challenge": ORDERS},
    e.DifferentFace: lambda s: {"seq": _seq(s)},
    e.ChallengePassed: lambda s: {"number": _challenge(s), "seq": _seq(s), "nonce": _nonce(s), "key": "k1"},
    e.ChallengeFailed: lambda s: {"number": _challenge(s), "seq": _seq(s), "challenge": ORDERS},
    e.Retried: lambda s: {"seq": _seq(s)},
    e.Claimed: lambda s: {"person": ANN, "seq": _seq(s)},
    e.EnrolmentAsked: lambda s: {"person": "new", "seq": _seq(s), "allowed": True},
    e.AssistanceAsked: lambda s: {},
    e.PinAsked: lambda s: {"nonce": _nonce(s), "key": "k1", "at": s.pin.resend_at if s.pin else _soon(s)},
    e.PinSubmitted: lambda s: {
        "correct": True,
        "nonce": s.pin.nonce if s.pin else "none",
        "presence": e.Presence.OK,
        "seq": _seq(s),
        "digits": "135790",
    },
    e.VoiceReceived: lambda s: {"attempt": _attempt(s), "presence": e.Presence.OK},
    e.MoreTimeAsked: lambda s: {},
    e.LanguageChosen: lambda s: {"language": "ja"},
    e.HandoffAsked: lambda s: {"token_hash": "token", "presence": e.Presence.OK},
    e.Left: lambda s: {"reason": Reason.CANCELLED},
    e.SmsChanged: lambda s: {
        "nonce": s.pin.nonce if s.pin else "none",
        "before": s.pin.sms if s.pin else SmsState.QUEUED,
        "after": SmsState.SENDING,
    },
    e.VoiceChecked: lambda s: {
        "attempt": _attempt(s),
        "passed": True,
        "seq": _seq(s),
        "digits": "246802",
        "problem": None,
        "counts": True,
        "presence": e.Presence.OK,
    },
    e.HandoffRedeemed: lambda s: {
        "token_hash": s.handoff.token_hash if s.handoff else "none",
        "teller_token_hash": "teller",
    },
    e.EnrolmentFaceTaken: lambda s: {"seq": _seq(s), "nonce": _nonce(s), "key": "k1"},
    e.EnrolmentVoiceTaken: lambda s: {
        "attempt": _attempt(s),
        "seq": _seq(s),
        "more": False,
        "digits": "112233",
        "presence": e.Presence.OK,
    },
    e.Enrolled: lambda s: {"open": True},
    e.EnrolmentRefused: lambda s: {},
    e.StaffVouched: lambda s: {
        "person": ANN,
        "face_failed": False,
        "officers": ("olga",),
        "barred": False,
        "free": True,
        "seq": _seq(s),
        "nonce": _nonce(s),
        "key": "k1",
    },
    e.StaffRefused: lambda s: {},
    e.Tick: lambda s: {"seen_at": _soon(s), "shown_at": _soon(s)},
}
EVENTS = tuple(_FITTING)


def fitting(session: Session, kind: type[e.Event], **changes: Any) -> e.Event:
    """The event of this kind that suits the session best, a second after the last one, with `changes`."""
    return kind(**{"at": _soon(session), **_FITTING[kind](session), **changes})


def happens(kind: type[e.Event], **changes: Any) -> Step:
    return lambda session: fitting(session, kind, **changes)


def walk(session: Session, *steps: Step, policy: Policy = POLICY) -> Session:
    for step in steps:
        session = apply(session, step(session), policy)
    return session


def arrival(policy: Policy = POLICY) -> Session:
    return Session(
        id="K7_20261122_abc",
        kiosk="K7",
        reference="K7-4F2Q",
        language="en",
        state=State.IDENTIFYING,
        version=1,
        token_hash="visit",
        created_at=START,
        expires_at=START + policy.visit,
        changed_at=START,
    )


def road(*steps: Step, start: Road = arrival) -> Road:
    return cache(lambda: walk(start(), *steps))


def changed(start: Road, **changes: Any) -> Road:
    """A document that says what no road leads to: altered in the store, or written by a defect."""
    return lambda: replace(start(), **changes)


def _soon(s: Session) -> datetime:
    return s.changed_at + SECOND


def _seq(s: Session) -> int:
    return s.since_seq + 2


def _nonce(s: Session) -> str:
    return f"nonce-{s.version}"


def _challenge(s: Session) -> int:
    return s.challenge.number if s.challenge else 0


def _attempt(s: Session) -> int:
    return s.phrase.attempt if s.phrase else 0


wrong_pin = happens(e.PinSubmitted, correct=False)
wrong_voice = happens(e.VoiceChecked, passed=False)
clip = happens(e.VoiceReceived)
somebody_else = happens(e.DifferentFace)

identifying = road()
unknown = road(happens(e.FaceUnknown))
ambiguous = road(happens(e.FaceAmbiguous))
claiming = road(happens(e.Claimed), start=unknown)
pin = road(happens(e.FaceAccepted))
pin_sent = road(happens(e.SmsChanged), happens(e.SmsChanged, after=SmsState.SENT, reference="SM1"), start=pin)
pin_last_try = road(wrong_pin, wrong_pin, start=pin)
pin_all_sent = road(happens(e.PinAsked), happens(e.PinAsked), start=pin)
voice = road(happens(e.PinSubmitted), start=pin)
voice_received = road(clip, start=voice)
voice_last_try = road(wrong_voice, clip, wrong_voice, clip, start=voice_received)
granted = road(happens(e.VoiceChecked), start=voice_received)
handed_off = road(happens(e.HandoffAsked), start=granted)
at_the_teller = road(happens(e.HandoffRedeemed), start=handed_off)
doubted = road(happens(e.PresentationDoubted))
doubted_claim = road(happens(e.PresentationDoubted), start=claiming)
challenged = road(happens(e.FaceAccepted, doubted=True))
last_challenge = road(happens(e.ChallengeFailed), start=challenged)
doubted_twice = road(
    happens(e.ChallengePassed), happens(e.PresentationDoubted), happens(e.ChallengePassed), start=doubted
)
doubted_twice_claim = road(happens(e.FaceUnknown), happens(e.Claimed), start=doubted_twice)
enrolling = road(happens(e.EnrolmentAsked), start=unknown)
enrolling_pin = road(happens(e.EnrolmentFaceTaken), start=enrolling)
enrolling_last_try = road(wrong_pin, wrong_pin, start=enrolling_pin)
enrolling_all_sent = road(happens(e.PinAsked), happens(e.PinAsked), start=enrolling_pin)
enrolling_voice = road(happens(e.PinSubmitted), start=enrolling_pin)
enrolling_received = road(clip, start=enrolling_voice)
enrolling_done = road(happens(e.EnrolmentVoiceTaken), start=enrolling_received)
self_granted = road(happens(e.Enrolled), start=enrolling_done)
assistance = road(happens(e.AssistanceAsked), start=unknown)
assisted_pin = road(happens(e.StaffVouched), start=assistance)
assisted = road(happens(e.PinSubmitted), start=assisted_pin)
denied = road(wrong_pin, start=pin_last_try)
ended = road(happens(e.Left), start=pin)
sends_used_up = road(somebody_else, start=pin_all_sent)
"""Identifying again, with all three messages sent."""
identified_out = road(
    somebody_else,
    happens(e.FaceUnknown),
    happens(e.Retried),
    happens(e.FaceUnknown),
    happens(e.Retried),
    happens(e.FaceUnknown),
    start=pin,
)
"""Unknown, with no identification left."""
last_face = road(
    somebody_else,
    happens(e.FaceUnknown),
    happens(e.Retried),
    happens(e.FaceAccepted),
    somebody_else,
    happens(e.FaceAccepted),
    start=pin,
)
"""At the PIN with the last identification."""
identified_again = road(happens(e.Retried), start=unknown)
"""Identifying, with frames that count no more."""
claimed_out = road(happens(e.FaceUnknown), happens(e.Claimed), happens(e.FaceUnknown), start=claiming)

IN_STATE: dict[State, Road] = {
    State.IDENTIFYING: identifying,
    State.CHALLENGE: challenged,
    State.UNKNOWN: unknown,
    State.AMBIGUOUS: ambiguous,
    State.CLAIMING: claiming,
    State.ENROLLING: enrolling,
    State.ASSISTANCE: assistance,
    State.PIN: pin,
    State.VOICE: voice,
    State.GRANTED: granted,
    State.HANDED_OFF: handed_off,
    State.DENIED: denied,
    State.ENDED: ended,
}
