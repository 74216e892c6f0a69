"""A process whose disk is full after a while: run by the test. Arguments: the file, how many bytes there is room for.

Says `N` for each acknowledged document, then `full` when a write was refused in the named way, then `room` once space
was made and a write worked again.
"""

import resource
import signal
import sys
from pathlib import Path

from shared.adapters.cursors import Cursors
from shared.adapters.keyring import Keyring
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.adapters.system import SystemClock
from shared.domain.errors import Unavailable
from tests.functional.sqlite_writer import THINGS


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(file: str, room: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails then, as on a full disk, and nobody is killed
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, most))
    documents = SqliteDocuments(Path(file), SystemClock(), Cursors(Keyring({"k1": bytes(32)}, "tests")))
    for number in range(100_000):
        try:
            documents.create(THINGS, "full", f"{number}", {"at": f"{number:09d}", "filling": "x" * 3000})
        except Unavailable:
            break
        say(number)
    say("full")
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    documents.create(THINGS, "full", "afterwards", {"at": "9"})
    say("room")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
