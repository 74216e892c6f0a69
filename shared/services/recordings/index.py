"""The index of recordings: one document a blob, whatever is repeated or late; and the blobs' tags, in step with it.

While a visit lasts, an entry says what its blob is. Once it is over every entry and every blob is told how it ended and
whom it showed (`settle`); a recording that is indexed later finds that out itself.
"""

import hashlib
import logging
from collections.abc import Iterator
from datetime import timedelta

from shared.containers import MEDIA_INDEX
from shared.domain.errors import AlreadyExists, AtmError, LostRace, NotFound
from shared.domain.frames import FrameFact
from shared.domain.recording import CONTAINER, RecordingKind, RecordingName, parse_recording, recording_name
from shared.domain.session import kiosk_day
from shared.domain.stamp import stamp
from shared.domain.visit_facts import Outcome, VisitFacts, quality
from shared.logs import say
from shared.ports import Body, Document, Documents, Media, MediaInfo, Query, Range
from shared.services.pages import every
from shared.services.recordings.visit_index import VisitIndex
from shared.services.session.frame_log import FrameLog

SETTLE_AFTER = timedelta(seconds=5)
"""Frames that were on their way when the visit ended are analysed by then."""
_RACES = 20
_PAGE = 500


class RecordingIndex:
    def __init__(self, documents: Documents, media: Media, visits: VisitIndex, log: FrameLog) -> None:
        self._documents = documents
        self._media = media
        self._visits = visits
        self._log = log

    def recording(self, name: str, data: bytes | None = None) -> None:
        """Index one blob. Anything that is not a recording of ours is left alone; repeating changes nothing."""
        recording = parse_recording(name)
        if recording is None:
            say(logging.WARNING, "not a recording's name")
            return
        info = self._media.info(CONTAINER, name)
        if info is None:
            return
        self.add(recording, info, data)
        facts = self._visits.get(recording.session)
        if facts is not None and facts.outcome is not Outcome.LIVE:  # too late for settling: it may have gone by
            self._tell(recording, facts)

    def add(self, recording: RecordingName, info: MediaInfo, data: bytes | None = None) -> None:
        """Write the entry of a blob, unless there is one."""
        place = kiosk_day(recording.session), entry_id(recording)
        if self._documents.get(MEDIA_INDEX, *place) is not None:
            return
        content = data if data is not None else self._media.read(CONTAINER, str(recording))
        body: Body = {
            "session": recording.session,
            "kiosk": recording.kiosk,
            "kind": recording.kind,
            "number": recording.number,
            "at": info.metadata.get("at") or stamp(info.created),
            "name": str(recording),
            "size": info.size,
            "sha256": hashlib.sha256(content).hexdigest(),
            **_unknown(),
        }
        try:
            self._documents.create(MEDIA_INDEX, *place, body)
        except AlreadyExists:
            return

    def settle(self, session_id: str) -> None:
        """Tell every recording of a visit that is over how it ended. Repeatable. Raises NotFound, Unavailable."""
        facts = self._visits.refresh(session_id)
        for info in list(self._media.list(CONTAINER, folder(session_id))):
            recording = parse_recording(info.name)
            if recording is not None:
                self.add(recording, info)
                self._tell(recording, facts, info.tags)

    def settle_due(self) -> int:
        """Settle every visit that ended a moment ago; what fails is tried again next time. Returns how many are."""
        settled = 0
        for session_id in list(self._visits.to_settle(SETTLE_AFTER)):
            try:
                self.settle(session_id)
            except NotFound:
                pass  # erased meanwhile, or a session that never was: there is nothing to tell
            except AtmError as failure:
                say(logging.WARNING, "visit left unsettled", session=session_id, error=failure.code)
                continue
            self._visits.settled(session_id)
            settled += 1
        return settled

    def of(self, session_id: str) -> Iterator[Document]:
        """The entries of a visit's recordings: pictures, then clips, each in order."""
        span = Range("id", f"{session_id}.", f"{session_id}/")
        return every(self._documents, Query(MEDIA_INDEX, kiosk_day(session_id), range=span, limit=_PAGE))

    def one(self, session_id: str, kind: RecordingKind, number: int) -> Body | None:
        """One entry."""
        place = entry_id(recording_name(session_id, kind, number))
        document = self._documents.get(MEDIA_INDEX, kiosk_day(session_id), place)
        return document.body if document else None

    def restore(self, recording: RecordingName, info: MediaInfo) -> None:
        """Make an entry anew from its blob and the blob's tags."""
        self.add(recording, info)
        tags = info.tags or {}
        if "outcome" in tags:
            near = tags.get("faces", "")
            facts = {name: tags.get(name) for name in ("outcome", "person", "claimed")}
            self._change(recording, {**facts, "faces": int(near) if near.isdigit() else None})

    def _tell(self, recording: RecordingName, facts: VisitFacts, tags: object = None) -> None:
        frame = self._frame(recording)
        known: Body = {"outcome": facts.outcome, "person": facts.person, "claimed": facts.claimed}
        if frame is not None:
            known |= {"faces": frame.near_faces, "quality": quality(frame)}
        self._change(recording, known)
        wanted = tags_of(recording, facts, frame)
        if wanted != tags:
            try:
                self._media.set_tags(CONTAINER, str(recording), wanted)
            except NotFound:
                return  # deleted meanwhile

    def _frame(self, recording: RecordingName) -> FrameFact | None:
        return self._log.get(recording.session, recording.number) if recording.kind is RecordingKind.FRAME else None

    def _change(self, recording: RecordingName, known: Body) -> None:
        place = kiosk_day(recording.session), entry_id(recording)
        for _ in range(_RACES):
            entry = self._documents.get(MEDIA_INDEX, *place)
            if entry is None or entry.body | known == entry.body:
                return
            try:
                self._documents.replace(MEDIA_INDEX, *place, entry.body | known, entry.etag)
            except LostRace:
                continue
            return
        raise LostRace("the entry changes too quickly")


def entry_id(recording: RecordingName) -> str:
    """The id of a blob's index entry."""
    return f"{recording.session}.{recording.kind}.{recording.number:06d}"


def folder(session_id: str) -> str:
    """Where the recordings of a visit lie."""
    return str(recording_name(session_id, RecordingKind.FRAME, 0)).rpartition("/")[0] + "/"


def tags_of(recording: RecordingName, facts: VisitFacts, frame: FrameFact | None) -> dict[str, str]:
    """Index tags of a settled recording: ten are allowed. Random ids and plain words only."""
    tags = {
        "session": recording.session,
        "kiosk": recording.kiosk,
        "kind": recording.kind.value,
        "day": recording.day,
        "outcome": facts.outcome.value,
        "reason": facts.reason,
        "assurance": facts.assurance,
        "person": facts.person,
        "claimed": facts.claimed,
        "faces": str(frame.near_faces) if frame is not None else None,
    }
    return {name: value for name, value in tags.items() if value is not None}


def _unknown() -> Body:
    """What an entry does not know until its visit is settled."""
    return {"faces": None, "quality": None, "outcome": None, "person": None, "claimed": None}
