"""The index of recordings: one document a blob, whatever is repeated or late."""

import hashlib
import logging

from shared.containers import MEDIA_INDEX
from shared.domain.errors import AlreadyExists
from shared.domain.recording import CONTAINER, RecordingName, parse_recording
from shared.domain.session import kiosk_day
from shared.domain.stamp import stamp
from shared.logs import say
from shared.ports import Body, Documents, Media


class RecordingIndex:
    def __init__(self, documents: Documents, media: Media) -> None:
        self._documents = documents
        self._media = media

    def recording(self, name: str, data: bytes | None = None) -> None:
        """Index one blob. Anything that is not a recording of ours is left alone; repeating changes nothing."""
        recording = parse_recording(name)
        if recording is None:
            say(logging.WARNING, "not a recording's name")
            return
        info = self._media.info(CONTAINER, name)
        if info is None:
            return
        content = data if data is not None else self._media.read(CONTAINER, name)
        body: Body = {
            "session": recording.session,
            "kiosk": recording.kiosk,
            "kind": recording.kind,
            "number": recording.number,
            "at": info.metadata.get("at") or stamp(info.created),
            "name": name,
            "size": info.size,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        try:
            self._documents.create(MEDIA_INDEX, kiosk_day(recording.session), entry_id(recording), body)
        except AlreadyExists:
            return


def entry_id(recording: RecordingName) -> str:
    """The id of a blob's index entry."""
    return f"{recording.session}.{recording.kind}.{recording.number:06d}"
