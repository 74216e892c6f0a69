"""How far local Event Grid has come, in a small file that survives a kill at any moment.

The file says: everything written before `since` has been delivered. It moves on seconds behind the deliveries, so
that what Azurite may lose when it is killed (it saves every five seconds) lies after it.
"""

import json
import os
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

# A delivered event counts only after Azurite, which saves every 5 s, has surely stored the host's queue message.
SETTLING = timedelta(seconds=12)
# Azurite dates a blob by the start of its upload: look back this far, to find one that took long.
LOOK_BACK = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Position:
    """`since` is the moment up to which all is delivered; `clean`: the last process delivered everything."""

    since: datetime
    clean: bool


class Cursor:
    """Tracks events from their write to well after their delivery."""

    def __init__(self, file: Path, since: datetime) -> None:
        self._file = file
        self._since = since
        self._open: dict[Hashable, datetime] = {}  # undelivered: when each was written
        self._settling: list[tuple[datetime, datetime]] = []  # delivered at, written at
        self._last_event = since
        self._saved: Position | None = None

    def opened(self, event: Hashable, written: datetime) -> None:
        self._open[event] = written
        self._last_event = max(self._last_event, written)

    def delivered(self, event: Hashable, now: datetime) -> None:
        written = self._open.pop(event, None)
        if written is not None:
            self._settling.append((now, written))

    @property
    def undelivered(self) -> int:
        return len(self._open)

    def position(self, now: datetime) -> Position:
        """Where it stands now: before everything that is open or settling."""
        self._settling = [(at, written) for at, written in self._settling if now - at < SETTLING]
        waiting = [*self._open.values(), *(written for _, written in self._settling)]
        self._since = max(self._since, min([now, *waiting]))
        return Position(self._since, clean=False)

    def save(self, now: datetime) -> None:
        """Keep the position; nothing is written while nothing has happened for long."""
        position = self.position(now)
        moved_past_everything = self._saved is not None and self._saved.since > self._last_event + LOOK_BACK
        if not moved_past_everything:
            self._write(position)

    def close(self, now: datetime) -> None:
        """After Azurite has closed and saved: with nothing undelivered, the next start has nothing to look for."""
        if self._open:
            self.save(now)
        else:
            self._write(Position(now, clean=True))

    def _write(self, position: Position) -> None:
        fresh = self._file.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as out:
            json.dump({"since": position.since.isoformat(), "clean": position.clean}, out)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self._file)
        self._saved = position


def read_position(file: Path) -> Position | None:
    """None before the first run: what exists then never fires, as with a new subscription in Azure."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        return Position(datetime.fromisoformat(stored["since"]), stored["clean"] is True)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return Position(datetime.fromtimestamp(0, UTC), clean=False)  # unreadable: rather everything again than a gap
