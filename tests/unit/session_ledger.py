"""Books kept beside a visit, from its events alone: what must never happen, whatever order things come in.

`Ledger.step` is told of every event that was taken, and raises AssertionError at the first breach.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain import events as e
from shared.domain.pin import SmsState
from shared.domain.policy import Policy
from shared.domain.session import Assurance, Factor, Session, State
from shared.domain.transitions import TABLE, Refused, Row, apply
from tests.unit import session_roads as r
from tests.unit.session_adversary import Adversary

FULL = {Factor.FACE, Factor.PIN, Factor.VOICE}
ASSISTED = {Factor.STAFF, Factor.PIN}
ASSURED = {State.GRANTED, State.HANDED_OFF}
NEEDS_PRESENCE = (e.PinSubmitted, e.VoiceReceived, e.EnrolmentVoiceTaken, e.HandoffAsked)
WHATEVER_THE_TIME = (e.Left, e.Tick, e.SmsChanged, e.DifferentFace)
FORGETS = (
    e.DifferentFace,
    e.FaceUnknown,
    e.FaceAmbiguous,
    e.FaceAccepted,
    e.Retried,
    e.Claimed,
    e.EnrolmentAsked,
    e.StaffVouched,
)
ONLY_GROW = (
    "pin_sends",
    "wrong_pins",
    "voice_failures",
    "identifications",
    "claims",
    "challenges",
    "phrases",
    "since_seq",
)


@dataclass
class Ledger:
    policy: Policy
    proven: set[tuple[Factor, str]] = field(default_factory=set)
    wrong_pins: int = 0
    sends: int = 0
    more_time: int = 0
    wrong_voices: int = 0
    codes_used: list[str] = field(default_factory=list)
    code_ends: dict[str, datetime] = field(default_factory=dict)
    phrases: list[int] = field(default_factory=list)
    clips: set[int] = field(default_factory=set)
    redeemed: int = 0

    def step(self, before: Session, event: e.Event, after: Session) -> None:
        self._version_and_time(before, event, after)
        self._factors(before, event, after)
        self._grant(before, event, after)
        self._presence(event, before, after)
        self._pin(before, event, after)
        self._voice(before, event, after)
        assert all(getattr(after, name) >= getattr(before, name) for name in ONLY_GROW)

    def _version_and_time(self, before: Session, event: e.Event, after: Session) -> None:
        assert not before.over, "something happened after the end"
        assert after.version == before.version + 1
        assert after.changed_at >= before.changed_at
        assert (after.id, after.kiosk, after.created_at) == (before.id, before.kiosk, before.created_at)
        if max(event.at, before.changed_at) >= before.expires_at:
            assert isinstance(event, WHATEVER_THE_TIME), "used after its time"
        if (after.language, after.language_chosen) != (before.language, before.language_chosen):
            assert isinstance(event, e.LanguageChosen)
        if after.expires_at != before.expires_at:
            assert isinstance(event, e.MoreTimeAsked | e.EnrolmentAsked)
            assert after.expires_at > before.expires_at
        self.more_time += isinstance(event, e.MoreTimeAsked)
        assert self.more_time <= 1
        longest = max(self.policy.visit, self.policy.enrolment_visit) + self.policy.extension
        assert after.expires_at - after.created_at <= longest

    def _factors(self, before: Session, event: e.Event, after: Session) -> None:
        """Who was proven is known from the events; the session must never believe more than that."""
        if isinstance(event, FORGETS):
            self.proven = set()
        if isinstance(event, e.FaceAccepted) and after.state in {State.PIN, State.CHALLENGE}:
            assert event.free
            assert before.state is State.IDENTIFYING or event.person == before.person
            self.proven = {(Factor.FACE, event.person)}
        if isinstance(event, e.StaffVouched):
            assert not event.barred
            assert len(set(event.officers)) > event.face_failed
            self.proven = {(Factor.STAFF, event.person)}
        if before.person is not None and (factor := _proves(event, after)) is not None:
            self.proven.add((factor, before.person))
        assert after.over or {(f.factor, f.person) for f in after.factors} <= self.proven, "more than was proven"
        if isinstance(event, e.DifferentFace) and not after.over:
            assert (after.factors, after.person, after.pin, after.phrase) == ((), None, None, None)

    def _grant(self, before: Session, event: e.Event, after: Session) -> None:
        if after.state not in ASSURED:
            return
        factors = {factor for factor, person in self.proven if person == after.person}
        wanted = {Assurance.FULL: FULL, Assurance.ASSISTED: ASSISTED}
        assert after.assurance is not None
        assert factors >= wanted[after.assurance], "granted without the factors of one person"
        if after.state is State.HANDED_OFF and before.state is not State.HANDED_OFF:
            assert before.state is State.GRANTED
            assert before.person == after.person
        self.redeemed += isinstance(event, e.HandoffRedeemed)
        assert self.redeemed <= 1

    def _presence(self, event: e.Event, before: Session, after: Session) -> None:
        if isinstance(event, NEEDS_PRESENCE) or (isinstance(event, e.VoiceChecked) and after.state is State.GRANTED):
            assert event.presence is e.Presence.OK, "passed with nobody in front"

    def _pin(self, before: Session, event: e.Event, after: Session) -> None:
        if isinstance(event, e.PinSubmitted):
            assert before.pin is not None
            assert event.nonce == before.pin.nonce, "a code of another challenge"
            assert max(event.at, before.changed_at) < before.pin.expires_at, "a code after its life"
            if event.correct:
                self.codes_used.append(event.nonce)
            else:
                self.wrong_pins += 1
        assert len(self.codes_used) == len(set(self.codes_used)), "a code was accepted twice"
        assert self.wrong_pins == after.wrong_pins <= self.policy.wrong_pins
        assert self.wrong_pins < self.policy.wrong_pins or after.state is State.DENIED
        if after.pin is not None:
            ends = self.code_ends.setdefault(after.pin.nonce, after.pin.expires_at)
            assert after.pin.expires_at == ends, "a code's life was extended"
            assert after.pin.expires_at - after.pin.issued_at == self.policy.pin_valid
            if after.pin.sms is SmsState.QUEUED and after.pin != before.pin:
                self.sends += 1
        assert self.sends == after.pin_sends <= self.policy.pin_sends, "a message too many"

    def _voice(self, before: Session, event: e.Event, after: Session) -> None:
        if after.phrase is not None and after.phrase.attempt not in self.phrases:
            assert after.phrase.attempt > max(self.phrases, default=0), "a phrase's number came back"
            self.phrases.append(after.phrase.attempt)
        if isinstance(event, e.VoiceReceived):
            assert event.attempt not in self.clips, "two clips for one phrase"
            self.clips.add(event.attempt)
        if isinstance(event, e.VoiceChecked | e.EnrolmentVoiceTaken):
            assert before.phrase is not None
            assert event.attempt == before.phrase.attempt
            assert event.attempt in self.clips, "judged without having been received"
        if isinstance(event, e.VoiceChecked) and not event.passed and event.counts and before.state is State.VOICE:
            self.wrong_voices += 1
        assert self.wrong_voices == after.voice_failures <= self.policy.voice_attempts
        assert self.wrong_voices < self.policy.voice_attempts or after.state is State.DENIED


def live_through(
    adversary: Adversary, steps: int, policy: Policy = r.POLICY, table: tuple[Row, ...] = TABLE
) -> Counter[State]:
    """A visit against the adversary, with the books kept beside it. Returns how often each state was reached."""
    session, ledger, reached = r.arrival(policy), Ledger(policy), Counter[State]()
    for _ in range(steps):
        event = adversary.event(session)
        try:
            after = apply(session, event, policy, table)
        except Refused:
            continue
        ledger.step(session, event, after)
        reached[after.state] += 1
        session = after
    return reached


def _proves(event: e.Event, after: Session) -> Factor | None:
    match event:
        case e.EnrolmentFaceTaken():
            return Factor.FACE
        case e.PinSubmitted(correct=True):
            return Factor.PIN
        case e.VoiceChecked(passed=True) if after.state is State.GRANTED:
            return Factor.VOICE
        case e.EnrolmentVoiceTaken(more=False):
            return Factor.VOICE
    return None
