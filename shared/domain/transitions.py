"""How a session moves: one table of rows, and the function that applies it.

A row says: in these states, on this event, if all guards hold, do this and go there. Rows are tried in order; the first
whose guards hold is taken. None holding is an error with the first failing guard's code: nothing changes, no attempt is
used. There is no other way to change a session.
"""

from dataclasses import dataclass, replace

from shared.domain import effects as do
from shared.domain import events as e
from shared.domain import guards as g
from shared.domain.errors import WrongState
from shared.domain.policy import Policy
from shared.domain.session import OVER, Reason, Session, State


class Refused(WrongState):
    """No row applies. `code` is the guard that said no, or `wrong_state`."""

    def __init__(self, state: State, event: e.Event, code: str) -> None:
        super().__init__(f"{type(event).__name__} in {state}: {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Row:
    """`to` None: the state stays."""

    states: frozenset[State]
    event: type[e.Event]
    guards: tuple[g.Guard, ...]
    to: State | None
    effect: do.Effect


S = State  # the table reads better with one letter
LIVE = frozenset(S) - OVER
LOOKING = frozenset({S.IDENTIFYING, S.CLAIMING})
SEARCHING = frozenset({S.UNKNOWN, S.AMBIGUOUS})
PIN_STEPS = frozenset({S.PIN, S.ENROLLING})
VOICE_STEPS = frozenset({S.VOICE, S.ENROLLING})
WITH_A_CODE = frozenset({S.PIN, S.VOICE, S.GRANTED, S.HANDED_OFF, S.ENROLLING, S.ASSISTANCE})
SPEAKING = LIVE - {S.GRANTED, S.HANDED_OFF, S.ASSISTANCE}  # there the time of the last step counts
WATCHED = frozenset({S.PIN, S.VOICE, S.GRANTED, S.CHALLENGE, S.ENROLLING})


def _row(
    states: S | frozenset[S],
    event: type[e.Event],
    guards: tuple[g.Guard, ...],
    to: S | None,
    effect: do.Effect = do.nothing,
) -> Row:
    return Row(frozenset({states}) if isinstance(states, S) else states, event, guards, to, effect)


_ACCEPT = (g.not_expired, g.newer_frame, g.person_free, g.claimed_person, g.sends_left)
_CHALLENGED = (g.not_expired, g.this_challenge, g.challenge_in_time)
_PIN = (g.not_expired, g.in_front, g.pin_issued, g.pin_not_expired)
_SPOKEN = (g.not_expired, g.this_attempt, g.in_front)
_HEARD = (g.not_expired, g.this_attempt, g.received)

TABLE: tuple[Row, ...] = (
    # identifying, and claiming: the same with one person only
    _row(LOOKING, e.FaceAccepted, (*_ACCEPT, g.beyond_doubt), S.PIN, do.accept_face_and_send),
    _row(LOOKING, e.FaceAccepted, (*_ACCEPT, g.challenges_left), S.CHALLENGE, do.accept_face_and_challenge),
    _row(LOOKING, e.FaceAccepted, (g.not_expired, g.newer_frame), S.AMBIGUOUS, do.forget_face),
    _row(LOOKING, e.FaceUnknown, (g.not_expired, g.newer_frame), S.UNKNOWN, do.forget_face),
    _row(S.IDENTIFYING, e.FaceAmbiguous, (g.not_expired, g.newer_frame), S.AMBIGUOUS, do.forget_face),
    _row(
        LOOKING,
        e.PresentationDoubted,
        (g.not_expired, g.newer_frame, g.challenges_left),
        S.CHALLENGE,
        do.start_challenge,
    ),
    _row(LOOKING, e.PresentationDoubted, (g.not_expired, g.newer_frame), S.DENIED, do.because(Reason.PRESENTATION)),
    # challenge; sends were left when the face was accepted, and none went since
    _row(S.CHALLENGE, e.ChallengePassed, (*_CHALLENGED, g.face_holds), S.PIN, do.challenge_done_and_send),
    _row(S.CHALLENGE, e.ChallengePassed, (*_CHALLENGED, g.person_known), S.CLAIMING, do.challenge_done),
    _row(S.CHALLENGE, e.ChallengePassed, _CHALLENGED, S.IDENTIFYING, do.challenge_done),
    _row(
        S.CHALLENGE, e.ChallengeFailed, (g.not_expired, g.this_challenge, g.challenges_left), None, do.start_challenge
    ),
    _row(
        S.CHALLENGE,
        e.ChallengeFailed,
        (g.not_expired, g.this_challenge),
        S.DENIED,
        do.because(Reason.PRESENTATION),
    ),
    # unknown and ambiguous: four ways on
    _row(
        SEARCHING | {S.CLAIMING, S.ASSISTANCE},
        e.Retried,
        (g.not_expired, g.identifications_left),
        S.IDENTIFYING,
        do.identify_again,
    ),
    _row(SEARCHING, e.Claimed, (g.not_expired, g.claims_left), S.CLAIMING, do.claim),
    _row(SEARCHING, e.EnrolmentAsked, (g.not_expired, g.enrolment_allowed), S.ENROLLING, do.enrol),
    _row(LIVE - {S.GRANTED, S.HANDED_OFF, S.ASSISTANCE}, e.AssistanceAsked, (g.not_expired,), S.ASSISTANCE),
    # assistance
    _row(
        S.ASSISTANCE,
        e.StaffVouched,
        (g.not_expired, g.enough_officers, g.not_barred, g.person_free, g.sends_left),
        S.PIN,
        do.staff_vouched,
    ),
    _row(S.ASSISTANCE, e.StaffRefused, (g.not_expired,), S.DENIED, do.because(Reason.REFUSED_BY_STAFF)),
    # enrolling
    _row(
        S.ENROLLING,
        e.EnrolmentFaceTaken,
        (g.not_expired, g.newer_frame, g.face_not_shown, g.sends_left),
        None,
        do.face_taken,
    ),
    _row(S.ENROLLING, e.PinSubmitted, (*_PIN, g.pin_not_used, g.pin_correct), None, do.pin_done),
    _row(S.ENROLLING, e.EnrolmentVoiceTaken, (*_SPOKEN, g.received, g.more_phrases), None, do.next_phrase),
    _row(S.ENROLLING, e.EnrolmentVoiceTaken, (*_SPOKEN, g.received), None, do.voice_profile_done),
    _row(S.ENROLLING, e.Enrolled, (g.not_expired, g.all_three_hold, g.enrolment_open), S.GRANTED, do.enrolled),
    _row(
        S.ENROLLING,
        e.Enrolled,
        (g.not_expired, g.all_three_hold),
        S.ENDED,
        do.because(Reason.AWAITING_APPROVAL),
    ),
    _row(S.ENROLLING, e.EnrolmentRefused, (g.not_expired,), S.DENIED, do.because(Reason.REFUSED_AT_ENROLMENT)),
    # pin
    _row(S.PIN, e.PinSubmitted, (*_PIN, g.vouched, g.pin_correct), S.GRANTED, do.pin_done_assisted),
    _row(S.PIN, e.PinSubmitted, (*_PIN, g.pin_correct), S.VOICE, do.pin_done),
    _row(PIN_STEPS, e.PinSubmitted, (*_PIN, g.pin_not_used, g.last_wrong_pin), S.DENIED, do.count_and_deny),
    _row(PIN_STEPS, e.PinSubmitted, (*_PIN, g.pin_not_used), None, do.count_wrong_pin),
    _row(PIN_STEPS, e.PinAsked, (g.not_expired, g.pin_not_used, g.sends_left, g.resend_due), None, do.send_again),
    _row(WITH_A_CODE, e.SmsChanged, (g.pin_issued, g.sms_as_expected), None, do.sms_moved),
    # voice: the person is in front when the clip is spoken, and still when it is found right
    _row(VOICE_STEPS, e.VoiceReceived, (*_SPOKEN, g.not_received_yet), None, do.clip_received),
    _row(S.VOICE, e.VoiceChecked, (*_HEARD, g.in_front, g.face_and_pin_hold, g.voice_passed), S.GRANTED, do.voice_done),
    _row(
        S.VOICE,
        e.VoiceChecked,
        (*_HEARD, g.voice_failed, g.clip_counts, g.last_voice_attempt),
        S.DENIED,
        do.count_voice_and_deny,
    ),
    _row(S.VOICE, e.VoiceChecked, (*_HEARD, g.voice_failed, g.clip_counts), None, do.try_voice_again),
    _row(VOICE_STEPS, e.VoiceChecked, _HEARD, None, do.ask_voice_again),
    # granted and handed off
    _row(S.GRANTED, e.HandoffAsked, (g.not_expired, g.in_front, g.grant_holds), S.HANDED_OFF, do.hand_off),
    _row(S.HANDED_OFF, e.HandoffRedeemed, (g.not_expired, g.token_fresh, g.token_unused), None, do.redeemed),
    _row(S.HANDED_OFF, e.DifferentFace, (g.newer_frame,), S.ENDED, do.because(Reason.DIFFERENT_FACE)),
    _row(S.HANDED_OFF, e.Tick, (g.teller_left,), S.ENDED, do.because(Reason.LEFT)),
    _row(
        frozenset({S.GRANTED, S.HANDED_OFF}), e.Tick, (g.token_uncollected,), S.ENDED, do.because(Reason.NOT_COLLECTED)
    ),
    # a different face clears all factors
    _row(WATCHED, e.DifferentFace, (g.newer_frame, g.identifications_left), S.IDENTIFYING, do.identify_again),
    _row(WATCHED, e.DifferentFace, (g.newer_frame,), S.ENDED, do.because(Reason.DIFFERENT_FACE)),
    # from anywhere
    _row(LIVE, e.MoreTimeAsked, (g.not_expired, g.not_extended), None, do.extend),
    _row(SPEAKING, e.LanguageChosen, (g.not_expired, g.nothing_being_judged), None, do.speak),
    _row(LIVE, e.Left, (), S.ENDED, do.left),
    _row(LIVE, e.Tick, (g.expired,), S.ENDED, do.because(Reason.EXPIRED)),
    _row(PIN_STEPS, e.Tick, (g.pin_expired, g.no_sends_left, g.pin_not_used), S.ENDED, do.because(Reason.PIN_NOT_USED)),
    _row(LIVE - {S.HANDED_OFF, S.ASSISTANCE}, e.Tick, (g.idle,), S.ENDED, do.because(Reason.IDLE)),
)


def apply(session: Session, event: e.Event, policy: Policy, table: tuple[Row, ...] = TABLE) -> Session:
    """The session after the event, with its version one higher. Raises Refused, with nothing changed.

    Time never runs backwards for a session: a slow clock somewhere brings no expired code back to life.
    """
    event = replace(event, at=max(event.at, session.changed_at))
    refusal: str | None = None
    for row in table:
        if session.state not in row.states or not isinstance(event, row.event):
            continue
        failing = next((guard for guard in row.guards if not guard(session, event, policy)), None)
        if failing is None:
            moved = row.effect(session, event, policy)
            return replace(moved, state=row.to or session.state, version=session.version + 1, changed_at=event.at)
        refusal = refusal or failing.__name__
    raise Refused(session.state, event, refusal or "wrong_state")
