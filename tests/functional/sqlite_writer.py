"""A process that writes to a SQLite store and says so: run by the tests that kill it, or several of it at once.

Arguments: the file, the writer's name, how many documents (0: without end). Prints each acknowledged number.
"""

import sys
from contextlib import suppress
from itertools import count
from pathlib import Path

from shared.adapters.cursors import Cursors
from shared.adapters.keyring import Keyring
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.adapters.system import SystemClock
from shared.containers import Container
from shared.domain.errors import AlreadyExists

THINGS = Container("things", "group", ("at", "rank"))


def main(file: str, name: str, most: int) -> None:
    documents = SqliteDocuments(Path(file), SystemClock(), Cursors(Keyring({"k1": bytes(32)}, "tests")))
    for number in count(1):
        documents.create(THINGS, name, f"{number}", {"at": f"{number:09d}", "filling": "x" * (number % 5000)})
        documents.increment(THINGS, "shared", "counter", "n")
        with suppress(AlreadyExists):
            documents.create(THINGS, "race", f"{number}", {"winner": name})
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        if number == most:
            return


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
