"""Calls for staff: who stands at which machine, what an officer sees of them, and the end of a visit by staff.

How an officer answers for a customer is `vouching.py`'s.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.errors import NotFound, WrongState
from shared.domain.events import StaffRefused
from shared.domain.frames import FrameFact
from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.domain.roles import Operator
from shared.domain.session import Factor, Session, State
from shared.ports import Clock, Media
from shared.services.audit.entries import Audit, Ground
from shared.services.kiosks.pairing import Kiosks
from shared.services.operators.first_words import FirstWords
from shared.services.session.frame_log import FrameLog
from shared.services.session.live import LiveVisits
from shared.services.session.store import SessionStore
from shared.services.session.timeline import Timeline
from shared.services.visit.aftermath import Aftermath

FRAME_AGE = timedelta(seconds=30)
"""How old the frame may be that an officer answers for: they look, compare and read a document."""
_WINDOW = 16


@dataclass(frozen=True, slots=True)
class Call:
    """`frame` is what an officer may answer for: the newest fit one, or the one that a first officer answered for.

    `person`: whom the machine recognised, if anybody.
    """

    session: Session
    place: str
    since: datetime
    frame: FrameFact | None
    person: str | None
    first_officer: str | None
    first_person: str | None


class Assistance:
    def __init__(
        self,
        media: Media,
        sessions: SessionStore,
        live: LiveVisits,
        log: FrameLog,
        first_words: FirstWords,
        kiosks: Kiosks,
        aftermath: Aftermath,
        timeline: Timeline,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._media = media
        self._sessions = sessions
        self._live = live
        self._log = log
        self._first_words = first_words
        self._kiosks = kiosks
        self._aftermath = aftermath
        self._timeline = timeline
        self._audit = audit
        self._clock = clock

    def open(self) -> list[Call]:
        """Calls that wait, longest first."""
        calls = [self._call(session) for session in self._waiting()]
        return sorted(calls, key=lambda call: call.since)

    def call(self, operator: Operator, session_id: str) -> Call:
        """Raises NotFound, WrongState once it waits no more."""
        session = self.require(session_id)
        self._audit.record(operator, "call_viewed", {"session": session.id})
        return self._call(session)

    def frame(self, operator: Operator, session_id: str, seq: int) -> bytes:
        """A frame of a waiting call, a JPEG: what `vouch` is asked about. Raises NotFound, WrongState."""
        session = self.require(session_id)
        if seq < 1 or self._log.get(session.id, seq) is None:
            raise NotFound("no such frame")
        self._audit.record(operator, "call_frame_viewed", {"session": session.id}, seq=seq)
        return self._media.read(CONTAINER, str(recording_name(session.id, RecordingKind.FRAME, seq)))

    def refuse(self, operator: Operator, session_id: str, why: Ground) -> Session:
        """End the visit. Raises NotFound, WrongState, BadRequest."""
        session = self.require(session_id)
        with self._audit.act(operator, "assistance_refused", {"session": session.id}, why.require()):
            moved, _ = self._sessions.change(session.id, lambda _: StaffRefused(at=self._clock.now()))
            key = f"{moved.version:05d}"
            self._timeline.add(moved.id, "staff_refused", self._clock.now(), key, operator=operator.id)
            return self._aftermath.of(session, moved)

    def require(self, session_id: str) -> Session:
        """A visit in which somebody waits for staff. Raises NotFound, WrongState."""
        session = self._sessions.load(session_id).session
        if not self._waits(session):
            raise WrongState("nobody waits for staff in this visit")
        return session

    def fit(self, frame: FrameFact) -> bool:
        """Whether an officer can answer for the face in a frame: one, live, well seen, a moment ago."""
        return frame.good and self._clock.now() - frame.at <= FRAME_AGE

    def _waiting(self) -> Iterator[Session]:
        for session_id in list(self._live.begun_before(self._clock.now() + self._sessions.policy.visit)):
            try:
                session = self._sessions.load(session_id).session
            except NotFound:
                continue
            if self._waits(session):
                yield session

    def _waits(self, session: Session) -> bool:
        return session.state is State.ASSISTANCE and self._clock.now() < session.expires_at

    def _call(self, session: Session) -> Call:
        kiosk = self._kiosks.get(session.kiosk)
        frames = [f for f in self._log.latest(session.id, _WINDOW, after=session.since_seq) if self.fit(f)]
        frame, first = frames[-1] if frames else None, self._first_words.of(session)
        if first is not None:
            frame = self._log.get(session.id, first.seq)
        return Call(
            session=session,
            place=kiosk.name if kiosk else session.kiosk,
            since=session.changed_at,
            frame=frame,
            person=session.person if session.passed(Factor.FACE) else None,
            first_officer=first.officer if first else None,
            first_person=first.person if first else None,
        )
