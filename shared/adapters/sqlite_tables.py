"""The SQLite file behind `SqliteDocuments`: its connections, its tables and the indexes that make queries quick.

One table a container. The body stays JSON; each field the container's queries sort by is a generated column, indexed
as (partition, field, id) for a partition's pages and as (field, id, partition) for pages across partitions.
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.adapters.document_rules import check_field
from shared.containers import Container
from shared.domain.errors import Unavailable

LIVE = "(expires IS NULL OR expires > ?)"

_HASTE = 0.1

_ALWAYS = """
CREATE TABLE IF NOT EXISTS "{t}" (
    number INTEGER PRIMARY KEY, partition TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, etag INTEGER NOT NULL,
    expires REAL, UNIQUE (partition, id));
CREATE INDEX IF NOT EXISTS "{t} by id" ON "{t}" (id, partition);
CREATE INDEX IF NOT EXISTS "{t} by expiry" ON "{t}" (expires) WHERE expires IS NOT NULL;
"""
_PER_FIELD = """
CREATE INDEX IF NOT EXISTS "{t} by partition, {f}" ON "{t}" (partition, "by_{f}", id);
CREATE INDEX IF NOT EXISTS "{t} by {f}" ON "{t}" ("by_{f}", id, partition);
"""


class SqliteFile:
    """Connections to one database file, shared by any number of threads and processes.

    Every thread at work has a connection to itself; idle ones are kept. Writers of this process take turns on a lock
    (SQLite's own waiting is by polling) and wait up to `patience` seconds for those of other processes.
    """

    def __init__(self, path: Path, patience: float, power_loss_safe: bool) -> None:
        self._path = path
        self._patience = patience
        self._synchronous = "FULL" if power_loss_safe else "NORMAL"
        self._idle: deque[sqlite3.Connection] = deque()
        self._writing = threading.Lock()
        self._known: set[Container] = set()
        self._prepared = False

    @contextmanager
    def reading(self, container: Container) -> Iterator[sqlite3.Connection]:
        if container not in self._known:
            self._prepare(container)
        with self._connection() as connection:
            yield connection

    @contextmanager
    def writing(self, container: Container) -> Iterator[sqlite3.Connection]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        if container not in self._known:
            self._prepare(container)
        with self._transaction() as connection:
            yield connection

    def sweep(self, now: float) -> None:
        """Remove expired documents, and what was removed from the log as well: reads see neither, a disk would."""
        with self._transaction() as connection:
            tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'writes'")
            for (table,) in tables.fetchall():
                connection.execute(f'DELETE FROM "{table}" WHERE expires <= ?', (now,))
        # Best effort, on a connection that does not wait long for readers of other processes.
        hasty = sqlite3.connect(self._path, timeout=_HASTE, isolation_level=None)
        try:
            hasty.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise Unavailable("documents") from error
        finally:
            hasty.close()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if not self._writing.acquire(timeout=self._patience):
            raise Unavailable("documents")
        try:
            with self._connection() as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
        finally:
            self._writing.release()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection of one's own. One that failed is not used again; SQLite's errors become Unavailable."""
        connection: sqlite3.Connection | None = None
        try:
            connection = self._borrow()
            yield connection
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, sqlite3.ProgrammingError | sqlite3.IntegrityError):
                raise  # these are mistakes of ours, not a store that is down
            if connection is not None:
                connection.close()
                connection = None
            raise Unavailable("documents") from error
        finally:
            if connection is not None:
                self._idle.append(connection)

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            pass
        if not self._prepared:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)
        connection = sqlite3.connect(
            self._path, timeout=self._patience, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        _enter_wal(connection, self._patience)
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten
        self._prepared = True
        return connection

    def _prepare(self, container: Container) -> None:
        with self._transaction() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS writes (last INTEGER NOT NULL)")
            connection.execute("INSERT INTO writes SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM writes)")
            table = check_field(container.name)
            _each(connection, _ALWAYS.format(t=table))
            present = {row[1] for row in connection.execute(f'PRAGMA table_xinfo("{table}")')}
            for name in map(check_field, container.orders):
                if f"by_{name}" not in present:
                    field = f"\"by_{name}\" AS (json_extract(body, '$.{name}')) VIRTUAL"
                    connection.execute(f'ALTER TABLE "{table}" ADD COLUMN {field}')
                _each(connection, _PER_FIELD.format(t=table, f=name))
        self._known.add(container)


def _each(connection: sqlite3.Connection, script: str) -> None:
    """Unlike `executescript` this stays inside the transaction."""
    for statement in script.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def _enter_wal(connection: sqlite3.Connection, patience: float) -> None:
    """The switch to WAL does not wait for other processes by itself (SQLite returns SQLITE_BUSY at once)."""
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return
