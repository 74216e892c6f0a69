"""A process with a gallery of its own: follows the stores, and prints who it recognises whenever that changes.

Arguments: the SQLite file, the storage account's connection string. It ends when its standard input is closed.
"""

import sys
import threading
from datetime import timedelta
from pathlib import Path

from shared.engines.gallery import MatrixGallery  # first: it settles numpy's threads

import numpy as np  # isort: skip

from shared.adapters.azure_media import AzureMedia
from shared.adapters.cursors import Cursors
from shared.adapters.keyring import Keyring
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.adapters.system import SystemClock, SystemRandomness
from shared.ports import Documents, Media
from shared.services.gallery.feed import GalleryFeed
from shared.services.gallery.log import GalleryLog
from shared.services.gallery.snapshot import SnapshotRule, Snapshots
from shared.services.gallery.source import GallerySource
from shared.services.people.registry import People
from shared.services.people.templates import Templates

MODEL = "synthetic-1"
RULE = SnapshotRule(entries=1, age=timedelta(minutes=15))


def face(number: int) -> bytes:
    """The one template of a person, a unit vector."""
    drawn = np.random.default_rng(number).standard_normal(128)
    vector: bytes = (drawn / np.linalg.norm(drawn)).astype("<f4").tobytes()
    return vector


class Instance:
    """The services around a gallery, as one process has them."""

    def __init__(self, file: Path, connection: str) -> None:
        keys = Keyring({"k1": bytes(32)}, "tests")
        clock, randomness = SystemClock(), SystemRandomness()
        self.documents: Documents = SqliteDocuments(file, clock, Cursors(keys))
        self.media: Media = AzureMedia.with_connection_string(connection)
        self.people = People(self.documents, keys, clock, randomness)
        self.templates = Templates(self.documents, keys, randomness)
        self.log = GalleryLog(self.documents, clock)
        self.source = GallerySource(self.documents, self.people, self.templates)
        self.snapshots = Snapshots(self.documents, self.media, keys, clock, randomness, self.log, self.source, RULE)
        self.feed = GalleryFeed(self.log, self.source, self.snapshots, clock)
        self.gallery = MatrixGallery(MODEL)
        self.clock = clock

    def recognised(self) -> list[str]:
        """Whom it knows by their face, not only by name."""
        self.feed.refresh(self.gallery)
        return sorted(p for p in self.gallery.names() if self.gallery.match(face(int(p[1:])))[0].person == p)


def main(file: str, connection: str) -> None:
    instance, told, ended = Instance(Path(file), connection), None, threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    while not ended.wait(0.05):
        known = " ".join(instance.recognised())
        if known != told:
            sys.stdout.write(f"{known}\n")
            sys.stdout.flush()
            told = known


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
