"""What a row of the session's table does to the session. Pure: a changed copy comes back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from shared.domain import events as e
from shared.domain.phrase import PhraseChallenge
from shared.domain.pin import PinChallenge, SmsState
from shared.domain.policy import Policy
from shared.domain.session import Assurance, Challenge, Factor, Handoff, Reason, Session

type Effect = Callable[[Session, Any, Policy], Session]


def nothing(s: Session, ev: e.Event, p: Policy) -> Session:
    return s


def forget_face(s: Session, ev: Any, p: Policy) -> Session:
    """Nobody is accepted: factors and challenges are gone, every count stays, and no frame so far counts again."""
    return replace(
        s,
        person=None,
        factors=(),
        challenge=None,
        pin=None,
        phrase=None,
        assurance=None,
        enrolling=False,
        since_seq=max(s.since_seq, ev.seq),
    )


def identify_again(s: Session, ev: Any, p: Policy) -> Session:
    return replace(forget_face(s, ev, p), identifications=s.identifications + 1)


def issue_pin(s: Session, ev: Any, p: Policy, sms: SmsState) -> Session:
    challenge = PinChallenge(
        nonce=ev.nonce,
        key=ev.key,
        issued_at=ev.at,
        expires_at=ev.at + p.pin_valid,
        sms=sms,
        sms_at=ev.at,
        resend_at=ev.at + p.pin_resend_after,
    )
    return replace(s, pin=challenge, pin_sends=s.pin_sends + (sms is SmsState.QUEUED))


def new_pin(s: Session, ev: Any, p: Policy) -> Session:
    return issue_pin(s, ev, p, SmsState.WAITING if p.send_on_request else SmsState.QUEUED)


def accept_face(s: Session, ev: e.FaceAccepted, p: Policy) -> Session:
    return replace(s, person=ev.person).with_factor(Factor.FACE, ev.at, ev.seq)


def accept_face_and_send(s: Session, ev: e.FaceAccepted, p: Policy) -> Session:
    return new_pin(accept_face(s, ev, p), ev, p)


def start_challenge(s: Session, ev: Any, p: Policy) -> Session:
    number = s.challenges + 1
    challenge = Challenge(
        number=number,
        orders=ev.challenge,
        since_seq=ev.seq,
        issued_at=ev.at,
        expires_at=ev.at + p.challenge_valid,
    )
    return replace(s, challenge=challenge, challenges=number)


def accept_face_and_challenge(s: Session, ev: e.FaceAccepted, p: Policy) -> Session:
    return start_challenge(accept_face(s, ev, p), ev, p)


def challenge_done(s: Session, ev: e.ChallengePassed, p: Policy) -> Session:
    """Before anybody is accepted it settles the doubt about this face, and says nothing of the next one."""
    return replace(s, challenge=None, since_seq=max(s.since_seq, ev.seq))


def challenge_done_and_send(s: Session, ev: e.ChallengePassed, p: Policy) -> Session:
    return new_pin(replace(s, challenge=None), ev, p)


def claim(s: Session, ev: e.Claimed, p: Policy) -> Session:
    return replace(forget_face(s, ev, p), person=ev.person, claims=s.claims + 1)


def enrol(s: Session, ev: e.EnrolmentAsked, p: Policy) -> Session:
    started = replace(forget_face(s, ev, p), person=ev.person, enrolling=True)
    return replace(started, expires_at=max(s.expires_at, s.created_at + p.enrolment_visit))


def face_taken(s: Session, ev: e.EnrolmentFaceTaken, p: Policy) -> Session:
    return new_pin(s.with_factor(Factor.FACE, ev.at, ev.seq), ev, p)


def send_again(s: Session, ev: e.PinAsked, p: Policy) -> Session:
    """The same code while it is valid, a new one afterwards or where none was sent; the number of sends only grows."""
    if s.pin is not None and s.pin.live(ev.at) and s.pin.sms is not SmsState.WAITING:
        return replace(s, pin=s.pin.requeued(ev.at, p.pin_resend_after), pin_sends=s.pin_sends + 1)
    return issue_pin(s, ev, p, SmsState.QUEUED)


def count_wrong_pin(s: Session, ev: e.PinSubmitted, p: Policy) -> Session:
    return replace(s, wrong_pins=s.wrong_pins + 1)


def new_phrase(s: Session, ev: Any, problem: str | None) -> Session:
    """Attempts are numbered through the whole visit: a clip of the person before never fits."""
    attempt = s.phrases + 1
    phrase = PhraseChallenge(attempt=attempt, digits=ev.digits, issued_at=ev.at, problem=problem)
    return replace(s, phrase=phrase, phrases=attempt)


def pin_done(s: Session, ev: e.PinSubmitted, p: Policy) -> Session:
    return new_phrase(s.with_factor(Factor.PIN, ev.at, ev.seq), ev, None)


def pin_done_assisted(s: Session, ev: e.PinSubmitted, p: Policy) -> Session:
    return replace(s.with_factor(Factor.PIN, ev.at, ev.seq), assurance=Assurance.ASSISTED)


def sms_moved(s: Session, ev: e.SmsChanged, p: Policy) -> Session:
    if s.pin is None:
        raise ValueError("guarded by pin_issued")
    pin = replace(
        s.pin,
        sms=ev.after,
        sms_at=ev.at,
        sms_reference=ev.reference or s.pin.sms_reference,
        sms_reason=ev.why,
    )
    return replace(s, pin=pin)


def clip_received(s: Session, ev: e.VoiceReceived, p: Policy) -> Session:
    if s.phrase is None:
        raise ValueError("guarded by this_attempt")
    return replace(s, phrase=replace(s.phrase, received_at=ev.at))


def voice_done(s: Session, ev: e.VoiceChecked, p: Policy) -> Session:
    return replace(s.with_factor(Factor.VOICE, ev.at, ev.seq), assurance=Assurance.FULL, phrase=None)


def try_voice_again(s: Session, ev: e.VoiceChecked, p: Policy) -> Session:
    return replace(new_phrase(s, ev, ev.problem or "try_again"), voice_failures=s.voice_failures + 1)


def ask_voice_again(s: Session, ev: e.VoiceChecked, p: Policy) -> Session:
    return new_phrase(s, ev, ev.problem or "try_again")


def next_phrase(s: Session, ev: e.EnrolmentVoiceTaken, p: Policy) -> Session:
    return new_phrase(s, ev, None)


def voice_profile_done(s: Session, ev: e.EnrolmentVoiceTaken, p: Policy) -> Session:
    return replace(s.with_factor(Factor.VOICE, ev.at, ev.seq), phrase=None)


def enrolled(s: Session, ev: e.Enrolled, p: Policy) -> Session:
    return replace(s, assurance=Assurance.FULL)


def staff_vouched(s: Session, ev: e.StaffVouched, p: Policy) -> Session:
    started = replace(forget_face(s, ev, p), person=ev.person).with_factor(Factor.STAFF, ev.at, ev.seq)
    return new_pin(started, ev, p)


def hand_off(s: Session, ev: e.HandoffAsked, p: Policy) -> Session:
    return replace(s, handoff=Handoff(token_hash=ev.token_hash, issued_at=ev.at))


def redeemed(s: Session, ev: e.HandoffRedeemed, p: Policy) -> Session:
    if s.handoff is None:
        raise ValueError("guarded by token_fresh")
    used = replace(s.handoff, redeemed_at=ev.at, teller_token_hash=ev.teller_token_hash)
    return replace(s, handoff=used)


def extend(s: Session, ev: e.Event, p: Policy) -> Session:
    return replace(s, extended=True, expires_at=s.expires_at + p.extension)


def speak(s: Session, ev: e.LanguageChosen, p: Policy) -> Session:
    return replace(s, language=ev.language, language_chosen=True)


def because(reason: Reason) -> Effect:
    return lambda s, ev, p: replace(s, reason=reason)


def left(s: Session, ev: e.Left, p: Policy) -> Session:
    return replace(s, reason=ev.reason)


def count_and_deny(s: Session, ev: e.PinSubmitted, p: Policy) -> Session:
    return replace(count_wrong_pin(s, ev, p), reason=Reason.WRONG_PIN)


def count_voice_and_deny(s: Session, ev: e.VoiceChecked, p: Policy) -> Session:
    return replace(s, voice_failures=s.voice_failures + 1, reason=Reason.WRONG_VOICE)
