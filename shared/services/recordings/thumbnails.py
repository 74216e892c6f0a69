"""Small pictures for lists: made when first asked for, kept in a container of their own, gone with their recording."""

from collections.abc import Callable, Iterable
from contextlib import suppress

from shared.domain.errors import AlreadyExists, NotFound
from shared.domain.recording import CONTAINER as RECORDINGS
from shared.domain.recording import RecordingKind, recording_name
from shared.ports import Media, Thumbnailer
from shared.services.recordings.index import folder

CONTAINER = "thumbnails"


class Thumbnails:
    """The thumbnailer is made only when a picture must be: it loads a codec."""

    def __init__(self, media: Media, thumbnailer: Callable[[], Thumbnailer]) -> None:
        self._media = media
        self._thumbnailer = thumbnailer

    def of(self, session_id: str, number: int) -> bytes:
        """A JPEG. Raises NotFound, MediaRejected for a recording that is no picture."""
        name = str(recording_name(session_id, RecordingKind.FRAME, number))
        try:
            return self._media.read(CONTAINER, name)
        except NotFound:
            pass
        small = self._thumbnailer().small(self._media.read(RECORDINGS, name))
        with suppress(AlreadyExists):  # somebody asked at the same moment
            self._media.put(CONTAINER, name, small, content_type="image/jpeg")
        if self._media.info(RECORDINGS, name) is None:  # deleted meanwhile: nothing of it may stay
            self._media.delete(CONTAINER, name)
            raise NotFound("no such recording")
        return small

    def forget(self, sessions: Iterable[str]) -> None:
        """Remove those of these visits."""
        for session_id in sessions:
            for info in list(self._media.list(CONTAINER, folder(session_id))):
                self._media.delete(CONTAINER, info.name)
