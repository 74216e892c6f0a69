"""What happens when somebody looks: the poll, the rescue of what events left behind, and the rules of the clock."""

import logging
from collections.abc import Callable
from datetime import timedelta

from shared.domain.errors import AtmError, NotFound
from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.domain.session import OVER, Factor, Session, State
from shared.domain.transitions import Refused
from shared.logs import say
from shared.ports import Clock, Media
from shared.services.messages.pin import Messages
from shared.services.session.frame_log import FrameLog
from shared.services.session.scene import Scene, Scenes
from shared.services.session.store import SessionStore, Stored
from shared.services.visit.aftermath import Aftermath
from shared.services.visit.identify import Identify
from shared.services.visit.progress import Progress
from shared.services.visit.verify_voice import VerifyVoice

RESCUE_AFTER = timedelta(seconds=3)
_RESCUE_WINDOW = 8


class Watch:
    """`identify` and `verify_voice` are made only when something must be rescued: they load the engines."""

    def __init__(
        self,
        sessions: SessionStore,
        log: FrameLog,
        scenes: Scenes,
        media: Media,
        identify: Callable[[], Identify],
        verify_voice: Callable[[], VerifyVoice],
        progress: Progress,
        messages: Messages,
        aftermath: Aftermath,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._log = log
        self._scenes = scenes
        self._media = media
        self._identify = identify
        self._verify_voice = verify_voice
        self._progress = progress
        self._messages = messages
        self._aftermath = aftermath
        self._clock = clock

    def look(self, stored: Stored) -> Scene:
        """The session as the page may see it now. Nothing is written unless something is due."""
        scene = self._scenes.of(stored.session)
        if stored.session.over:
            return scene
        if self._rescue(scene):
            stored = self._sessions.load(stored.session.id)
            scene = self._scenes.of(stored.session)
        after = self._tick(stored, scene)
        return scene if after is stored.session else self._scenes.of(after)

    def tick(self, session_id: str) -> Session:
        """Apply what is due by the clock alone; for sessions that nobody polls."""
        stored = self._sessions.load(session_id)
        return self._tick(stored, self._scenes.of(stored.session))

    def _tick(self, stored: Stored, scene: Scene) -> Session:
        session = stored.session
        try:
            after, changed = self._sessions.change(
                session.id, lambda s: scene.tick if s.version == session.version else None, known=stored
            )
        except Refused:  # nothing is due, as nearly always
            return session
        return self._aftermath.of(session, after) if changed else session

    def _rescue(self, scene: Scene) -> bool:
        """Do here what no event has done for three seconds. A failure is logged: the next poll tries again."""
        session, done = scene.session, False
        try:
            if self._messages.due(session):
                self._messages.deliver(session)
                done = True
            for seq in self._left_behind(scene):
                self._identify().frame(str(recording_name(session.id, RecordingKind.FRAME, seq)))
                done = True
            if session.state in {State.CHALLENGE, State.ENROLLING} and not self._being_learned(scene):
                done = self._progress.advance(session.id).version != session.version or done
            phrase = session.phrase
            if phrase and phrase.received_at and scene.at - phrase.received_at > RESCUE_AFTER:
                self._verify_voice().clip(str(recording_name(session.id, RecordingKind.VOICE, phrase.attempt)))
                done = True
        except NotFound:
            return True
        except AtmError as failure:
            say(logging.WARNING, "rescue failed", session=session.id, error=failure.code)
        return done

    def _being_learned(self, scene: Scene) -> bool:
        """The last phrase was taken a moment ago: whoever took it stores the person now."""
        session = scene.session
        return session.passed(Factor.VOICE) and scene.at - session.changed_at <= RESCUE_AFTER

    def _left_behind(self, scene: Scene) -> list[int]:
        """Frames that were given a number more than three seconds ago and have no analysis yet."""
        received = scene.received
        if received.frame_at is None or scene.session.state in OVER:
            return []
        known = {f.seq for f in scene.frames}
        missing = [
            n for n in range(max(1, received.frames - _RESCUE_WINDOW + 1), received.frames + 1) if n not in known
        ]
        stalled = scene.at - received.frame_at > RESCUE_AFTER
        return missing if stalled or (len(missing) > 2 and self._old(scene.session, missing[0])) else []

    def _old(self, session: Session, seq: int) -> bool:
        info = self._media.info(CONTAINER, str(recording_name(session.id, RecordingKind.FRAME, seq)))
        return info is None or self._clock.now() - info.created > RESCUE_AFTER
