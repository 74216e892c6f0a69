"""Once a minute: visits that nobody polls any more are brought to their end."""

import logging
from datetime import timedelta

from shared.domain.errors import AtmError, NotFound
from shared.logs import say
from shared.ports import Clock
from shared.services.recordings.visit_index import VisitIndex
from shared.services.session.live import LiveVisits
from shared.services.visit.watch import Watch

_POLLED = timedelta(seconds=45)
"""A visit younger than this is its own page's business."""


class Sweep:
    def __init__(self, live: LiveVisits, watch: Watch, visits: VisitIndex, clock: Clock) -> None:
        self._visits = visits
        self._live = live
        self._watch = watch
        self._clock = clock

    def run(self) -> int:
        """How many visits are over now that were not marked so."""
        ended = 0
        for session_id in list(self._live.begun_before(self._clock.now() - _POLLED)):
            try:
                session = self._watch.tick(session_id)
                over = session.over and self._visits.keep(session)
            except NotFound:
                over = True
            except AtmError as failure:
                say(logging.WARNING, "sweep left a visit", session=session_id, error=failure.code)
                continue
            if over:
                self._live.over(session_id)
                ended += 1
        return ended
