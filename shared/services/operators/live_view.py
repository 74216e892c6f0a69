"""What happens in front of the machines at this moment."""

from dataclasses import dataclass, replace

from shared.domain.errors import NotFound
from shared.domain.face import Guidance
from shared.domain.session import Factor, Session
from shared.domain.visit_facts import Outcome, Seen, VisitFacts, visit_facts
from shared.ports import Clock
from shared.services.session.live import LiveVisits
from shared.services.session.scene import Scenes
from shared.services.session.store import SessionStore


@dataclass(frozen=True, slots=True)
class LiveView:
    """`last_frame`: the newest one that was analysed."""

    facts: VisitFacts
    guidance: Guidance | None
    last_frame: int | None


class LiveViews:
    def __init__(self, live: LiveVisits, sessions: SessionStore, scenes: Scenes, clock: Clock) -> None:
        self._live = live
        self._sessions = sessions
        self._scenes = scenes
        self._clock = clock

    def all(self) -> list[LiveView]:
        """Longest first. There are no more of them than kiosks, and what is asked of each is its recent past."""
        until = self._clock.now() + self._sessions.policy.visit
        views = []
        for session_id in list(self._live.begun_before(until)):
            try:
                session = self._sessions.load(session_id).session
            except NotFound:
                continue
            if not session.over:
                views.append(self._view(session))
        return views

    def _view(self, session: Session) -> LiveView:
        scene = self._scenes.of(session)
        seen = Seen(frames=scene.frames, received=scene.received.frames, clips=session.phrases)
        facts = visit_facts(session, seen)
        shown = session.person if session.passed(Factor.FACE) and not session.enrolling else None
        facts = replace(facts, outcome=Outcome.LIVE, claimed=None if facts.person else shown)
        return LiveView(facts, scene.guidance, scene.analysed_seq or None)
