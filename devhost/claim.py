"""One stack a state folder: whoever runs there holds a lock that ends with its process, however that ends."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from devhost.setup.problem import SetupProblem

_NAME = "running.json"
# Windows keeps others from reading the bytes that are locked: lock one far behind the text.
_LOCKED_BYTE = 1 << 20
_TRIES, _BETWEEN_SECONDS = 10, 0.05


@dataclass(frozen=True, slots=True)
class Running:
    """What the holder says of itself."""

    process: int
    url: str


class Claim:
    """A folder's lock, held from `take` to `release`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _NAME
        self._held: BinaryIO | None = None

    def take(self) -> None:
        """Raises SetupProblem if somebody has it."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle = self._file.open("r+b" if self._file.exists() else "w+b")
        if not _lock_soon(handle):
            handle.close()
            raise SetupProblem(f"Face ATM already runs in this folder{_at(self._file.parent)}. Stop it first.")
        self._held = handle
        self.tell("")

    def tell(self, url: str) -> None:
        """Leave word of this process and its address for whoever asks."""
        if self._held is None:
            raise RuntimeError("the folder is not claimed")
        self._held.seek(0)
        self._held.truncate()
        self._held.write(json.dumps({"process": os.getpid(), "url": url}).encode())
        self._held.flush()

    def release(self) -> None:
        if self._held:
            self._held.close()
            self._held = None


def running_in(folder: Path) -> Running | None:
    """The stack that runs in a state folder, or None."""
    try:
        handle = (folder / _NAME).open("r+b")
    except OSError:
        return None
    with handle:
        if _lock(handle):
            return None
        handle.seek(0)
        try:
            said = json.loads(handle.read())
            return Running(int(said["process"]), str(said["url"]))
        except (ValueError, KeyError):
            return Running(0, "")


def _at(folder: Path) -> str:
    other = running_in(folder)
    return f" as process {other.process}{f' at {other.url}' if other.url else ''}" if other and other.process else ""


def _lock_soon(handle: BinaryIO) -> bool:
    """Take the lock; somebody who only asks whether the folder is taken holds it for a moment, too."""
    for _ in range(_TRIES):
        if _lock(handle):
            return True
        time.sleep(_BETWEEN_SECONDS)
    return False


def _lock(handle: BinaryIO) -> bool:
    """Take the lock without waiting; it goes with the handle."""
    try:
        if os.name == "nt":
            import msvcrt

            handle.seek(_LOCKED_BYTE)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
            handle.seek(0)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
