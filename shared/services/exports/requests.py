"""Exports of visits: asked for with a reason, written by a timer (`work.py`), fetched, gone after hours.

An export is one document that says how far it has come, the list of its visits, and a document for each block of the
archive with what the archive's directory will need. So it goes on after a crash from where it was.
"""

import base64
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import TypeAdapter

from shared.containers import EXPORTS
from shared.domain.errors import NotFound
from shared.domain.roles import Operator
from shared.domain.stamp import stamp
from shared.ports import Body, Clock, Document, Documents, Json, Media, Query, Randomness
from shared.services.audit.entries import Audit, Ground
from shared.services.pages import every
from shared.services.recordings.of_visit import Piece, Span, piece
from shared.services.recordings.visit_query import VisitQuestion

CONTAINER = "exports"
JOBS = "jobs"
TYPE = "application/zip"
_ID_BYTES = 15


class ExportState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """`total`, `done` count visits. `offset`, `block`, `after`: where the archive stands (`work.py`).

    `changed`: recordings of the visit under way that are not what was recorded. `lease`: till then somebody writes it.
    """

    id: str
    by: str
    reason: str
    case: str | None = None
    visit: str | None = None
    question: VisitQuestion | None = None
    at: datetime
    expires_at: datetime
    state: ExportState = ExportState.WAITING
    total: int = 0
    done: int = 0
    files: int = 0
    offset: int = 0
    block: int = 0
    after: str = ""
    changed: tuple[str, ...] = ()
    listed: bool = False
    size: int | None = None
    sha256: str | None = None
    lease: datetime | None = None
    tries: int = 0
    etag: str = ""

    @property
    def blob(self) -> str:
        return f"{self.id}.zip"


_codec: TypeAdapter[Export] = TypeAdapter(Export)


class Exports:
    def __init__(
        self,
        documents: Documents,
        media: Media,
        audit: Audit,
        clock: Clock,
        randomness: Randomness,
        *,
        life: timedelta,
    ) -> None:
        self._documents = documents
        self._media = media
        self._audit = audit
        self._clock = clock
        self._randomness = randomness
        self._life = life

    def ask(self, operator: Operator, why: Ground, *, visit: str | None, question: VisitQuestion | None) -> Export:
        """Raises BadRequest without a reason."""
        now = self._clock.now()
        unique = base64.b32encode(self._randomness.bytes(_ID_BYTES)).decode().lower()
        reason = why.require().reason or ""
        export = Export(
            id=f"x{unique}",
            by=operator.id,
            reason=reason,
            case=why.case,
            visit=visit,
            question=question,
            at=now,
            expires_at=now + self._life,
        )
        subjects = {"export": export.id, **({"session": visit} if visit else {})}
        with self._audit.act(operator, "export_asked", subjects, why, question=_told(question)):
            document = self._documents.create(EXPORTS, JOBS, export.id, _body(export))
        return replace(export, etag=document.etag)

    def get(self, export_id: str) -> Export:
        """Raises NotFound."""
        document = self._documents.get(EXPORTS, JOBS, export_id)
        if document is None:
            raise NotFound("no such export")
        return _export(document)

    def all(self) -> Iterator[Export]:
        """There are few: each lives some hours."""
        return map(_export, every(self._documents, Query(EXPORTS, JOBS, limit=100)))

    def save(self, export: Export) -> Export:
        """Raises LostRace when somebody else went on with it."""
        document = self._documents.replace(EXPORTS, JOBS, export.id, _body(export), export.etag)
        return replace(export, etag=document.etag)

    def read(self, operator: Operator, export_id: str, span: Span | None) -> Piece:
        """The archive, or a part of it. Raises NotFound before it is done, TooLarge, BadRequest."""
        export = self.get(export_id)
        if export.state is not ExportState.DONE or export.size is None or export.expires_at <= self._clock.now():
            raise NotFound("not done yet, or gone")
        if span is None or not span.first:
            self._audit.record(operator, "export_fetched", {"export": export.id})
        return piece(self._media, CONTAINER, export.blob, export.size, TYPE, span)

    def remove(self, export: Export) -> None:
        """Repeatable; the document that leads to the rest goes last."""
        self.clear(export)
        for part in list(self.parts(export.id)):
            self._documents.delete(EXPORTS, export.id, part.id)
        self._documents.delete(EXPORTS, JOBS, export.id)

    def clear(self, export: Export) -> None:
        """Remove the archive, and blocks of it that were never made a blob: they would lie there for a week."""
        with suppress(NotFound):  # there is no such container yet
            self._media.commit(CONTAINER, export.blob, 0, content_type=TYPE)
        self._media.delete(CONTAINER, export.blob)

    def parts(self, export_id: str, begins: str = "") -> Iterator[Document]:
        """The documents of one export, by id."""
        found = every(self._documents, Query(EXPORTS, export_id, limit=50))
        return (d for d in found if d.id.startswith(begins))

    def put_part(self, export_id: str, part_id: str, body: Body) -> None:
        """Write, or write anew."""
        there = self._documents.get(EXPORTS, export_id, part_id)
        if there is None:
            self._documents.create(EXPORTS, export_id, part_id, body)
        else:
            self._documents.replace(EXPORTS, export_id, part_id, body, there.etag)

    def forget(self, sessions: Iterable[str]) -> None:
        """Remove every export that holds one of these visits, finished or not: it can be asked for anew."""
        wanted = frozenset(sessions)
        for export in list(self.all()):
            listed = {s for part in self.parts(export.id, "list.") for s in _texts(part.body.get("sessions"))}
            if export.visit in wanted or listed & wanted:
                self.remove(export)

    def sessions(self, export: Export, number: int, size: int) -> str | None:
        """The visit with this number; `size` is how many one list names."""
        document = self._documents.get(EXPORTS, export.id, f"list.{number // size:06d}")
        listed = _texts(document.body.get("sessions")) if document else ()
        return listed[number % size] if number % size < len(listed) else None


def _told(question: VisitQuestion | None) -> Json:
    """For the audit: what was asked for; only ids and plain words."""
    if question is None:
        return None
    values = {f.name: getattr(question, f.name) for f in fields(question)}
    return {name: stamp(value) if isinstance(value, datetime) else value for name, value in values.items() if value}


def _body(export: Export) -> Body:
    body: Body = _codec.dump_python(export, mode="json", exclude={"id", "etag"})
    return body


def _export(document: Document) -> Export:
    return _codec.validate_python({**document.body, "id": document.id, "etag": document.etag})


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(text) for text in value) if isinstance(value, list) else ()
