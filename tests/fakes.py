"""The ports in memory, for unit tests: no network, no disk, no clock. Each keeps the rules its port states.

All may be used by many threads. `down = True` makes a store raise Unavailable, as one that does not answer.
"""

import copy
import itertools
import json
import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from shared.adapters.blob_rules import check_metadata, check_name, check_tags
from shared.adapters.cursors import Cursors, Place
from shared.adapters.document_rules import binding, check_counter, check_counting, check_key, check_query, encode
from shared.adapters.keyring import Keyring
from shared.containers import Container
from shared.domain.errors import AlreadyExists, BadRequest, LimitReached, LostRace, NotFound, Unavailable
from shared.ports import Body, Clock, Document, Json, MediaInfo, Page, PoisonMessage, Query

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def fake_keys(*ids: str, issuer: str = "face-atm") -> Keyring:
    """The real keyring, with known secrets; the first id is the current key (`k1` when none is given)."""
    return Keyring({key: key.encode().ljust(32, b"*") for key in ids or ("k1",)}, issuer)


class FakeClock:
    """Stands still until it is told otherwise."""

    def __init__(self, at: datetime = NOON) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at

    def advance(self, seconds: float) -> datetime:
        self._at += timedelta(seconds=seconds)
        return self._at


class FakeRandomness:
    """The same bytes in every run with the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def bytes(self, count: int) -> bytes:
        with self._lock:
            return self._random.randbytes(count)


@dataclass(frozen=True, slots=True)
class Message:
    to: str
    text: str
    reference: str


class FakeSms:
    """Keeps what was sent. `failure` (SmsRefused, SmsUnknown, Unavailable) is raised instead; nothing is kept then."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.failure: Exception | None = None

    def send(self, to: str, text: str, reference: str) -> str:
        if self.failure is not None:
            raise self.failure
        self.sent.append(Message(to, text, reference))
        return f"SM{len(self.sent):032x}"


class _Kept(NamedTuple):
    """A stored document. `read` never leaves the store, so nobody changes it; callers get what `text` says."""

    text: str
    read: Document
    expires: float | None

    def copy(self) -> Document:
        return replace(self.read, body=json.loads(self.text))


class FakeDocuments:
    """`Documents`, with ETags that never come back, lifetimes by the clock, and sealed cursors."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.down = False
        self.writes = 0
        self._clock = clock or FakeClock()
        self._kept: dict[str, dict[tuple[str, str], _Kept]] = {}
        self._cursors = Cursors(fake_keys())
        self._gates: dict[str, list[threading.Barrier]] = {}
        self._lock = threading.RLock()

    def get(self, container: Container, partition: str, id: str) -> Document | None:
        check_key(partition, id)
        with self._store():
            kept = self._live(container, partition, id)
            gates = self._gates.get(container.name)
            gate = gates.pop() if gates else None
        if gate is not None:
            gate.wait(timeout=30)
        return kept and kept.copy()

    def create(self, container: Container, partition: str, id: str, body: Body, *, ttl: int | None = None) -> Document:
        check_key(partition, id)
        text = encode(container, body).decode()
        with self._store():
            if self._live(container, partition, id) is not None:
                raise AlreadyExists(f"{container.name} document exists")
            return self._write(container, partition, id, text, self._expiry(ttl))

    def replace(
        self, container: Container, partition: str, id: str, body: Body, etag: str, *, ttl: int | None = None
    ) -> Document:
        check_key(partition, id)
        text = encode(container, body).decode()
        with self._store():
            kept = self._live(container, partition, id)
            if kept is None or kept.read.etag != etag:
                raise LostRace(f"{container.name} document changed or gone")
            return self._write(container, partition, id, text, self._expiry(ttl))

    def delete(self, container: Container, partition: str, id: str, etag: str | None = None) -> bool:
        check_key(partition, id)
        with self._store():
            kept = self._live(container, partition, id)
            if kept is not None and etag is not None and kept.read.etag != etag:
                raise LostRace(f"{container.name} document changed")
            self._kept.get(container.name, {}).pop((partition, id), None)
            return kept is not None

    def increment(
        self,
        container: Container,
        partition: str,
        id: str,
        field: str,
        *,
        by: int = 1,
        at_most: int | None = None,
        also: Mapping[str, Json] | None = None,
        ttl: int | None = None,
    ) -> int:
        check_key(partition, id)
        check_counting(container, field, also or {})
        with self._store():
            kept = self._live(container, partition, id)
            body: Body = json.loads(kept.text) if kept else {}
            expires = kept.expires if kept else self._expiry(ttl)
            total = check_counter(body.get(field, 0)) + by
            if at_most is not None and total > at_most:
                raise LimitReached(field, expires - self._now() if kept and expires is not None else None)
            text = encode(container, {**body, **(also or {}), field: total}).decode()
            self._write(container, partition, id, text, expires)
            return total

    def query(self, query: Query) -> Page:
        check_query(query)
        bound = binding(query)
        after = self._cursors.open(query.cursor, bound) if query.cursor is not None else None
        with self._store():
            found = [k for k in self._found(query) if after is None or _beyond(query, _place(query, k.read), after)]
        page = found[: query.limit]
        cursor = self._cursors.seal(_place(query, page[-1].read), bound) if len(found) > len(page) else None
        return Page(tuple(kept.copy() for kept in page), cursor)

    def count(self, query: Query) -> int:
        check_query(query)
        with self._store():
            return len(self._found(query))

    def check(self) -> None:
        with self._store():
            return

    def under(self, keys: Keyring) -> "FakeDocuments":
        """The same documents for somebody with other keys: cursors of one do not open for the other."""
        other = copy.copy(self)
        other._cursors = Cursors(keys)
        return other

    def gather(self, container: Container, readers: int) -> None:
        """Start a race: the next `readers` reads of this container wait until all have read, before any goes on."""
        self._gates[container.name] = [threading.Barrier(readers)] * readers

    def texts(self) -> list[str]:
        """Every body as it is stored, to search it for what must not be there."""
        return [kept.text for container in self._kept.values() for kept in container.values()]

    def _store(self) -> threading.RLock:
        if self.down:
            raise Unavailable("documents")
        return self._lock

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _expiry(self, ttl: int | None) -> float | None:
        return None if ttl is None else self._now() + ttl

    def _live(self, container: Container, partition: str, id: str) -> _Kept | None:
        kept = self._kept.get(container.name, {}).get((partition, id))
        return kept if kept and self._lives(kept) else None

    def _lives(self, kept: _Kept) -> bool:
        return kept.expires is None or kept.expires > self._now()

    def _write(self, container: Container, partition: str, id: str, text: str, expires: float | None) -> Document:
        self.writes += 1
        kept = _Kept(text, Document(partition, id, json.loads(text), str(self.writes)), expires)
        self._kept.setdefault(container.name, {})[partition, id] = kept
        return kept.copy()

    def _found(self, query: Query) -> list[_Kept]:
        kept = self._kept.get(query.container.name, {}).values()
        found = [k for k in kept if query.partition in (None, k.read.partition) and _matches(query, k.read)]
        return sorted(filter(self._lives, found), key=lambda k: _place(query, k.read), reverse=query.descending)


def _field(query: Query, document: Document, name: str) -> Json:
    if name == "id":
        return document.id
    return document.partition if name == query.container.partition_key else document.body.get(name)


def _matches(query: Query, document: Document) -> bool:
    for name, wanted in query.where.items():
        value = _field(query, document, name)
        if value != wanted or isinstance(value, bool) is not isinstance(wanted, bool):
            return False
    for bound, is_low in ((query.range.low, True), (query.range.high, False)) if query.range else ():
        value = _field(query, document, query.range.field) if query.range else None
        if bound is not None and not _within(value, bound, is_low):
            return False
    return _field(query, document, query.order_by) is not None


def _within(value: Json, bound: str | float, is_low: bool) -> bool:
    if isinstance(value, str) and isinstance(bound, str):
        return value >= bound if is_low else value < bound
    if isinstance(value, int | float) and isinstance(bound, int | float):
        return value >= bound if is_low else value < bound
    return False


def _place(query: Query, document: Document) -> Place:
    first = _field(query, document, query.order_by)
    if not isinstance(first, int | float | str):
        raise TypeError("documents are ordered by text or numbers")
    return (first, document.id, document.partition)


def _beyond(query: Query, place: Place, after: Place) -> bool:
    return place < after if query.descending else place > after


class FakePoisonQueues:
    """Messages that no handler could deal with. `down` makes it raise Unavailable."""

    def __init__(self) -> None:
        self.down = False
        self.messages: list[PoisonMessage] = []

    def waiting(self) -> tuple[PoisonMessage, ...]:
        if self.down:
            raise Unavailable("storage")
        return tuple(self.messages)

    def discard(self, sessions: frozenset[str]) -> int:
        kept = [message for message in self.messages if message.session not in sessions]
        removed, self.messages = len(self.messages) - len(kept), kept
        return removed


_CONDITION = re.compile(r"\s*\"([^\"]+)\"\s*=\s*'([^']*)'\s*(?:AND|$)")


class FakeMedia:
    """`Media`: blobs with metadata and tags. `find` understands equalities joined by AND."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.down = False
        self._clock = clock or FakeClock()
        self._blobs: dict[tuple[str, str], tuple[bytes, MediaInfo]] = {}
        self.staged: dict[tuple[str, str, int], bytes] = {}
        self._etags = itertools.count(1)
        self._lock = threading.RLock()

    def put(
        self,
        container: str,
        name: str,
        data: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        etag: str | None = None,
    ) -> MediaInfo:
        check_name(container, name)
        kept, index = check_metadata(metadata or {}), check_tags(tags or {})
        with self._store():
            old = self._blobs.get((container, name))
            if etag is None and old is not None:
                raise AlreadyExists("the blob exists")
            if etag is not None and (old is None or old[1].etag != etag):
                raise LostRace("the blob changed or is gone")
            created = self._clock.now().replace(microsecond=0)
            info = MediaInfo(name, len(data), f"0x{next(self._etags):X}", content_type, created, kept, index)
            self._blobs[container, name] = (data, info)
            return replace(info, tags=None)

    def read(self, container: str, name: str, offset: int = 0, length: int | None = None) -> bytes:
        if offset < 0 or (length is not None and length < 1):
            raise BadRequest("bad_range")
        data, _ = self._require(container, name)
        if offset and offset >= len(data):
            raise BadRequest("bad_range")
        return data[offset : None if length is None else offset + length]

    def info(self, container: str, name: str) -> MediaInfo | None:
        check_name(container, name)
        with self._store():
            kept = self._blobs.get((container, name))
        return kept and replace(kept[1], tags=None)

    def list(self, container: str, prefix: str = "") -> Iterator[MediaInfo]:
        with self._store():
            found = [i for (c, n), (_, i) in self._blobs.items() if c == container and n.startswith(prefix)]
        yield from sorted(found, key=lambda info: info.name)

    def tags(self, container: str, name: str) -> dict[str, str]:
        return dict(self._require(container, name)[1].tags or {})

    def set_tags(self, container: str, name: str, tags: Mapping[str, str]) -> None:
        check_name(container, name)
        index = check_tags(tags)
        with self._store():
            data, info = self._require(container, name)
            self._blobs[container, name] = (data, replace(info, tags=index))

    def find(self, container: str, expression: str) -> Iterator[str]:
        wanted = dict(_CONDITION.findall(expression))
        if not wanted or _CONDITION.sub("", expression).strip():
            raise BadRequest("bad_expression")
        for info in self.list(container):
            if wanted.items() <= dict(info.tags or {}).items():
                yield info.name

    def delete(self, container: str, name: str) -> bool:
        check_name(container, name)
        with self._store():
            return self._blobs.pop((container, name), None) is not None

    def stage(self, container: str, name: str, block: int, data: bytes) -> None:
        check_name(container, name)
        with self._store():
            self.staged[container, name, block] = data

    def commit(self, container: str, name: str, blocks: int, *, content_type: str) -> MediaInfo:
        check_name(container, name)
        with self._store():
            old, parts = self._blobs.get((container, name)), []
            for block in range(blocks):
                if (container, name, block) not in self.staged:
                    raise NotFound("a block is missing")
                parts.append(self.staged[container, name, block])
            mine = {place for place in self.staged if place[:2] == (container, name) and place[2] >= blocks}
            self.staged = {place: data for place, data in self.staged.items() if place not in mine}
            data = b"".join(parts)
            created = old[1].created if old else self._clock.now().replace(microsecond=0)
            info = MediaInfo(name, len(data), f"0x{next(self._etags):X}", content_type, created, {}, {})
            self._blobs[container, name] = (data, info)
            return replace(info, tags=None)

    def check(self) -> None:
        with self._store():
            return

    def _store(self) -> threading.RLock:
        if self.down:
            raise Unavailable("media")
        return self._lock

    def _require(self, container: str, name: str) -> tuple[bytes, MediaInfo]:
        check_name(container, name)
        with self._store():
            kept = self._blobs.get((container, name))
        if kept is None:
            raise NotFound("no such blob")
        return kept


class AtOnce:
    """Turns without hands: whoever asks does the work."""

    def take(self, _name: str, work: Callable[[], None], look: Callable[[], int] | None = None) -> Future[None]:
        done: Future[None] = Future()
        try:
            if look is not None:
                look()
            work()
        except Exception as failure:
            done.set_exception(failure)
        else:
            done.set_result(None)
        return done
