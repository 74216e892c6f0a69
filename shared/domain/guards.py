"""The questions the session's table asks: each a plain predicate whose name is the code of the refusal.

Guards take the event as Any where several event types share the field they read: the table pairs them.
"""

from collections.abc import Callable
from typing import Any

from shared.domain import events as e
from shared.domain.pin import SMS_NEXT, SmsState
from shared.domain.policy import Policy
from shared.domain.session import Assurance, Factor, Session

type Guard = Callable[[Session, Any, Policy], bool]


def not_expired(s: Session, ev: e.Event, p: Policy) -> bool:
    return ev.at < s.expires_at


def expired(s: Session, ev: e.Event, p: Policy) -> bool:
    return ev.at >= s.expires_at


def idle(s: Session, ev: e.Tick, p: Policy) -> bool:
    return ev.at - ev.seen_at >= p.idle and ev.at - s.changed_at >= p.idle


def in_front(s: Session, ev: Any, p: Policy) -> bool:
    return bool(ev.presence is e.Presence.OK)


def newer_frame(s: Session, ev: Any, p: Policy) -> bool:
    return bool(ev.seq > s.since_seq)


def person_free(s: Session, ev: e.FaceAccepted | e.StaffVouched, p: Policy) -> bool:
    return ev.free


def claimed_person(s: Session, ev: e.FaceAccepted, p: Policy) -> bool:
    """Nobody was claimed, or this is who was."""
    return s.person is None or ev.person == s.person


def beyond_doubt(s: Session, ev: e.FaceAccepted, p: Policy) -> bool:
    return not ev.doubted


def identifications_left(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.identifications < p.identifications


def claims_left(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.claims < p.claims


def this_challenge(s: Session, ev: Any, p: Policy) -> bool:
    return s.challenge is not None and bool(ev.number == s.challenge.number)


def challenge_in_time(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.challenge is not None and ev.at < s.challenge.expires_at


def challenges_left(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.challenges < p.challenges


def person_known(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.person is not None


def face_not_shown(s: Session, ev: e.Event, p: Policy) -> bool:
    return not s.passed(Factor.FACE)


def pin_issued(s: Session, ev: Any, p: Policy) -> bool:
    return s.pin is not None and bool(ev.nonce == s.pin.nonce)


def pin_not_expired(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.pin is not None and s.pin.live(ev.at)


def pin_expired(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.pin is not None and not s.pin.live(ev.at)


def pin_correct(s: Session, ev: e.PinSubmitted, p: Policy) -> bool:
    return ev.correct


def pin_not_used(s: Session, ev: e.Event, p: Policy) -> bool:
    return not s.passed(Factor.PIN)


def last_wrong_pin(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.wrong_pins + 1 >= p.wrong_pins


def sends_left(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.pin_sends < p.pin_sends


def no_sends_left(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.pin_sends >= p.pin_sends


def resend_due(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.pin is not None and (s.pin.sms is SmsState.WAITING or ev.at >= s.pin.resend_at)


def sms_as_expected(s: Session, ev: e.SmsChanged, p: Policy) -> bool:
    return s.pin is not None and s.pin.sms is ev.before and ev.after in SMS_NEXT[ev.before]


def this_attempt(s: Session, ev: Any, p: Policy) -> bool:
    return s.phrase is not None and bool(ev.attempt == s.phrase.attempt)


def not_received_yet(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.phrase is not None and s.phrase.received_at is None


def nothing_being_judged(s: Session, ev: e.Event, p: Policy) -> bool:
    """No clip waits for its verdict, which depends on the sentence that was shown."""
    return s.phrase is None or s.phrase.received_at is None


def received(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.phrase is not None and s.phrase.received_at is not None


def voice_passed(s: Session, ev: e.VoiceChecked, p: Policy) -> bool:
    return ev.passed


def face_and_pin_hold(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.passed(Factor.FACE) and s.passed(Factor.PIN)


def face_holds(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.passed(Factor.FACE)


def all_three_hold(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.passed(Factor.FACE) and s.passed(Factor.PIN) and s.passed(Factor.VOICE)


def grant_holds(s: Session, ev: e.Event, p: Policy) -> bool:
    """Asked once more where it counts: whatever was granted rests on the factors of this one person."""
    if s.assurance is Assurance.FULL:
        return all_three_hold(s, ev, p)
    return s.assurance is Assurance.ASSISTED and s.passed(Factor.STAFF) and s.passed(Factor.PIN)


def vouched(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.passed(Factor.STAFF)


def voice_failed(s: Session, ev: e.VoiceChecked, p: Policy) -> bool:
    return not ev.passed


def clip_counts(s: Session, ev: e.VoiceChecked, p: Policy) -> bool:
    return ev.counts


def last_voice_attempt(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.voice_failures + 1 >= p.voice_attempts


def more_phrases(s: Session, ev: e.EnrolmentVoiceTaken, p: Policy) -> bool:
    return ev.more


def enrolment_allowed(s: Session, ev: e.EnrolmentAsked, p: Policy) -> bool:
    return ev.allowed


def enrolment_open(s: Session, ev: e.Enrolled, p: Policy) -> bool:
    return ev.open


def not_extended(s: Session, ev: e.Event, p: Policy) -> bool:
    return not s.extended


def token_fresh(s: Session, ev: e.HandoffRedeemed, p: Policy) -> bool:
    return (
        s.handoff is not None
        and s.handoff.token_hash == ev.token_hash
        and ev.at - s.handoff.issued_at < p.handoff_valid
    )


def token_unused(s: Session, ev: e.Event, p: Policy) -> bool:
    return s.handoff is not None and s.handoff.redeemed_at is None


def token_uncollected(s: Session, ev: e.Tick, p: Policy) -> bool:
    since = s.handoff.issued_at if s.handoff else s.changed_at
    return (s.handoff is None or s.handoff.redeemed_at is None) and ev.at - since >= p.handoff_valid


def teller_left(s: Session, ev: e.Tick, p: Policy) -> bool:
    return (
        s.handoff is not None
        and s.handoff.redeemed_at is not None
        and ev.at - max(ev.shown_at, s.handoff.redeemed_at) >= p.teller_ends_after
    )


def enough_officers(s: Session, ev: e.StaffVouched, p: Policy) -> bool:
    return len(set(ev.officers)) >= (2 if ev.face_failed else 1)


def not_barred(s: Session, ev: e.StaffVouched, p: Policy) -> bool:
    return not ev.barred
