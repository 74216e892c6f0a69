"""What the frames so far make of the session: the one place where a fold's outcome becomes an event."""

from shared.domain import events as e
from shared.domain import frames as fold
from shared.domain import liveness
from shared.domain.frames import Outcome
from shared.domain.pin import NONCE_BYTES
from shared.domain.policy import LivenessPolicy, Policy
from shared.domain.session import Factor, Session, State
from shared.domain.transitions import Refused
from shared.ports import Clock, Keys, Randomness
from shared.services.enrolment.at_kiosk import Enrolment
from shared.services.people.registry import People, Status
from shared.services.session.challenges import Challenges
from shared.services.session.frame_log import FrameLog
from shared.services.session.store import SessionStore
from shared.services.visit.aftermath import Aftermath
from shared.services.visit.standing import Standing

_SEARCH_WINDOW = 60
_CHALLENGE_WINDOW = 120
_WATCH_WINDOW = 16
_WATCHED = frozenset({State.ENROLLING, State.PIN, State.VOICE, State.GRANTED, State.HANDED_OFF})
_MOST_STEPS = 8


class Progress:
    def __init__(
        self,
        sessions: SessionStore,
        log: FrameLog,
        people: People,
        standing: Standing,
        keys: Keys,
        clock: Clock,
        randomness: Randomness,
        policy: Policy,
        aftermath: Aftermath,
        enrolment: Enrolment,
        challenges: Challenges,
    ) -> None:
        self._challenges = challenges
        self._enrolment = enrolment
        self._sessions = sessions
        self._log = log
        self._people = people
        self._standing = standing
        self._keys = keys
        self._clock = clock
        self._randomness = randomness
        self._policy = policy
        self._aftermath = aftermath

    def advance(self, session_id: str) -> Session:
        """Apply what the analysed frames say until they say nothing more."""
        session = self._sessions.load(session_id).session
        for _ in range(_MOST_STEPS):
            try:
                before, (session, changed) = session, self._sessions.change(session_id, self._event)
            except Refused:
                return self._sessions.load(session_id).session
            if not changed:
                break
            session = self._aftermath.of(before, session)
        return session

    def _event(self, session: Session) -> e.Event | None:
        if session.state in {State.IDENTIFYING, State.CLAIMING}:
            return self._searching(session)
        if session.state is State.CHALLENGE:
            return self._challenged(session)
        if session.state is State.ENROLLING and (due := self._enrolment.event(session)) is not None:
            return due
        if session.state in _WATCHED:
            frames = self._log.latest(session.id, _WATCH_WINDOW, after=session.since_seq)
            seq = fold.different_face(frames, session.person)
            return e.DifferentFace(at=self._clock.now(), seq=seq) if seq is not None else None
        return None

    def _searching(self, session: Session) -> e.Event | None:
        frames = self._log.latest(session.id, _SEARCH_WINDOW, after=session.since_seq)
        verdict = fold.identify(frames, self._policy)
        now = self._clock.now()
        match verdict.outcome:
            case Outcome.ACCEPTED if verdict.person is not None:
                return self._accepted(session, verdict.person, verdict.seq)
            case Outcome.UNKNOWN:
                return e.FaceUnknown(at=now, seq=verdict.seq)
            case Outcome.AMBIGUOUS if session.state is State.CLAIMING:
                return e.FaceUnknown(at=now, seq=verdict.seq)
            case Outcome.AMBIGUOUS:
                return e.FaceAmbiguous(at=now, seq=verdict.seq)
            case Outcome.DOUBTED:
                return e.PresentationDoubted(at=now, seq=verdict.seq, challenge=self._orders(session))
            case _:
                return None

    def _accepted(self, session: Session, person: str, seq: int) -> e.FaceAccepted:
        found = self._people.get(person)
        active = found is not None and found.status is Status.ACTIVE and not self._standing.barred(person)
        free = active and not self._standing.waiting(person, session.kiosk)
        doubted = self._policy.liveness is LivenessPolicy.ACTIVE or self._standing.doubted(person)
        return e.FaceAccepted(
            at=self._clock.now(),
            person=person,
            seq=seq,
            free=free and self._standing.reserve(person, session),
            doubted=doubted,
            nonce=self._nonce(),
            key=self._keys.current,
            challenge=self._orders(session, person) if doubted else (),
        )

    def _challenged(self, session: Session) -> e.Event | None:
        challenge = session.challenge
        if challenge is None:
            return None
        now = self._clock.now()
        frames = self._log.latest(session.id, _CHALLENGE_WINDOW, after=challenge.since_seq)
        accepted = session.person if session.passed(Factor.FACE) else None
        if accepted is not None and (seq := fold.different_face(frames, accepted)) is not None:
            return e.DifferentFace(at=now, seq=seq)
        judged = liveness.judge(frames, challenge.orders, accepted, self._policy)
        if judged.finished(challenge.orders):
            return e.ChallengePassed(
                at=now, number=challenge.number, seq=judged.seq, nonce=self._nonce(), key=self._keys.current
            )
        if judged.foul or now >= challenge.expires_at:
            seq = max(judged.seq, challenge.since_seq)
            orders = self._orders(session, accepted)
            return e.ChallengeFailed(at=now, number=challenge.number, seq=seq, challenge=orders)
        return None

    def _nonce(self) -> str:
        return self._randomness.bytes(NONCE_BYTES).hex()

    def _orders(self, session: Session, person: str | None = None) -> tuple[str, ...]:
        return self._challenges.orders(session.kiosk, person)
