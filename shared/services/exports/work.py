"""Writing an export's archive, block by block, so that memory stays flat and a crash costs at most one block.

A block of some megabytes is staged, then described (`part.000007`), and then the export's own document says that the
archive has come so far. Whoever goes on reads that document: what was staged beyond it is staged again.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.domain.errors import AtmError, LostRace, NotFound
from shared.domain.report_page import list_page
from shared.domain.stamp import stamp
from shared.domain.zip_stream import ZipEntry, central_record, checksum, end_of_directory, local_header
from shared.logs import say
from shared.ports import Body, Clock, Json, Media
from shared.services.exports.requests import CONTAINER, TYPE, Export, Exports, ExportState
from shared.services.exports.visit_files import ExportVisits
from shared.services.recordings.visit_query import VisitQueries

BLOCK = 4_000_000
LIST = 200
_LEASE = timedelta(seconds=90)
_TRIES = 20
_MANIFEST = "manifest.sha256"
_REPORT = "report.html"


@dataclass(slots=True)
class _Buffer:
    """The block under way: its bytes, and what the archive's directory and the manifest need of its files."""

    data: bytearray = field(default_factory=bytearray)
    entries: list[Json] = field(default_factory=list)


class _Tail:
    """The last blocks: what is written to them is staged as they fill. `files`: theirs, with their SHA-256."""

    def __init__(self, media: Media, export: Export) -> None:
        self._media = media
        self._export = export
        self._data = bytearray()
        self.block = export.block
        self.offset = export.offset
        self.files: list[tuple[ZipEntry, str]] = []

    def write(self, data: bytes) -> None:
        self._data += data
        self.offset += len(data)
        if len(self._data) >= BLOCK:
            self.flush()

    def flush(self) -> None:
        if self._data:
            self._media.stage(CONTAINER, self._export.blob, self.block, bytes(self._data))
            self.block += 1
            self._data.clear()

    def file(self, name: str, chunks: Callable[[], Iterable[bytes]]) -> None:
        """A file whose bytes are made twice: for its checksum, and to be written."""
        crc, size, sha = 0, 0, hashlib.sha256()
        for chunk in chunks():
            crc, size = checksum(chunk, crc), size + len(chunk)
            sha.update(chunk)
        entry = ZipEntry(name, crc, size, self.offset)
        self.write(local_header(name, crc, size, self._export.at))
        for chunk in chunks():
            self.write(chunk)
        self.files.append((entry, sha.hexdigest()))


class ExportWork:
    """`visits_most`: how many visits one export may hold; the newest ones are taken."""

    def __init__(
        self,
        exports: Exports,
        visits: ExportVisits,
        queries: VisitQueries,
        media: Media,
        clock: Clock,
        visits_most: int,
    ) -> None:
        self._exports = exports
        self._visits = visits
        self._queries = queries
        self._media = media
        self._clock = clock
        self._most = visits_most

    def run(self, budget: timedelta) -> int:
        """Expire what is old, and go on with what is asked for; stops after `budget`. How many were finished."""
        until, finished = self._clock.now() + budget, 0
        for export in sorted(self._exports.all(), key=lambda e: e.at):
            if export.expires_at <= self._clock.now():
                self._exports.remove(export)
            elif self._due(export) and self._clock.now() < until:
                finished += self._try(export, until)
        return finished

    def _due(self, export: Export) -> bool:
        free = export.lease is None or export.lease <= self._clock.now()
        return free and export.state in {ExportState.WAITING, ExportState.RUNNING}

    def _try(self, export: Export, until: datetime) -> bool:
        try:
            if export.tries >= _TRIES:
                self._exports.save(replace(export, state=ExportState.FAILED))
                return False
            export = self._save(replace(export, tries=export.tries + 1))
            return self._work(export, until)
        except LostRace:  # somebody else goes on with it, or it was removed
            self._drop_if_gone(export)
            return False
        except AtmError as failure:
            say(logging.WARNING, "export left for later", export=export.id, error=failure.code)
            return False

    def _work(self, export: Export, until: datetime) -> bool:
        if not export.listed:
            export = self._list(export)
        while export.done < export.total:
            export = self._visit(export, until)
            if self._clock.now() >= until and export.done < export.total:
                self._exports.save(replace(export, lease=None))
                return False
        self._finish(export)
        return True

    def _list(self, export: Export) -> Export:
        """Write down which visits, so that nothing that happens meanwhile moves them."""
        found: list[str] = [export.visit] if export.visit else []
        if export.question is not None:
            for facts in self._queries.all(export.question):
                found.append(facts.session)
                if len(found) >= self._most:
                    break
        for first in range(0, len(found), LIST):
            sessions: list[Json] = [*found[first : first + LIST]]
            self._exports.put_part(export.id, f"list.{first // LIST:06d}", {"sessions": sessions})
        return self._save(replace(export, listed=True, total=len(found), state=ExportState.RUNNING))

    # --- visits ---

    def _visit(self, export: Export, until: datetime) -> Export:
        """The rest of the visit under way, in as many blocks as it takes."""
        session = self._exports.sessions(export, export.done, LIST)
        folder = self._folder(export, session) if session else ""
        buffer, changed = _Buffer(), set(export.changed)
        for file in self._visits.files(session) if session else ():
            if file.name <= export.after:
                continue
            data = file.read(tuple(changed))
            if data is None:
                continue
            if file.changed(data):
                changed.add(file.name)
            self._add(buffer, export, f"{folder}{file.name}", data)
            if len(buffer.data) >= BLOCK:
                export = self._flush(replace(export, after=file.name, changed=tuple(sorted(changed))), buffer)
                buffer = _Buffer()
                if self._clock.now() >= until:
                    return export
        return self._flush(replace(export, after="", changed=(), done=export.done + 1), buffer)

    def _folder(self, export: Export, session: str) -> str:
        if export.visit:
            return ""
        facts = self._visits.facts(session)
        return f"{facts.reference if facts else 'visit'}_{session.rpartition('_')[2]}/"

    def _add(self, buffer: _Buffer, export: Export, name: str, data: bytes) -> None:
        crc = checksum(data)
        entry: list[Json] = [name, crc, len(data), export.offset + len(buffer.data), hashlib.sha256(data).hexdigest()]
        buffer.data += local_header(name, crc, len(data), export.at) + data
        buffer.entries.append(entry)

    def _flush(self, export: Export, buffer: _Buffer) -> Export:
        if not buffer.data:
            return self._save(export)
        self._media.stage(CONTAINER, export.blob, export.block, bytes(buffer.data))
        body: Body = {"entries": buffer.entries}
        self._exports.put_part(export.id, f"part.{export.block:06d}", body)
        return self._save(
            replace(
                export,
                block=export.block + 1,
                offset=export.offset + len(buffer.data),
                files=export.files + len(buffer.entries),
                tries=0,
            )
        )

    # --- the end ---

    def _finish(self, export: Export) -> None:
        """The list of visits, the manifest and the directory; then the blob is made of its blocks. Repeatable."""
        tail = _Tail(self._media, export)
        if not export.visit:
            report = self._report(export)
            tail.file(_REPORT, lambda: [report])
        tail.file(_MANIFEST, lambda: self._manifest(export, tail))
        begins, size = tail.offset, 0
        for entry, _ in self._files(export, tail):
            record = central_record(entry, export.at)
            size += len(record)
            tail.write(record)
        tail.write(end_of_directory(export.files + len(tail.files), size, begins))
        tail.flush()
        info = self._media.commit(CONTAINER, export.blob, tail.block, content_type=TYPE)
        digest = hashlib.sha256()
        for offset in range(0, info.size, BLOCK):
            digest.update(self._media.read(CONTAINER, export.blob, offset, BLOCK))
        done = replace(export, state=ExportState.DONE, size=info.size, sha256=digest.hexdigest(), lease=None)
        self._exports.save(done)

    def _drop_if_gone(self, export: Export) -> None:
        """It was removed while it was written: an erasure must not be outlived by a file, nor by blocks of one."""
        try:
            self._exports.get(export.id)
        except NotFound:
            self._exports.clear(export)

    def _manifest(self, export: Export, tail: _Tail) -> Iterator[bytes]:
        """In the form of `sha256sum --check`."""
        for entry, sha in self._files(export, tail):
            yield f"{sha}  {entry.name}\n".encode()

    def _files(self, export: Export, tail: _Tail) -> Iterator[tuple[ZipEntry, str]]:
        """All files so far, in the order of the archive. A block that was described and never counted is left out."""
        for part in self._exports.parts(export.id, "part."):
            if int(part.id.rpartition(".")[2]) < export.block:
                yield from map(_row, _rows(part.body["entries"]))
        yield from list(tail.files)

    def _report(self, export: Export) -> bytes:
        visits: list[tuple[str, tuple[str, ...]]] = []
        for number in range(export.total):
            session = self._exports.sessions(export, number, LIST)
            facts = self._visits.facts(session) if session else None
            if facts is not None and session:
                cells = (facts.reference, facts.kiosk, stamp(facts.at), str(facts.outcome), facts.reason or "")
                visits.append((f"{self._folder(export, session)}{_REPORT}", cells))
        about = {"Export": export.id, "Asked for by": export.by, "At (UTC)": stamp(export.at), "Reason": export.reason}
        return list_page("Visits", about | ({"Case": export.case} if export.case else {}), visits).encode()

    def _save(self, export: Export) -> Export:
        return self._exports.save(replace(export, lease=self._clock.now() + _LEASE))


def _rows(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _row(value: Json) -> tuple[ZipEntry, str]:
    """As `_add` wrote it."""
    name, crc, size, offset, sha = value if isinstance(value, list) else []
    numbers = [n if isinstance(n, int) else 0 for n in (crc, size, offset)]
    return ZipEntry(str(name), *numbers), str(sha)
