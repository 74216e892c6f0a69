"""What the provider reports of a message after it took it: the page shows within its next poll what became of it.

Reports come late, twice and out of order. A message only moves on (SMS_NEXT), a report about an earlier message of
the visit changes nothing, and nothing here ever sends again.
"""

from shared.domain.errors import NotFound
from shared.domain.events import SmsChanged
from shared.domain.pin import SMS_NEXT, SmsState
from shared.domain.session import Factor, Session
from shared.domain.transitions import Refused
from shared.ports import Clock, SmsOutcome, SmsReport
from shared.services.session.store import SessionStore
from shared.services.session.timeline import Timeline

_STATES = {
    SmsOutcome.TAKEN: SmsState.SENT,
    SmsOutcome.DELIVERED: SmsState.DELIVERED,
    SmsOutcome.FAILED: SmsState.FAILED,
}
_NOTED = {SmsState.SENT: "pin_sent", SmsState.DELIVERED: "pin_delivered", SmsState.FAILED: "pin_not_delivered"}


class Deliveries:
    def __init__(self, sessions: SessionStore, timeline: Timeline, clock: Clock) -> None:
        self._sessions = sessions
        self._timeline = timeline
        self._clock = clock

    def take(self, report: SmsReport) -> bool:
        """Whether it changed anything. A report about a visit that is gone, or about a notice, does not."""
        session_id, _, number = report.reference.rpartition(".")
        after = _STATES[report.outcome]
        try:
            _, changed = self._sessions.change(session_id, lambda s: self._event(s, number, after, report.reason))
        except (NotFound, Refused):
            return False
        if changed:
            self._timeline.add(session_id, _NOTED[after], self._clock.now(), number, why=report.reason)
        return changed

    def _event(self, session: Session, number: str, after: SmsState, why: str | None) -> SmsChanged | None:
        pin = session.pin
        if (
            pin is None
            or session.over
            or session.passed(Factor.PIN)
            or number != f"{session.pin_sends}"
            or after not in SMS_NEXT[pin.sms]
        ):
            return None
        if pin.sms in {SmsState.WAITING, SmsState.QUEUED}:  # nothing was handed over yet
            return None
        return SmsChanged(at=self._clock.now(), nonce=pin.nonce, before=pin.sms, after=after, why=why)
