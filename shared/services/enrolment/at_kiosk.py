"""Registering at the kiosk: details and consent, new pictures, the phone proven, three phrases.

The session's table has the states; nothing enters a gallery or becomes a template before the commit.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

from shared.domain import events as e
from shared.domain.capture import Capture, Turn, capture, turns_from
from shared.domain.errors import BadRequest, NotFound
from shared.domain.face import Embedding
from shared.domain.match import MatchRule
from shared.domain.pin import NONCE_BYTES
from shared.domain.policy import EnrolmentPolicy
from shared.domain.recording import RecordingKind, recording_name
from shared.domain.session import Factor, Session, State
from shared.domain.transitions import Refused
from shared.ports import Clock, FaceEngine, Keys, Randomness
from shared.services.enrolment.commit import EnrolmentCommit
from shared.services.people.registry import People
from shared.services.session.analysis import Analyses
from shared.services.session.challenges import Challenges
from shared.services.session.enrolment_draft import Details, Draft, Drafts
from shared.services.session.frame_log import FrameLog
from shared.services.session.store import SessionStore, Stored

_WINDOW = 180  # a minute of frames, three a second
PHRASES = 3


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """What the page shows of a registration."""

    step: str
    taken: int = 0
    needed: int = 0
    pose: Turn | None = None


class Enrolment:
    """The engines are asked for only while somebody registers; `min_norm` is what a template's picture needs."""

    def __init__(
        self,
        sessions: SessionStore,
        log: FrameLog,
        drafts: Drafts,
        people: People,
        keys: Keys,
        clock: Clock,
        randomness: Randomness,
        analyses: Callable[[], Analyses],
        engine: Callable[[], FaceEngine],
        commit: Callable[[], EnrolmentCommit],
        rule: MatchRule,
        min_norm: float,
        challenges: Challenges,
    ) -> None:
        self._challenges = challenges
        self._sessions = sessions
        self._log = log
        self._drafts = drafts
        self._people = people
        self._keys = keys
        self._clock = clock
        self._randomness = randomness
        self._analyses = analyses
        self._engine = engine
        self._commit = commit
        self._rule = rule
        self._min_norm = min_norm
        self._worker = randomness.bytes(8).hex()

    def ask(self, stored: Stored) -> Session:
        """From unknown or ambiguous. Raises Refused where registering is closed."""
        event = e.EnrolmentAsked(
            at=self._clock.now(),
            person=self._people.new_id(),
            seq=self._log.received(stored.session.id).frames,
            allowed=self._sessions.policy.enrolment is not EnrolmentPolicy.CLOSED,
        )
        session, _ = self._sessions.change(stored.session.id, lambda _: event, known=stored)
        return session

    def fill_in(self, session: Session, details: Details) -> None:
        """Name, number and consent, once; pictures count from here. Raises Refused, BadRequest."""
        if session.state is not State.ENROLLING or session.person is None:
            raise Refused(session.state, e.Event(at=self._clock.now()), "wrong_state")
        owner = self._people.by_phone(details.phone)
        known = owner is not None and owner != session.person
        turns = self._turns(session)
        self._drafts.begin(session, details, self._log.received(session.id).frames, turns, known)

    def view(self, session: Session) -> EnrolmentView | None:
        """Where a registration stands; None when there is none."""
        if session.state is not State.ENROLLING:
            return None
        draft = self._drafts.get(session)
        if draft is None:
            return EnrolmentView("details")
        if not session.passed(Factor.FACE):
            seen = self._captured(session, draft)
            return EnrolmentView("capture", len(seen.taken), len(draft.turns), seen.next)
        if not session.passed(Factor.PIN):
            return EnrolmentView("pin")
        if not session.passed(Factor.VOICE):
            return EnrolmentView("phrases", len(draft.clips), PHRASES)
        return EnrolmentView("learning", draft.learned, len(draft.taken) + len(draft.clips))

    def anchor(self, session: Session) -> Embedding | None:
        """The first picture taken: whoever is in front is compared with it until the person is stored."""
        draft = self._drafts.get(session)
        return self._embedding(session, draft.taken[0]) if draft and draft.taken else None

    def event(self, session: Session) -> e.Event | None:
        """What is due in `enrolling`: the pictures are complete, or all is proven and the person gets stored."""
        draft = self._drafts.get(session)
        if draft is None or session.person is None:
            return None
        if not session.passed(Factor.FACE):
            return self._pictures(session, draft)
        if session.passed(Factor.PIN) and session.passed(Factor.VOICE):
            return self._store(session, draft)
        return None

    def _store(self, session: Session, draft: Draft) -> e.Event | None:
        """One worker at a time: whoever looks meanwhile would read every picture and clip again."""
        worker = f"{self._worker}.{threading.get_ident()}"
        if not self._drafts.take(session, worker, self._clock.now()):
            return None
        return self._commit().commit(
            session,
            draft,
            self._drafts.details(session),
            lambda learned: self._drafts.with_learned(session, learned, self._clock.now()),
        )

    def voices(self, session: Session) -> list[Embedding]:
        """The speaker embeddings of the phrases read so far, computed from their recordings."""
        draft = self._drafts.get(session)
        return [self._commit().voice_of(session, attempt) for attempt in draft.clips] if draft else []

    def clip_taken(self, session: Session, attempt: int) -> bool:
        """Count a good clip; True when more are to be read."""
        return len(self._drafts.with_clip(session, attempt).clips) < PHRASES

    def _pictures(self, session: Session, draft: Draft) -> e.Event | None:
        seen = self._captured(session, draft)
        if seen.foul:
            return self._again(session, draft, seen.seq)
        if seen.next is not None:
            return None
        vectors = [self._embedding(session, seq) for seq in seen.taken]
        if None in vectors or not self._alike([v for v in vectors if v is not None]):
            return e.EnrolmentRefused(at=self._clock.now())
        taken = self._drafts.with_pictures(session, seen.taken).taken
        nonce = self._randomness.bytes(NONCE_BYTES).hex()
        return e.EnrolmentFaceTaken(at=self._clock.now(), seq=taken[-1], nonce=nonce, key=self._keys.current)

    def _captured(self, session: Session, draft: Draft) -> Capture:
        frames = self._log.latest(session.id, _WINDOW, after=draft.since_seq)
        return capture(frames, draft.turns, self._min_norm, self._sessions.policy)

    def _again(self, session: Session, draft: Draft, seq: int) -> e.Event | None:
        """Other turns, from the next frame on; refused when that was often enough."""
        if draft.rounds >= self._sessions.policy.capture_rounds:
            return e.EnrolmentRefused(at=self._clock.now())
        self._drafts.another_round(session, draft, seq, self._turns(session))
        return None

    def _turns(self, session: Session) -> tuple[Turn, ...]:
        return turns_from(self._challenges.orders(session.kiosk, both=True))

    def _alike(self, vectors: list[Embedding]) -> bool:
        """Pairwise the same face, by the 1:1 threshold."""
        return all(self._engine().similarity(a, b) >= self._rule.base for a, b in combinations(vectors, 2))

    def _embedding(self, session: Session, seq: int) -> Embedding | None:
        try:
            seen = self._analyses().of(str(recording_name(session.id, RecordingKind.FRAME, seq)))
        except NotFound:
            return None
        return seen.embedding if seen else None


def check_details(name: str, adult: bool, version: str, *, adults_only: bool, consent_version: str) -> None:
    """Raises BadRequest with the field that is wrong."""
    if not any(c.isalpha() for c in name) or any(not c.isprintable() for c in name):
        raise BadRequest("bad_name", "Please enter your name.")
    if adults_only and not adult:
        raise BadRequest("adults_only", "Only people of 18 or older can register here.")
    if version != consent_version:
        raise BadRequest("consent_changed", "The consent text has changed. Please read it again.")
