"""Are recordings what was recorded? Asked for one visit by an officer, and for all of them, in turn, by a timer."""

import logging
from datetime import date, timedelta

from shared.containers import HOUSEKEEPING, VISITS
from shared.domain.errors import AlreadyExists, AtmError, LostRace
from shared.domain.visit_facts import Outcome
from shared.logs import say
from shared.ports import Clock, Document, Documents, Query
from shared.services.attention.items import Attention, Matter
from shared.services.recordings.of_visit import Check, Recordings
from shared.services.recordings.visit_index import facts_of

_STATE = "recording-check"


class RecordingCheck:
    """`days`: how far back the timer goes before it begins again. `most`: visits of one run; each is read whole."""

    def __init__(
        self,
        documents: Documents,
        recordings: Recordings,
        attention: Attention,
        clock: Clock,
        days: int,
        most: int = 20,
    ) -> None:
        self._documents = documents
        self._recordings = recordings
        self._attention = attention
        self._clock = clock
        self._days = days
        self._most = most

    def visit(self, session_id: str) -> Check:
        """Compare; what changed needs somebody's attention. Raises Unavailable."""
        check = self._recordings.verify(session_id)
        if check.changed:
            kiosk = session_id.partition("_")[0]
            self._attention.call(
                Matter.TAMPER,
                f"recordings {session_id}",
                kiosk=kiosk,
                session=session_id,
                what="recordings",
                changed=[*check.changed],
            )
        return check

    def run(self) -> int:
        """The next few visits, oldest day first, round and round; returns how many were compared."""
        state = self._documents.get(HOUSEKEEPING, _STATE, _STATE)
        day, cursor = self._place(state)
        done = 0
        for _ in range(self._days + 1):
            page = self._documents.query(
                Query(VISITS, f"day:{day}", order_by="at", limit=self._most - done, cursor=cursor)
            )
            for facts in map(facts_of, page.items):
                done += facts.outcome is not Outcome.LIVE and self._compared(facts.session)
            cursor = page.cursor
            if cursor is None:
                day = self._after(day)
            if done >= self._most or cursor is not None or day == self._first():
                break
        self._reached(state, day, cursor)
        return done

    def _compared(self, session_id: str) -> bool:
        try:
            self.visit(session_id)
        except AtmError as failure:
            say(logging.WARNING, "recordings not compared", session=session_id, error=failure.code)
            return False
        return True

    def _first(self) -> str:
        return (self._clock.now().date() - timedelta(days=self._days)).isoformat()

    def _after(self, day: str) -> str:
        following = date.fromisoformat(day) + timedelta(days=1)
        return following.isoformat() if following <= self._clock.now().date() else self._first()

    def _place(self, state: Document | None) -> tuple[str, str | None]:
        day, cursor = (state.body.get("day"), state.body.get("cursor")) if state else (None, None)
        if not isinstance(day, str) or day < self._first():
            return self._first(), None
        return day, cursor if isinstance(cursor, str) else None

    def _reached(self, state: Document | None, day: str, cursor: str | None) -> None:
        body = {"day": day, "cursor": cursor}
        try:
            if state is None:
                self._documents.create(HOUSEKEEPING, _STATE, _STATE, {**body})
            else:
                self._documents.replace(HOUSEKEEPING, _STATE, _STATE, {**body}, state.etag)
        except (AlreadyExists, LostRace):
            return  # another instance did the same
