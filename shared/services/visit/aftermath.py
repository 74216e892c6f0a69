"""What follows a transition: the timeline, the message, the person's standing. Each can be repeated harmlessly."""

from shared.domain.session import Assurance, Factor, Reason, Session, State
from shared.services.attention.items import Attention, Matter
from shared.services.gallery.strangers import Strangers
from shared.services.messages.notices import Notices
from shared.services.messages.pin import Messages
from shared.services.recordings.visit_index import VisitIndex
from shared.services.session.live import LiveVisits
from shared.services.session.timeline import Timeline
from shared.services.visit.measures import measure
from shared.services.visit.standing import Standing

_STATE_EVENTS = {
    State.UNKNOWN: "face_unknown",
    State.AMBIGUOUS: "face_ambiguous",
    State.CHALLENGE: "challenge_issued",
    State.CLAIMING: "claimed",
    State.ENROLLING: "enrolment_started",
    State.ASSISTANCE: "assistance_called",
    State.VOICE: "pin_accepted",
    State.GRANTED: "granted",
    State.HANDED_OFF: "handed_off",
    State.DENIED: "denied",
    State.ENDED: "ended",
}


class Aftermath:
    def __init__(
        self,
        timeline: Timeline,
        messages: Messages,
        standing: Standing,
        live: LiveVisits,
        visits: VisitIndex,
        attention: Attention,
        notices: Notices,
        strangers: Strangers,
    ) -> None:
        self._strangers = strangers
        self._notices = notices
        self._visits = visits
        self._timeline = timeline
        self._live = live
        self._messages = messages
        self._standing = standing
        self._attention = attention

    def of(self, before: Session, after: Session) -> Session:
        """Do what the step from `before` to `after` calls for; returns the session as it is then."""
        measure(before, after)
        self._note(before, after)
        self._call(before, after)
        granted = after.state is State.GRANTED and before.state is not State.GRANTED
        if granted and after.person is not None and after.assurance is Assurance.FULL:
            self._standing.succeeded(after.person)
        now = self._messages.deliver(after)
        found = after.passed(Factor.FACE) and not before.passed(Factor.FACE)
        if found or granted:
            self._strangers.known(after.id)
        if (found or granted or after.over) and self._visits.keep(after) and after.over:
            self._live.over(after.id)  # until then the sweep comes back to it
        return now

    def _call(self, before: Session, after: Session) -> None:
        """Whom staff must look after: who calls them, and whose failures bar them."""
        if after.state is State.ASSISTANCE and before.state is not State.ASSISTANCE:
            self._attention.call(Matter.ASSISTANCE, f"{after.id}.{after.version}", kiosk=after.kiosk, session=after.id)
        person = before.person
        if after.wrong_pins == before.wrong_pins or person is None:
            return
        if not before.enrolling and self._standing.failed(person, after.kiosk):
            self._notices.of_wrong_codes(person, after.kiosk, f"{after.id}.wrong")
        if self._standing.barred(person):
            self._attention.call(Matter.LOCKOUT, person, kiosk=after.kiosk, session=after.id, person=person)

    def _note(self, before: Session, after: Session) -> None:
        def note(what: str, **facts: str | int | None) -> None:
            self._timeline.add(after.id, what, after.changed_at, f"{after.version:05d}", **facts)

        if after.passed(Factor.FACE) and not before.passed(Factor.FACE):
            note("face_accepted", seq=after.factors[0].seq)
        if before.factors and not after.factors and not after.over:
            note("different_face", seq=after.since_seq)
        if after.wrong_pins > before.wrong_pins:
            note("pin_wrong")
        if after.pin_sends > before.pin_sends > 0:
            note("pin_resent")
        if after.voice_failures > before.voice_failures:
            note("voice_failed")
        if after.reason is Reason.CANCELLED and before.reason is None:
            note("cancelled")
        if after.state is not before.state and (what := _STATE_EVENTS.get(after.state)):
            note(what, reason=after.reason)
