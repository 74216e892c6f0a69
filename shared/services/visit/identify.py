"""One frame: what it shows, written down once, and what the visit makes of it."""

import logging

from shared.domain.errors import NotFound
from shared.domain.face import Embedding, FaceAnalysis
from shared.domain.frames import FrameFact, Likeness, Shows
from shared.domain.match import MatchDecision, MatchKind
from shared.domain.recording import CONTAINER, RecordingKind, RecordingName, parse_recording, recording_name
from shared.domain.session import Factor, Session, State
from shared.domain.stamp import from_stamp
from shared.logs import say
from shared.ports import FaceEngine, Media, MutableGallery
from shared.services.enrolment.at_kiosk import Enrolment
from shared.services.gallery.feed import GalleryFeed
from shared.services.gallery.recognition import Face, Recognition
from shared.services.gallery.strangers import Strangers
from shared.services.session.analysis import Analyses
from shared.services.session.frame_log import FrameLog
from shared.services.session.store import SessionStore
from shared.services.visit.progress import Progress

_ONE_TO_ONE = frozenset({State.CHALLENGE, State.ENROLLING, State.PIN, State.VOICE, State.GRANTED, State.HANDED_OFF})


class Identify:
    def __init__(
        self,
        sessions: SessionStore,
        log: FrameLog,
        media: Media,
        analyses: Analyses,
        engine: FaceEngine,
        gallery: MutableGallery,
        feed: GalleryFeed,
        progress: Progress,
        recognition: Recognition,
        likeness: Likeness,
        enrolment: Enrolment,
        strangers: Strangers,
    ) -> None:
        self._strangers = strangers
        self._enrolment = enrolment
        self._sessions = sessions
        self._log = log
        self._media = media
        self._analyses = analyses
        self._engine = engine
        self._gallery = gallery
        self._feed = feed
        self._progress = progress
        self._recognition = recognition
        self._likeness = likeness

    def frame(self, name: str, image: bytes | None = None, at: str | None = None) -> None:
        """Handle a stored frame; repeating it, or naming anything else, changes nothing.

        Whoever has the blob gives its content and its stamp: they need not be asked for again.
        Raises Unavailable when an engine or store fails: the frame counts for nothing until it is handled again.
        """
        recording = parse_recording(name)
        if recording is None or recording.kind is not RecordingKind.FRAME:
            return
        try:
            session = self._sessions.load(recording.session).session
        except NotFound:
            return
        if session.over:
            return
        if self._log.get(session.id, recording.number) is None:
            self._log.add(session.id, self._fact(session, recording, image, at))
        after = self._progress.advance(session.id)
        if after.state is State.UNKNOWN and session.state is not State.UNKNOWN and self._strangers.allowed:
            seen = self._analyses.of(name, image)
            self._strangers.keep(session.id, seen.embedding if seen else None)

    def _stamp(self, name: str) -> str | None:
        info = self._media.info(CONTAINER, name)
        return info.metadata["at"] if info else None

    def _fact(
        self, session: Session, recording: RecordingName, image: bytes | None, at: str | None = None
    ) -> FrameFact:
        name, seq = str(recording), recording.number
        stamped = at or self._stamp(name)
        taken = from_stamp(stamped) if stamped else session.changed_at
        seen = self._analyses.of(name, image) if stamped else None
        if seen is None:
            say(logging.WARNING, "frame not readable", session=session.id, seq=seq)
            return FrameFact(seq=seq, at=taken, readable=False)
        link = self._link(session, seq, seen)
        match = self._match(session, Face(seen, lambda: image or self._media.read(CONTAINER, name)))
        shows = self._shows(session, seen)
        return FrameFact(
            seq=seq,
            at=taken,
            readable=True,
            faces=len(seen.faces),
            near_faces=seen.near_faces,
            hint=seen.hint,
            live=seen.live,
            link=link,
            match=match.kind if match else None,
            person=match.person if match else session.person if shows else None,
            shows=shows,
            yaw=seen.pose.yaw if seen.pose else None,
            pitch=seen.pose.pitch if seen.pose else None,
            breadth=seen.pose.breadth if seen.pose else None,
            norm=seen.quality.embedding_norm if seen.quality else None,
        )

    def _link(self, session: Session, seq: int, seen: FaceAnalysis) -> bool | None:
        if seen.embedding is None:
            return None
        before = self._analyses.before(session.id, seq)
        if before is None or before.embedding is None:
            return None
        return self._likeness.link(self._engine.similarity(before.embedding, seen.embedding))

    def _match(self, session: Session, face: Face) -> MatchDecision | None:
        if face.seen.embedding is None or session.state not in {State.IDENTIFYING, State.CLAIMING}:
            return None
        if session.state is State.IDENTIFYING:
            return self._recognition.identify(face)
        same = self._recognition.verify(session.person, face) if session.person else False
        if same is None:
            return None
        if same:
            return MatchDecision(MatchKind.ACCEPTED, session.person)
        return MatchDecision(MatchKind.UNKNOWN, None)

    def _shows(self, session: Session, seen: FaceAnalysis) -> Shows | None:
        """Compared with whom this visit is about: templates, the first picture of a registration, or what staff saw."""
        if seen.embedding is None or session.person is None or session.state not in _ONE_TO_ONE:
            return None
        if session.passed(Factor.STAFF):  # the face may have failed: staff vouched for the one they saw, and no other
            return self._like(self._vouched(session), seen.embedding)
        if session.state is State.ENROLLING:
            return self._like(self._enrolment.anchor(session), seen.embedding)
        self._feed.refresh(self._gallery)
        score = self._gallery.verify(session.person, seen.embedding)
        if score is None:  # suspended or erased during the visit
            return Shows.OTHER
        return self._likeness.shows(score)

    def _like(self, anchor: Embedding | None, embedding: Embedding) -> Shows | None:
        return self._likeness.shows(self._engine.similarity(anchor, embedding)) if anchor else None

    def _vouched(self, session: Session) -> Embedding | None:
        """The face in the frame that staff saw."""
        seq = next(f.seq for f in session.factors if f.factor is Factor.STAFF)
        try:
            seen = self._analyses.of(str(recording_name(session.id, RecordingKind.FRAME, seq)))
        except NotFound:
            return None
        return seen.embedding if seen else None
