"""Deleting what is kept of one visit, by kind. Each removal can be repeated.

A picture that a template was made from is kept as long as the template: it is what another recogniser makes the
template anew from, and the photo an officer compares a face with.
"""

from collections.abc import Callable, Iterator, Sequence

from shared.containers import MEDIA_INDEX, SESSION_LOG, SESSIONS
from shared.domain.recording import CONTAINER, RecordingKind, parse_recording
from shared.domain.retention import Kept
from shared.domain.session import kiosk_day
from shared.ports import Documents, Media, MediaInfo, Query
from shared.services.pages import every
from shared.services.people.templates import Kind, Templates
from shared.services.recordings.index import entry_id, folder
from shared.services.recordings.visit_index import VisitIndex

_MEDIA = {Kept.FRAME: {RecordingKind.FRAME}, Kept.VOICE: {RecordingKind.VOICE}, Kept.VISIT: set(RecordingKind)}


class Removal:
    """`copies`: remove what was made of the recordings of these visits (thumbnails, exports)."""

    def __init__(
        self,
        documents: Documents,
        media: Media,
        templates: Templates,
        visits: VisitIndex,
        copies: Callable[[], Sequence[Callable[[frozenset[str]], None]]],
    ) -> None:
        self._documents = documents
        self._media = media
        self._templates = templates
        self._visits = visits
        self._copies = copies

    def has(self, kind: Kept, session_id: str) -> bool:
        """Whether there is anything to delete."""
        if kind is Kept.VISIT:
            return True
        return next(self._blobs(kind, session_id), None) is not None

    def of(self, kind: Kept, session_id: str) -> bool:
        """Delete; False when there was nothing. Raises Unavailable in the middle: repeat it."""
        blobs = list(self._blobs(kind, session_id))
        if blobs or kind is Kept.VISIT:
            for remove in self._copies():
                remove(frozenset({session_id}))
        for blob in blobs:
            recording = parse_recording(blob.name)
            self._media.delete(CONTAINER, blob.name)
            if recording is not None:
                self._documents.delete(MEDIA_INDEX, kiosk_day(session_id), entry_id(recording))
        if kind is not Kept.VISIT:
            return bool(blobs)
        for entry in list(every(self._documents, Query(SESSION_LOG, session_id, limit=500))):
            self._documents.delete(SESSION_LOG, session_id, entry.id)
        self._documents.delete(SESSIONS, kiosk_day(session_id), session_id)
        self._visits.forget(session_id)
        return True

    def _blobs(self, kind: Kept, session_id: str) -> Iterator[MediaInfo]:
        kept = self._sources(session_id)
        for blob in self._media.list(CONTAINER, folder(session_id)):
            recording = parse_recording(blob.name)
            if blob.name not in kept and (recording is None or recording.kind in _MEDIA[kind]):
                yield blob

    def _sources(self, session_id: str) -> set[str]:
        facts = self._visits.get(session_id)
        people = {facts.person, *facts.matched} if facts else set()
        return {t.source for p in people if p for t in self._templates.of(p, Kind.FACE) if t.source}
