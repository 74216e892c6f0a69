"""What a customer does in a visit, from the first frame to "Terminate"."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from shared import trace
from shared.domain import events as e
from shared.domain.errors import AlreadyExists, BadRequest, NotAllowed, NotFound, WrongState
from shared.domain.phrase import DIGITS as PHRASE_DIGITS
from shared.domain.phrase import phrase_digits
from shared.domain.pin import DIGITS, NONCE_BYTES, PinChallenge, pin_code, same_code
from shared.domain.policy import EnrolmentPolicy
from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.domain.session import Factor, Reason, Session, State
from shared.domain.stamp import stamp
from shared.domain.transitions import Refused
from shared.logs import say
from shared.ports import Clock, Keys, Media, Randomness
from shared.services.people.authenticators import Authenticators, NoAuthenticator, Verdict
from shared.services.people.languages import GRANTED, Languages
from shared.services.people.registry import People, Status
from shared.services.recordings.visit_index import VisitIndex
from shared.services.session.frame_log import FrameLog
from shared.services.session.live import LiveVisits
from shared.services.session.scene import Scenes
from shared.services.session.store import Decide, SessionStore, Stored, require_token
from shared.services.session.timeline import Timeline
from shared.services.visit.aftermath import Aftermath
from shared.services.visit.standing import Standing


class CodeUsed(WrongState):
    """This code of your app was used already. Please wait for the next one."""

    code = "code_used"


@dataclass(frozen=True, slots=True)
class PinResult:
    accepted: bool
    session: Session


class Visit:
    """Every method takes the session as the caller's token opened it (`open`) and returns it as it is afterwards."""

    def __init__(
        self,
        sessions: SessionStore,
        log: FrameLog,
        scenes: Scenes,
        people: People,
        standing: Standing,
        media: Media,
        keys: Keys,
        clock: Clock,
        randomness: Randomness,
        aftermath: Aftermath,
        live: LiveVisits,
        visits: VisitIndex,
        timeline: Timeline,
        authenticators: Authenticators,
        languages: Languages,
    ) -> None:
        self._languages = languages
        self._authenticators = authenticators
        self._visits = visits
        self._timeline = timeline
        self._live = live
        self._sessions = sessions
        self._log = log
        self._scenes = scenes
        self._people = people
        self._standing = standing
        self._media = media
        self._keys = keys
        self._clock = clock
        self._randomness = randomness
        self._aftermath = aftermath

    def start(self, kiosk: str, language: str) -> tuple[Session, str]:
        """A new session and its token."""
        session, token = self._sessions.start(kiosk, language)
        self._live.began(session)
        self._timeline.add(session.id, "presence", session.created_at, "00001", language=language)
        self._visits.began(session)
        say(logging.INFO, "visit started", session=session.id, kiosk=kiosk)
        return session, token

    def open(self, session_id: str, token: str | None, teller_token: str | None = None) -> Stored:
        """The session this token belongs to. Raises NotAllowed, alike for a wrong token and an unknown session, and as
        soon."""
        try:
            stored = self._sessions.load(session_id)
        except (NotFound, BadRequest):
            stored = self._sessions.nobodys()
        session = stored.session
        if session.handoff is not None and session.handoff.redeemed_at is not None:
            require_token(session.handoff.teller_token_hash, teller_token)
        elif session.state is State.HANDED_OFF:
            raise NotAllowed("the visit's token died with the hand-off")
        else:
            require_token(session.token_hash, token)
        if session.id != session_id:
            raise NotAllowed("no such session")
        return stored

    def frame(self, session: Session, image: bytes) -> tuple[int, datetime]:
        """Keep one frame, before anything looks at it; returns its number and time. Raises LimitReached."""
        at = self._clock.now()
        seq = self._log.next_seq(session.id, at, session.created_at)
        self._keep(session, RecordingKind.FRAME, seq, image, "image/jpeg", at)
        return seq, at

    def touched(self, session: Session) -> None:
        """A key or the screen: noted once a minute, so that nothing tells how many digits were typed."""
        at = self._clock.now()
        self._log.touched(session.id, at)
        self._timeline.add(session.id, "keypad_used", at, f"{at:%H%M}")

    def retry(self, stored: Stored) -> Session:
        return self._do(stored, lambda s: e.Retried(at=self._clock.now(), seq=self._seq(s)))

    def claim(self, stored: Stored, phone: str) -> Session:
        """Compare with the one person whose number this is. Nobody's number goes the same way, to nobody."""
        owner = self._people.by_phone(phone)
        stand_in = self._people.new_id()
        person = self._people.get(owner or stand_in)  # one look-up either way: the time says nothing
        claimed = person.id if person and person.status is Status.ACTIVE else stand_in
        return self._do(stored, lambda s: e.Claimed(at=self._clock.now(), person=claimed, seq=self._seq(s)))

    def assistance(self, stored: Stored) -> Session:
        return self._do(stored, lambda _: e.AssistanceAsked(at=self._clock.now()))

    def more_time(self, stored: Stored) -> Session:
        return self._do(stored, lambda _: e.MoreTimeAsked(at=self._clock.now()))

    def speak(self, stored: Stored, language: str) -> Session:
        """The customer's choice; after the grant it is the person's at once. Raises Refused while a clip is judged."""
        if stored.session.state in GRANTED:
            self._languages.remember(stored.session, language)
            return stored.session
        same = (language, True)
        return self._do(
            stored,
            lambda s: (
                None
                if (s.language, s.language_chosen) == same
                else e.LanguageChosen(at=self._clock.now(), language=language)
            ),
        )

    def leave(self, stored: Stored) -> Session:
        finished = stored.session.state is State.HANDED_OFF
        reason = Reason.FINISHED if finished else Reason.CANCELLED
        return self._do(stored, lambda s: None if s.over else e.Left(at=self._clock.now(), reason=reason))

    def send_pin(self, stored: Stored) -> Session:
        """ "Send my code", and "Send it again"."""
        nonce = self._randomness.bytes(NONCE_BYTES).hex()
        return self._do(stored, lambda _: e.PinAsked(at=self._clock.now(), nonce=nonce, key=self._keys.current))

    def pin(self, stored: Stored, typed: str, *, app: bool = False) -> PinResult:
        """Judge a typed code. One right code is accepted once, however many requests race with it.

        `app`: it is an authenticator app's, not the message's; all else is the same. While somebody registers it is the
        phone that has to be proven. Raises BadRequest, Refused, NoAuthenticator, CodeUsed, LostRace:
        no try is used up then.
        """
        if len(typed) != DIGITS or not typed.isascii() or not typed.isdigit():
            raise BadRequest("bad_code", f"the code has {DIGITS} digits")
        session = stored.session
        person = session.person
        states = {State.PIN} if app else {State.PIN, State.ENROLLING}
        if session.state not in states or person is None or session.passed(Factor.PIN):
            raise Refused(session.state, self._submitted(session, typed), "wrong_state")
        scene = self._scenes.of(session)
        if scene.presence is not e.Presence.OK:
            raise Refused(session.state, self._submitted(session, typed), "in_front")
        with self._standing.judging(session.id):
            return self._try(stored, person, typed, app)

    def _try(self, stored: Stored, person: str, typed: str, app: bool) -> PinResult:
        if not self._standing.try_pin(person):
            return PinResult(False, self._do(stored, lambda _: self._locked_out()))
        judged: list[bool] = []
        try:
            right = self._by_app(person, typed) if app else None
            moved = self._do(stored, lambda s: self._judge(s, typed, judged, right))
        except (Refused, NoAuthenticator, CodeUsed):
            self._standing.was_not_wrong(person)
            raise
        if judged[-1]:
            self._standing.was_not_wrong(person)
        return PinResult(judged[-1], moved)

    def voice(self, stored: Stored, attempt: int, clip: bytes) -> Session:
        """Keep a clip for the phrase now shown. Raises Refused for any other attempt, or with nobody in front."""
        session = stored.session
        phrase = session.phrase
        received = self._received(session, attempt)
        if phrase is None or phrase.attempt != attempt:
            raise Refused(session.state, received, "this_attempt" if phrase else "wrong_state")
        if phrase.received_at is not None:
            raise Refused(session.state, received, "not_received_yet")
        if received.presence is not e.Presence.OK:
            raise Refused(session.state, received, "in_front")
        try:
            self._keep(session, RecordingKind.VOICE, attempt, clip, "audio/wav", self._clock.now())
        except AlreadyExists:
            say(logging.INFO, "clip was kept before", session=session.id, attempt=attempt)
        return self._do(stored, lambda s: self._received(s, attempt))

    def may_enrol(self) -> bool:
        return self._sessions.policy.enrolment is not EnrolmentPolicy.CLOSED

    def _do(self, stored: Stored, decide: Decide) -> Session:
        before = stored.session
        after, changed = self._sessions.change(before.id, decide, known=stored)
        return self._aftermath.of(before, after) if changed else after

    def _by_app(self, person: str, typed: str) -> bool:
        verdict = self._authenticators.judge(person, typed)
        if verdict is Verdict.USED:
            raise CodeUsed("this step was accepted before")
        return verdict is Verdict.RIGHT

    def _judge(self, session: Session, typed: str, judged: list[bool], right: bool | None) -> e.PinSubmitted:
        """`right`: what the authenticator app's code is; None where the message's is asked for."""
        event = self._submitted(session, typed)
        if right is not None:
            event = replace(event, correct=right)
        judged.append(event.correct)
        return event

    def _submitted(self, session: Session, typed: str) -> e.PinSubmitted:
        scene = self._scenes.of(session)
        pin = session.pin
        return e.PinSubmitted(
            at=scene.at,
            correct=pin is not None and same_code(typed, self._code(pin)),
            nonce=pin.nonce if pin else "",
            presence=scene.presence,
            seq=scene.analysed_seq,
            digits=self._digits_unlike(self._code(pin) if pin else ""),
        )

    def _locked_out(self) -> e.Left:
        return e.Left(at=self._clock.now(), reason=Reason.CUT_OFF)

    def _received(self, session: Session, attempt: int) -> e.VoiceReceived:
        scene = self._scenes.of(session)
        return e.VoiceReceived(at=scene.at, attempt=attempt, presence=scene.presence)

    def _code(self, pin: PinChallenge) -> str:
        return pin_code(self._keys.secret("pin", pin.key), pin.nonce)

    def _digits_unlike(self, code: str) -> str:
        """Digits to read aloud that are not the SMS code: nobody should ever say that one."""
        while True:
            digits = phrase_digits(self._randomness.bytes(8))
            if digits != code and len(digits) == PHRASE_DIGITS:
                return digits

    def _seq(self, session: Session) -> int:
        return self._log.received(session.id).frames

    def _keep(
        self, session: Session, kind: RecordingKind, number: int, data: bytes, content_type: str, at: datetime
    ) -> None:
        name = recording_name(session.id, kind, number)
        facts = {"session": session.id, "kiosk": session.kiosk, "kind": kind.value}
        began = stamp(session.created_at)
        told = {"reference": session.reference, "began": began, "language": session.language}
        traced = {trace.METADATA: traceparent} if (traceparent := trace.current()) else {}
        self._media.put(
            CONTAINER,
            str(name),
            data,
            content_type=content_type,
            metadata={**facts, "number": str(number), "at": stamp(at), **told, **traced},
            tags={**facts, "day": name.day},
        )
