"""The recordings of one visit: their list, their bytes, and whether they are still what was recorded."""

import hashlib
from dataclasses import dataclass

from shared.containers import MEDIA_INDEX
from shared.domain.errors import BadRequest, NotFound, TooLarge
from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.domain.roles import Operator
from shared.domain.session import kiosk_day
from shared.ports import Body, Documents, Media, Page, Query, Range
from shared.services.audit.viewing import Viewing
from shared.services.recordings.index import RecordingIndex, folder
from shared.services.recordings.thumbnails import Thumbnails

TYPES = {RecordingKind.FRAME: "image/jpeg", RecordingKind.VOICE: "audio/wav"}


@dataclass(frozen=True, slots=True)
class Piece:
    """`data` begins at `offset` of a whole of `size` bytes."""

    data: bytes
    offset: int
    size: int
    content_type: str

    @property
    def whole(self) -> bool:
        return len(self.data) == self.size


@dataclass(frozen=True, slots=True)
class Check:
    """Which recordings are not what the index says, and which are not there."""

    checked: int
    changed: tuple[Body, ...]
    missing: tuple[Body, ...]


class Recordings:
    def __init__(
        self, documents: Documents, media: Media, index: RecordingIndex, thumbnails: Thumbnails, viewing: Viewing
    ) -> None:
        self._documents = documents
        self._media = media
        self._index = index
        self._thumbnails = thumbnails
        self._viewing = viewing

    def list(self, session_id: str, limit: int, cursor: str | None) -> Page:
        """Index entries of a visit: pictures, then clips. Raises BadRequest("bad_cursor")."""
        span = Range("id", f"{session_id}.", f"{session_id}/")
        return self._documents.query(Query(MEDIA_INDEX, kiosk_day(session_id), range=span, limit=limit, cursor=cursor))

    def read(self, operator: Operator, session_id: str, kind: RecordingKind, number: int, span: "Span | None") -> Piece:
        """Raises NotFound, TooLarge, BadRequest("range_not_satisfiable")."""
        name = str(recording_name(session_id, kind, number))
        info = self._media.info(CONTAINER, name)
        if info is None:
            raise NotFound("no such recording")
        self._viewing.note(operator, "recording_viewed", session_id)
        return piece(self._media, CONTAINER, name, info.size, TYPES[kind], span)

    def thumbnail(self, operator: Operator, session_id: str, number: int) -> bytes:
        """A small JPEG. Raises NotFound, MediaRejected."""
        self._viewing.note(operator, "thumbnail_viewed", session_id)
        return self._thumbnails.of(session_id, number)

    def verify(self, session_id: str) -> Check:
        """Compare every recording with the SHA-256 it had when it was indexed. Raises Unavailable."""
        changed: list[Body] = []
        missing: list[Body] = []
        checked = 0
        there = {info.name for info in self._media.list(CONTAINER, folder(session_id))}
        for entry in self._index.of(session_id):
            checked += 1
            told: Body = {"kind": entry.body["kind"], "number": entry.body["number"]}
            name = str(entry.body["name"])
            if name not in there:
                missing.append(told)
            elif hashlib.sha256(self._media.read(CONTAINER, name)).hexdigest() != entry.body["sha256"]:
                changed.append(told)
        return Check(checked, tuple(changed), tuple(missing))


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `first`–`last` of something; `first` None: its last `last` bytes; `last` None: to its end."""

    first: int | None
    last: int | None

    def within(self, size: int, most: int) -> tuple[int, int]:
        """Offset and length, at most `most`. Raises BadRequest("range_not_satisfiable")."""
        if self.first is None:
            offset, end = max(0, size - (self.last or 0)), size
        else:
            offset, end = self.first, min(size, (self.last if self.last is not None else size - 1) + 1)
        if offset >= end:
            raise BadRequest("range_not_satisfiable", f"there are {size} bytes")
        return offset, min(end - offset, most)


PIECE_MOST = 8_000_000
WHOLE_MOST = 64_000_000


def piece(media: Media, container: str, name: str, size: int, content_type: str, span: Span | None) -> Piece:
    """A blob, or the asked part of it. Raises NotFound, TooLarge, BadRequest("range_not_satisfiable")."""
    if span is None:
        if size > WHOLE_MOST:
            raise TooLarge("a whole of this size: ask for it in ranges")
        return Piece(media.read(container, name), 0, size, content_type)
    offset, length = span.within(size, PIECE_MOST)
    return Piece(media.read(container, name, offset, length), offset, size, content_type)
