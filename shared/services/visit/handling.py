"""What a recording's event asks for: done once however many ask, and those first who need it most.

Strangers who look into fifty cameras keep a small machine busy for good. A customer whose face is known has three
seconds in which a picture counts, so theirs come first; then whoever has just come, whom two pictures may make known;
then those who were looked at in vain. Nobody's wait is a request's wait.
"""

from collections.abc import Callable
from concurrent.futures import Future
from enum import IntEnum

from shared.domain.errors import NotFound
from shared.domain.recording import parse_recording
from shared.domain.session import State
from shared.services.recordings.index import RecordingIndex
from shared.services.session.store import SessionStore
from shared.services.visit.identify import Identify
from shared.services.visit.turns import Turns
from shared.services.visit.verify_voice import VerifyVoice

_NEW = 2  # pictures of somebody searched until others go first
_SEARCHED = frozenset({State.IDENTIFYING, State.UNKNOWN, State.AMBIGUOUS})


class Urgency(IntEnum):
    KNOWN = 0  # accepted, claimed or registering: somebody waits for this picture
    OVER = 1  # nothing to compute
    NEW = 2
    SEARCHED = 3


class Handling:
    """`identify` and `verify_voice` are made by whoever handles something: they load the engines."""

    def __init__(
        self,
        sessions: SessionStore,
        analysing: Turns,
        indexing: Turns,
        identify: Callable[[], Identify],
        verify_voice: Callable[[], VerifyVoice],
        index: RecordingIndex,
    ) -> None:
        self._sessions = sessions
        self._analysing = analysing
        self._indexing = indexing
        self._identify = identify
        self._verify_voice = verify_voice
        self._index = index

    def frame(self, name: str, image: bytes | None = None, at: str | None = None) -> "Future[None]":
        """See `Identify.frame`."""
        return self._analysing.take(name, lambda: self._identify().frame(name, image, at), lambda: self._urgency(name))

    def clip(self, name: str, wav: bytes | None = None) -> "Future[None]":
        """See `VerifyVoice.clip`."""
        return self._analysing.take(name, lambda: self._verify_voice().clip(name, wav))

    def recording(self, name: str, content: bytes) -> "Future[None]":
        """See `RecordingIndex.recording`."""
        return self._indexing.take(name, lambda: self._index.recording(name, content))

    def _urgency(self, name: str) -> Urgency:
        recording = parse_recording(name)
        if recording is None:
            return Urgency.OVER
        try:
            session = self._sessions.load(recording.session).session
        except NotFound:
            return Urgency.OVER
        if session.over:
            return Urgency.OVER
        if session.state not in _SEARCHED:
            return Urgency.KNOWN
        return Urgency.NEW if recording.number <= session.since_seq + _NEW else Urgency.SEARCHED
