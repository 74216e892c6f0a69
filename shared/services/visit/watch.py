"""What happens when somebody looks: the poll, the rescue of what events left behind, and the rules of the clock."""

import logging
from concurrent.futures import Future
from datetime import timedelta
from weakref import WeakSet

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
from shared.services.visit.handling import Handling
from shared.services.visit.progress import Progress

RESCUE_AFTER = timedelta(seconds=3)
_RESCUE_WINDOW = 8


class Watch:
    def __init__(
        self,
        sessions: SessionStore,
        log: FrameLog,
        scenes: Scenes,
        media: Media,
        handling: Handling,
        progress: Progress,
        messages: Messages,
        aftermath: Aftermath,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._log = log
        self._scenes = scenes
        self._media = media
        self._handling = handling
        self._progress = progress
        self._messages = messages
        self._aftermath = aftermath
        self._clock = clock
        self._watched: WeakSet[Future[None]] = WeakSet()

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
        """Have done here what no event has done for three seconds. Whoever looks does not wait for it: a later poll
        sees it. True if the session may have changed. A failure is logged: the next poll tries again.
        """
        session, done = scene.session, False
        try:
            if self._messages.due(session):
                self._messages.deliver(session)
                done = True
            for seq in self._left_behind(scene):
                name = str(recording_name(session.id, RecordingKind.FRAME, seq))
                done = self._done(session, self._handling.frame(name)) or done
            if session.state in {State.CHALLENGE, State.ENROLLING} and not self._being_learned(scene):
                done = self._progress.advance(session.id).version != session.version or done
            phrase = session.phrase
            if phrase and phrase.received_at and scene.at - phrase.received_at > RESCUE_AFTER:
                name = str(recording_name(session.id, RecordingKind.VOICE, phrase.attempt))
                done = self._done(session, self._handling.clip(name)) or done
        except NotFound:
            return True
        except AtmError as failure:
            _failed(session.id, failure)
        return done

    def _done(self, session: Session, handled: "Future[None]") -> bool:
        """Whether it is. However many polls find it waiting, a failure is logged once."""
        if handled.done():
            _failed(session.id, handled.exception())
        elif handled not in self._watched:
            self._watched.add(handled)
            handled.add_done_callback(lambda future: _failed(session.id, future.exception()))
        return handled.done()

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


def _failed(session_id: str, failure: BaseException | None) -> None:
    if failure is not None and not isinstance(failure, NotFound):
        code = failure.code if isinstance(failure, AtmError) else type(failure).__name__
        say(logging.WARNING, "rescue failed", session=session_id, error=code)
