"""A kiosk's key that is used in two places at once: its page was copied, or its storage was.

A kiosk has one page, whose clock goes forwards and which shows one visit at a time. So there are two pages where
another address starts a visit while the first one's lives, where a start was signed clearly before an earlier one, or
where two visits of one kiosk both go on. An officer cuts the key off by revoking the kiosk.
"""

import hashlib
import hmac
import logging
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

from shared.containers import LIMITS
from shared.domain.errors import AlreadyExists, AtmError, LostRace, NotFound
from shared.domain.session import Session
from shared.domain.stamp import stamp
from shared.logs import say
from shared.ports import Body, Clock, Documents, Keys
from shared.services.attention.items import Attention, Matter
from shared.services.session.frame_log import FrameLog
from shared.services.session.live import LiveVisits
from shared.services.session.store import SessionStore

CLOCK_SLIP = timedelta(seconds=5)
"""How far a page's clock may be set back by its time service between two visits."""
GOES_ON = timedelta(seconds=10)
"""A page that starts anew leaves its last visit at once: pictures this long after the new start come from another."""
_KEPT = timedelta(hours=1)


class TwoPlaces:
    def __init__(
        self,
        documents: Documents,
        keys: Keys,
        clock: Clock,
        sessions: SessionStore,
        live: LiveVisits,
        log: FrameLog,
        attention: Attention,
    ) -> None:
        self._documents = documents
        self._keys = keys
        self._clock = clock
        self._sessions = sessions
        self._live = live
        self._log = log
        self._attention = attention

    def started(self, session: Session, address: str, time_ms: int) -> None:
        """Compare a signed start with the kiosk's last one. Never raises: the visit goes on, staff are called."""
        try:
            self._compare(session, self._stand_in(address), time_ms)
        except AtmError as failure:
            say(logging.ERROR, "start not compared", kiosk=session.kiosk, error=failure.code)

    def look(self) -> int:
        """Kiosks that have two visits going on; for a timer."""
        visits: dict[str, list[Session]] = defaultdict(list)
        for session_id in list(self._live.begun_before(self._clock.now() + self._sessions.policy.visit)):
            session = self._alive(session_id)
            if session is not None:
                visits[session.kiosk].append(session)
        found = 0
        for kiosk, sessions in visits.items():
            ordered = sorted(sessions, key=lambda s: s.created_at)
            for older, newer in pairwise(ordered):
                if self._goes_on(older, newer):
                    self._alarm(kiosk, newer.id, "two_visits")
                    found += 1
        return found

    def _compare(self, session: Session, address: str, time_ms: int) -> None:
        place = f"kiosk-start.{session.kiosk}"
        last = self._documents.get(LIMITS, place, place)
        if last is not None:
            other = str(last.body.get("session"))
            signed = last.body.get("timeMs")
            if isinstance(signed, int) and time_ms < signed - CLOCK_SLIP.total_seconds() * 1000:
                self._alarm(session.kiosk, session.id, "clock_went_back")
            elif last.body.get("address") != address and self._alive(other) is not None:
                self._alarm(session.kiosk, session.id, "other_address")
        body: Body = {"session": session.id, "timeMs": time_ms, "address": address, "at": stamp(self._clock.now())}
        life = int(_KEPT.total_seconds())
        try:
            if last is None:
                self._documents.create(LIMITS, place, place, body, ttl=life)
            else:
                self._documents.replace(LIMITS, place, place, body, last.etag, ttl=life)
        except (AlreadyExists, LostRace):
            return  # another start was noted at this very moment; the timer sees two visits

    def _goes_on(self, older: Session, newer: Session) -> bool:
        received = self._log.received(older.id)
        times = [t for t in (received.frame_at, received.input_at) if t is not None]
        return any(t > newer.created_at + GOES_ON for t in times)

    def _alive(self, session_id: str) -> Session | None:
        try:
            session = self._sessions.load(session_id).session
        except NotFound:
            return None
        return None if session.over or self._clock.now() >= session.expires_at else session

    def _alarm(self, kiosk: str, session_id: str, why: str) -> None:
        self._attention.call(Matter.KIOSK_TWO_PLACES, kiosk, kiosk=kiosk, session=session_id, why=why)

    def _stand_in(self, address: str) -> str:
        """Addresses are compared, not kept."""
        secret = self._keys.secret("kiosk-address", self._keys.current)
        return hmac.new(secret, address.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]
