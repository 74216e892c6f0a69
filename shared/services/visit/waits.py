"""Waiting after failures: a little everywhere, longer and longer at the kiosk where they happen.

So an attacker at one machine is slowed to one try an hour, and the person themselves elsewhere to half a minute.
"""

from datetime import timedelta

from shared.containers import LIMITS
from shared.domain.errors import AlreadyExists, LostRace
from shared.domain.stamp import from_stamp, stamp
from shared.ports import Body, Clock, Documents, Json

EVERYWHERE = timedelta(seconds=30)  # DESIGN's rule; SP 800-63B-4 §3.2.3 asks for at least this after biometric failures
LONGEST = timedelta(hours=1)
_KEPT = timedelta(days=1)


class Waits:
    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    def begin(self, person: str, kiosk: str) -> None:
        """One more failure that is to be waited for."""
        while True:
            document = self._documents.get(LIMITS, place(person), place(person))
            body = self._with(document.body if document else {}, kiosk)
            life = int(_KEPT.total_seconds())
            try:
                if document is None:
                    self._documents.create(LIMITS, place(person), place(person), body, ttl=life)
                else:
                    self._documents.replace(LIMITS, place(person), place(person), body, document.etag, ttl=life)
            except (AlreadyExists, LostRace):
                continue
            return

    def holds(self, person: str, kiosk: str) -> bool:
        """Whether the person has to wait, here and now."""
        document = self._documents.get(LIMITS, place(person), place(person))
        if document is None:
            return False
        now = self._clock.now()
        if now - from_stamp(str(document.body["at"])) < EVERYWHERE:
            return True
        count, at = _here(document.body, kiosk)
        return count > 0 and now - from_stamp(at) < min(LONGEST, EVERYWHERE * 2 ** min(count - 1, 10))

    def end(self, person: str) -> None:
        self._documents.delete(LIMITS, place(person), place(person))

    def _with(self, body: Body, kiosk: str) -> Body:
        now = stamp(self._clock.now())
        kiosks = body.get("kiosks")
        others: dict[str, Json] = kiosks if isinstance(kiosks, dict) else {}
        count, _ = _here(body, kiosk)
        return {"at": now, "kiosks": {**others, kiosk: {"count": count + 1, "at": now}}}


def place(person: str) -> str:
    return f"wait.{person}"


def _here(body: Body, kiosk: str) -> tuple[int, str]:
    """Failures at a kiosk, and the last one's stamp."""
    kiosks = body.get("kiosks")
    entry = kiosks.get(kiosk) if isinstance(kiosks, dict) else None
    count = entry.get("count") if isinstance(entry, dict) else None
    return (count, str(entry["at"])) if isinstance(entry, dict) and isinstance(count, int) else (0, "")
