"""Ending visits from outside: a kiosk was revoked, or a person suspended or erased."""

from collections.abc import Callable

from shared.domain.errors import NotFound
from shared.domain.events import Left
from shared.domain.session import Reason, Session
from shared.ports import Clock
from shared.services.session.live import LiveVisits
from shared.services.session.store import SessionStore
from shared.services.visit.aftermath import Aftermath


class CutOff:
    def __init__(self, sessions: SessionStore, live: LiveVisits, aftermath: Aftermath, clock: Clock) -> None:
        self._sessions = sessions
        self._live = live
        self._aftermath = aftermath
        self._clock = clock

    def kiosk(self, kiosk: str) -> int:
        """End every visit at a kiosk; returns how many."""
        return self._where(lambda session_id: session_id.startswith(f"{kiosk}_"), lambda s: s.kiosk == kiosk)

    def person(self, person: str) -> int:
        """End every visit that is about a person, as customer or while registering; returns how many."""
        return self._where(lambda _: True, lambda s: s.person == person)

    def _where(self, by_id: Callable[[str], bool], wanted: Callable[[Session], bool]) -> int:
        """A visit under way is one short entry, and there are no more of them than kiosks: reading all is cheap."""
        now = self._clock.now()
        ids = [i for i in self._live.begun_before(now + self._sessions.policy.visit) if by_id(i)]
        return sum(self._end(session_id, wanted) for session_id in ids)

    def _end(self, session_id: str, wanted: Callable[[Session], bool]) -> bool:
        def decide(session: Session) -> Left | None:
            if session.over or not wanted(session):
                return None
            return Left(at=self._clock.now(), reason=Reason.CUT_OFF)

        try:
            before = self._sessions.load(session_id)
            after, ended = self._sessions.change(session_id, decide, known=before)
        except NotFound:
            return False
        if ended:
            self._aftermath.of(before.session, after)
        return ended
