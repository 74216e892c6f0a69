"""Calls for staff: who stands at which machine, and what an officer answers for (DESIGN.md, assistance).

An officer compares a live frame with the enrolment photo, looks at a document, and vouches for the person. Where the
face had not passed, a second officer must say the same of the same person. The PIN is needed in any case.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.containers import SESSION_LOG
from shared.domain.errors import AlreadyExists, BadRequest, Forbidden, LostRace, NotFound, WrongState
from shared.domain.events import StaffRefused, StaffVouched
from shared.domain.frames import FrameFact, Shows
from shared.domain.match import MatchKind
from shared.domain.pin import NONCE_BYTES
from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.domain.roles import Operator
from shared.domain.session import Factor, Session, State
from shared.ports import Body, Clock, Document, Documents, Keys, Media, Randomness
from shared.services.aftermath import Aftermath
from shared.services.audit import Audit, Ground
from shared.services.frame_log import FrameLog
from shared.services.kiosks import Kiosks
from shared.services.live import LiveVisits
from shared.services.notices import Notices
from shared.services.people import People, Person, Status
from shared.services.people_admin import require_foreign
from shared.services.session_store import SessionStore
from shared.services.standing import Standing
from shared.services.texts import text
from shared.services.timeline import Timeline

BARRED_AFTER_PHONE_CHANGE = timedelta(hours=72)
FRAME_AGE = timedelta(seconds=30)
"""How old the frame may be that an officer answers for: they look, compare and read a document."""
_WINDOW = 16
_TRACK = 120


class Paper(StrEnum):
    """The document an officer looked at. Its number is not kept."""

    PASSPORT = "passport"
    ID_CARD = "id_card"
    DRIVING_LICENCE = "driving_licence"
    RESIDENCE_PERMIT = "residence_permit"


class NoFaceInView(WrongState):
    """The frame must show one face, seen well and live, not longer than half a minute ago. Look again."""

    code = "no_face_in_view"


class Barred(Forbidden):
    """The phone was changed less than 72 hours ago: staff cannot vouch for this person yet."""

    code = "barred"


class NotActive(WrongState):
    """This person is not an active customer, or is at another machine."""

    code = "not_active"


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


@dataclass(frozen=True, slots=True)
class Vouching:
    """`complete` False: a second officer is needed."""

    session: Session
    complete: bool


class Assistance:
    def __init__(
        self,
        documents: Documents,
        media: Media,
        sessions: SessionStore,
        live: LiveVisits,
        log: FrameLog,
        kiosks: Kiosks,
        people: People,
        standing: Standing,
        aftermath: Aftermath,
        timeline: Timeline,
        notices: Notices,
        audit: Audit,
        keys: Keys,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._documents = documents
        self._media = media
        self._sessions = sessions
        self._live = live
        self._log = log
        self._kiosks = kiosks
        self._people = people
        self._standing = standing
        self._aftermath = aftermath
        self._timeline = timeline
        self._notices = notices
        self._audit = audit
        self._keys = keys
        self._clock = clock
        self._randomness = randomness

    def open(self) -> list[Call]:
        """Calls that wait, longest first."""
        calls = [self._call(session) for session in self._waiting()]
        return sorted(calls, key=lambda call: call.since)

    def call(self, operator: Operator, session_id: str) -> Call:
        """Raises NotFound, WrongState once it waits no more."""
        session = self._require(session_id)
        self._audit.record(operator, "call_viewed", {"session": session.id})
        return self._call(session)

    def frame(self, operator: Operator, session_id: str, seq: int) -> bytes:
        """A frame of a waiting call, a JPEG: what `vouch` is asked about. Raises NotFound, WrongState."""
        session = self._require(session_id)
        if seq < 1 or self._log.get(session.id, seq) is None:
            raise NotFound("no such frame")
        self._audit.record(operator, "call_frame_viewed", {"session": session.id}, seq=seq)
        return self._media.read(CONTAINER, str(recording_name(session.id, RecordingKind.FRAME, seq)))

    def vouch(
        self, operator: Operator, session_id: str, person_id: str, seq: int, paper: Paper, why: Ground
    ) -> Vouching:
        """Answer for the face in frame `seq` being this person. Raises NotFound, OwnMatter, Barred, NoFaceInView."""
        session, person = self._require(session_id), self._people.require(person_id)
        require_foreign(operator, person)
        if person.status is not Status.ACTIVE:
            raise NotActive(f"{person.status}")
        if self._barred(person):
            raise Barred("the phone was changed a short while ago")
        self._answerable(session, seq)
        failed = not self._face_passed(session, person.id, seq)
        subjects = {"session": session.id, "person": person.id}
        with self._audit.act(operator, "vouched", subjects, why, paper=paper, faceFailed=failed, seq=seq):
            officers = self._officers(session, person, operator, seq) if failed else (operator.id,)
            if failed and len(set(officers)) < 2:
                self._note(session, "staff_vouched_first", operator)
                return Vouching(session, complete=False)
            if not self._standing.reserve(person.id, session):
                raise NotActive("in another visit")
            moved = self._move(session, person, officers, failed, seq)
        self._note(moved, "staff_vouched", operator)
        self._tell(moved, person)
        return Vouching(moved, complete=True)

    def refuse(self, operator: Operator, session_id: str, why: Ground) -> Session:
        """End the visit. Raises NotFound, WrongState, BadRequest."""
        session = self._require(session_id)
        with self._audit.act(operator, "assistance_refused", {"session": session.id}, why.require()):
            moved, _ = self._sessions.change(session.id, lambda _: StaffRefused(at=self._clock.now()))
            self._note(moved, "staff_refused", operator)
            return self._aftermath.of(session, moved)

    # --- looking ---

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

    def _require(self, session_id: str) -> Session:
        session = self._sessions.load(session_id).session
        if not self._waits(session):
            raise WrongState("nobody waits for staff in this visit")
        return session

    def _call(self, session: Session) -> Call:
        kiosk = self._kiosks.get(session.kiosk)
        frames = [f for f in self._log.latest(session.id, _WINDOW, after=session.since_seq) if self._fit(f)]
        frame, first = frames[-1] if frames else None, self._first(session)
        if first is not None:
            frame = self._log.get(session.id, int(str(first.body["seq"])))
        return Call(
            session=session,
            place=kiosk.name if kiosk else session.kiosk,
            since=session.changed_at,
            frame=frame,
            person=session.person if session.passed(Factor.FACE) else None,
            first_officer=str(first.body["officer"]) if first else None,
            first_person=str(first.body["person"]) if first else None,
        )

    def _fit(self, frame: FrameFact) -> bool:
        return frame.good and self._clock.now() - frame.at <= FRAME_AGE

    def _answerable(self, session: Session, seq: int) -> None:
        """A second officer answers for the very frame that the first did."""
        first = self._first(session)
        if first is not None and first.body["seq"] == seq:
            return
        frame = self._log.get(session.id, seq) if seq > session.since_seq else None
        if first is not None or frame is None or not self._fit(frame):
            raise NoFaceInView("not a frame to answer for")

    def _face_passed(self, session: Session, person_id: str, seq: int) -> bool:
        """The machine recognised this person, and the face in the frame is still that one."""
        if session.person != person_id or not session.passed(Factor.FACE):
            return False
        frames = self._log.latest(session.id, _TRACK, after=session.since_seq)
        return _shown_to_be([f for f in frames if f.seq <= seq], person_id)

    def _first(self, session: Session) -> Document | None:
        """The first officer's word, where two are needed."""
        return self._documents.get(SESSION_LOG, session.id, _place(session))

    # --- answering ---

    def _barred(self, person: Person) -> bool:
        changed = person.phone_changed_at
        return changed is not None and self._clock.now() - changed < BARRED_AFTER_PHONE_CHANGE

    def _officers(self, session: Session, person: Person, operator: Operator, seq: int) -> tuple[str, ...]:
        """Who answers so far, this operator included; kept until the visit moves on."""
        body: Body = {"kind": "vouching", "officer": operator.id, "person": person.id, "seq": seq}
        try:
            self._documents.create(SESSION_LOG, session.id, _place(session), body)
        except AlreadyExists:
            first = self._first(session)
            if first is None:
                raise LostRace("the first officer's word is gone") from None
            if first.body["person"] != person.id:
                raise BadRequest("other_person", "the first officer answered for somebody else") from None
            return str(first.body["officer"]), operator.id
        return (operator.id,)

    def _move(self, session: Session, person: Person, officers: tuple[str, ...], failed: bool, seq: int) -> Session:
        """Decided anew on the session as it is: it must still be the same call about the same face."""

        def decide(now: Session) -> StaffVouched:
            if now.since_seq != session.since_seq or now.person != session.person:
                raise LostRace("the visit moved on meanwhile")
            return StaffVouched(
                at=self._clock.now(),
                person=person.id,
                face_failed=failed,
                officers=officers,
                barred=self._barred(person),
                seq=seq,
                nonce=self._randomness.bytes(NONCE_BYTES).hex(),
                key=self._keys.current,
            )

        moved, _ = self._sessions.change(session.id, decide)
        return self._aftermath.of(session, moved)

    def _note(self, session: Session, what: str, operator: Operator) -> None:
        self._timeline.add(session.id, what, self._clock.now(), f"{session.version:05d}", operator=operator.id)

    def _tell(self, session: Session, person: Person) -> None:
        kiosk = self._kiosks.get(session.kiosk)
        place = kiosk.name if kiosk else session.kiosk
        words = text("staff_confirmed", person.language, place=place, reference=session.reference)
        told = self._notices.tell(person, words, f"{session.id}.notice")
        what = "customer_told" if told else "customer_not_told"
        self._timeline.add(session.id, what, self._clock.now(), f"{session.version:05d}")


def _shown_to_be(frames: list[FrameFact], person_id: str) -> bool:
    """Whether the last of the frames continues, without a break, a track in which the person was recognised."""
    for frame in reversed([f for f in frames if f.faces]):
        about = frame.person == person_id
        if frame.good and about and (frame.shows is Shows.PERSON or frame.match is MatchKind.ACCEPTED):
            return True
        if frame.shows is Shows.OTHER or frame.link is not True or frame.near_faces > 1:
            return False
    return False


def _place(session: Session) -> str:
    """A first word is about one face: once the visit forgets that face, it counts no more."""
    return f"vouching.{session.since_seq:06d}"
