"""`Documents` in one SQLite file: the embedded default. Durable, several processes at once, no server."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from shared.adapters.cursors import Cursors
from shared.adapters.document_rules import (
    binding,
    check_counter,
    check_counting,
    check_key,
    check_query,
    encode,
)
from shared.adapters.sqlite_queries import number_of, page
from shared.adapters.sqlite_tables import LIVE, SqliteFile
from shared.containers import ALL, Container
from shared.domain.errors import AlreadyExists, LimitReached, LostRace, Unavailable
from shared.ports import Body, Clock, Document, Json, Page, Query

_SWEEP_SECONDS = 60


class SqliteDocuments:
    """`patience` is how long a write waits for other processes, in seconds, before it raises Unavailable.

    An acknowledged write survives the death of its process. With `power_loss_safe` it also waits for the disk (WAL with
    synchronous=FULL: about 0.5 ms on an idle SSD, many times that on a busy disk); without it a power failure may take
    back the last writes, all of them or none of each.
    """

    def __init__(
        self, path: Path, clock: Clock, cursors: Cursors, *, patience: float = 5.0, power_loss_safe: bool = False
    ) -> None:
        self._file = SqliteFile(path, patience, power_loss_safe)
        self._clock = clock
        self._cursors = cursors
        self._next_sweep = 0.0

    def get(self, container: Container, partition: str, id: str) -> Document | None:
        check_key(partition, id)
        with self._file.reading(container) as connection:
            row = _row(connection, container, partition, id, self._now())
        return None if row is None else Document(partition, id, json.loads(row[0]), str(row[1]))

    def create(self, container: Container, partition: str, id: str, body: Body, *, ttl: int | None = None) -> Document:
        check_key(partition, id)
        text = encode(container, body).decode()
        with self._writing(container) as connection:
            etag = self._insert(connection, container, partition, id, text, ttl)
        return Document(partition, id, body, str(etag))

    def replace(
        self, container: Container, partition: str, id: str, body: Body, etag: str, *, ttl: int | None = None
    ) -> Document:
        check_key(partition, id)
        text = encode(container, body).decode()
        with self._writing(container) as connection:
            now = self._now()
            new = _next_etag(connection)
            changed = connection.execute(
                f'UPDATE "{container.name}" SET body = ?, etag = ?, expires = ?'
                f" WHERE partition = ? AND id = ? AND etag = ? AND {LIVE}",
                (text, new, _expiry(now, ttl), partition, id, _number(etag), now),
            )
            if changed.rowcount == 0:
                raise LostRace(f"{container.name} document changed or gone")
        return Document(partition, id, body, str(new))

    def delete(self, container: Container, partition: str, id: str, etag: str | None = None) -> bool:
        check_key(partition, id)
        with self._writing(container) as connection:
            row = _row(connection, container, partition, id, self._now())
            if row is not None and etag is not None and row[1] != _number(etag):
                raise LostRace(f"{container.name} document changed")
            connection.execute(f'DELETE FROM "{container.name}" WHERE partition = ? AND id = ?', (partition, id))
        return row is not None

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
        with self._writing(container) as connection:
            now = self._now()
            row = _row(connection, container, partition, id, now)
            body: Body = {} if row is None else json.loads(row[0])
            total = check_counter(body.get(field, 0)) + by
            if at_most is not None and total > at_most:
                raise LimitReached(field, None if row is None or row[2] is None else max(0.0, row[2] - now))
            text = encode(container, {**body, **(also or {}), field: total}).decode()
            if row is None:
                self._insert(connection, container, partition, id, text, ttl)
            else:
                connection.execute(
                    f'UPDATE "{container.name}" SET body = ?, etag = ? WHERE partition = ? AND id = ?',
                    (text, _next_etag(connection), partition, id),
                )
        return total

    def query(self, query: Query) -> Page:
        check_query(query)
        place = self._cursors.open(query.cursor, binding(query)) if query.cursor is not None else None
        with self._file.reading(query.container) as connection:
            rows = connection.execute(*page(query, self._now(), place)).fetchall()
        items = tuple(Document(row[0], row[1], json.loads(row[2]), str(row[3])) for row in rows[: query.limit])
        if len(rows) <= query.limit:
            return Page(items, None)
        return Page(items, self._cursors.seal(rows[query.limit - 1][4:], binding(query)))

    def count(self, query: Query) -> int:
        check_query(query)
        with self._file.reading(query.container) as connection:
            return int(connection.execute(*number_of(query, self._now())).fetchone()[0])

    def check(self) -> None:
        with self._writing(ALL[0]) as connection:
            _next_etag(connection)

    def close(self) -> None:
        self._file.close()

    @contextmanager
    def _writing(self, container: Container) -> Iterator[sqlite3.Connection]:
        """A transaction; now and then the write that closes it also takes away what has expired everywhere."""
        with self._file.writing(container) as connection:
            yield connection
        now = self._now()
        if now >= self._next_sweep:
            self._next_sweep = now + _SWEEP_SECONDS
            with suppress(Unavailable):  # the write itself is done
                self._file.sweep(now)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _insert(
        self, connection: sqlite3.Connection, container: Container, partition: str, id: str, text: str, ttl: int | None
    ) -> int:
        now = self._now()
        etag = _next_etag(connection)
        inserted = connection.execute(
            f'INSERT INTO "{container.name}" (partition, id, body, etag, expires) VALUES (?, ?, ?, ?, ?)'
            " ON CONFLICT (partition, id) DO UPDATE SET body = excluded.body, etag = excluded.etag,"
            " expires = excluded.expires WHERE expires <= ?",
            (partition, id, text, etag, _expiry(now, ttl), now),
        )
        if inserted.rowcount == 0:
            raise AlreadyExists(f"{container.name} document exists")
        return etag


def _row(
    connection: sqlite3.Connection, container: Container, partition: str, id: str, now: float
) -> tuple[str, int, float | None] | None:
    """Body, ETag and expiry of a live document."""
    found: tuple[str, int, float | None] | None = connection.execute(
        f'SELECT body, etag, expires FROM "{container.name}" WHERE partition = ? AND id = ? AND {LIVE}',
        (partition, id, now),
    ).fetchone()
    return found


def _next_etag(connection: sqlite3.Connection) -> int:
    """One counter for the whole file: an ETag never comes back, not even after a deletion."""
    return int(connection.execute("UPDATE writes SET last = last + 1 RETURNING last").fetchone()[0])


def _number(etag: str) -> int:
    return int(etag) if etag.isdecimal() and len(etag) < 19 else -1


def _expiry(now: float, ttl: int | None) -> float | None:
    return None if ttl is None else now + ttl
