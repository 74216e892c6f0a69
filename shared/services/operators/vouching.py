"""Answering for a customer at a machine: what an officer may say, and what it takes (DESIGN.md, assistance).

An officer compares a live frame with the enrolment photo, looks at a document, and vouches for the person. Where the
face had not passed, a second officer must say the same of the same person. The PIN is needed in any case.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.domain.errors import AtmError, Forbidden, LostRace, WrongState
from shared.domain.events import StaffVouched
from shared.domain.frames import FrameFact, Shows
from shared.domain.match import MatchKind
from shared.domain.pin import NONCE_BYTES
from shared.domain.roles import Operator
from shared.domain.session import Factor, Session
from shared.domain.transitions import Refused
from shared.ports import Clock, Keys, Randomness
from shared.services.audit.entries import Audit, Ground
from shared.services.kiosks.pairing import Kiosks
from shared.services.messages.notices import Notices
from shared.services.messages.texts import text
from shared.services.operators.assistance import Assistance
from shared.services.operators.first_words import FirstWord, FirstWords
from shared.services.people.registry import People, Person, Status
from shared.services.people_admin.care import require_foreign
from shared.services.session.frame_log import FrameLog
from shared.services.session.store import SessionStore
from shared.services.session.timeline import Timeline
from shared.services.visit.aftermath import Aftermath
from shared.services.visit.standing import Standing

BARRED_AFTER_PHONE_CHANGE = timedelta(hours=72)
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
class Vouched:
    """`complete` False: a second officer is needed."""

    session: Session
    complete: bool


class Vouching:
    def __init__(
        self,
        assistance: Assistance,
        first_words: FirstWords,
        sessions: SessionStore,
        log: FrameLog,
        people: People,
        kiosks: Kiosks,
        standing: Standing,
        aftermath: Aftermath,
        timeline: Timeline,
        notices: Notices,
        audit: Audit,
        keys: Keys,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._assistance = assistance
        self._first_words = first_words
        self._sessions = sessions
        self._log = log
        self._people = people
        self._kiosks = kiosks
        self._standing = standing
        self._aftermath = aftermath
        self._timeline = timeline
        self._notices = notices
        self._audit = audit
        self._keys = keys
        self._clock = clock
        self._randomness = randomness

    def vouch(
        self, operator: Operator, session_id: str, person_id: str, seq: int, paper: Paper, why: Ground
    ) -> Vouched:
        """Answer for the face in frame `seq` being this person. Raises NotFound, OwnMatter, Barred, NoFaceInView."""
        session, person = self._assistance.require(session_id), self._people.require(person_id)
        require_foreign(operator, person)
        if person.status is not Status.ACTIVE:
            raise NotActive(f"{person.status}")
        if self._barred(person):
            raise Barred("the phone was changed a short while ago")
        self._require_face(session, seq)
        failed = not self._face_passed(session, person.id, seq)
        subjects = {"session": session.id, "person": person.id}
        with self._audit.act(operator, "vouched", subjects, why, paper=paper, faceFailed=failed, seq=seq):
            word = FirstWord(operator.id, person.id, seq)
            officers = self._first_words.give(session, word) if failed else (operator.id,)
            if failed and len(set(officers)) < 2:
                self._note(session, "staff_vouched_first", operator)
                return Vouched(session, complete=False)
            moved = self._move(session, person, officers, failed, seq)
        self._note(moved, "staff_vouched", operator)
        self._tell(moved, person)
        return Vouched(moved, complete=True)

    # --- the face ---

    def _require_face(self, session: Session, seq: int) -> None:
        """A second officer answers for the very frame that the first did."""
        first = self._first_words.of(session)
        if first is not None and first.seq == seq:
            return
        frame = self._log.get(session.id, seq) if seq > session.since_seq else None
        if first is not None or frame is None or not self._assistance.fit(frame):
            raise NoFaceInView("not a frame to answer for")

    def _face_passed(self, session: Session, person_id: str, seq: int) -> bool:
        """The machine recognised this person, and the face in the frame is still that one."""
        if session.person != person_id or not session.passed(Factor.FACE):
            return False
        frames = self._log.latest(session.id, _TRACK, after=session.since_seq)
        return _shown_to_be([f for f in frames if f.seq <= seq], person_id)

    def _barred(self, person: Person) -> bool:
        changed = person.phone_changed_at
        return changed is not None and self._clock.now() - changed < BARRED_AFTER_PHONE_CHANGE

    # --- what follows ---

    def _move(self, session: Session, person: Person, officers: tuple[str, ...], failed: bool, seq: int) -> Session:
        """Decided anew on the session as it is: the same call about the same face, and nowhere else this person."""

        def decide(now: Session) -> StaffVouched:
            if now.since_seq != session.since_seq or now.person != session.person:
                raise LostRace("the visit moved on meanwhile")
            return StaffVouched(
                at=self._clock.now(),
                person=person.id,
                face_failed=failed,
                officers=officers,
                barred=self._barred(person),
                free=self._standing.reserve(person.id, now),
                seq=seq,
                nonce=self._randomness.bytes(NONCE_BYTES).hex(),
                key=self._keys.current,
            )

        try:
            moved, _ = self._sessions.change(session.id, decide)
        except AtmError as refusal:
            if session.person != person.id:  # the visit stays about whom it was
                self._standing.release(person.id, session)
            if isinstance(refusal, Refused) and refusal.code == "person_free":
                raise NotActive("in another visit") from None
            raise
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
