"""How a visit is told to operators: the fields of the API, with names only for those who may see them."""

from datetime import datetime
from typing import Any

from shared.domain.roles import Operator, may
from shared.domain.stamp import stamp
from shared.domain.visit_facts import VisitFacts
from shared.wiring import app


class Teller:
    """Tells visits to one operator; kiosks and people are looked up once each."""

    def __init__(self, operator: Operator) -> None:
        self._names = may(operator.role, "people_one")
        self._pictures = may(operator.role, "visits_thumbnail")
        self._held = app().held_visits.subjects()
        self._kiosks: dict[str, tuple[str, str]] = {}
        self._people: dict[str, str | None] = {}

    def visit(self, facts: VisitFacts) -> dict[str, Any]:
        name, zone = self._kiosk(facts.kiosk)
        ended = facts.ended_at
        return {
            "id": facts.session,
            "reference": facts.reference,
            "kiosk": facts.kiosk,
            "kioskName": name,
            "timeZone": zone,
            "at": stamp(facts.at),
            "endedAt": _stamp(ended),
            "durationS": round((ended - facts.at).total_seconds(), 1) if ended else None,
            "state": facts.state,
            "outcome": facts.outcome,
            "reason": facts.reason,
            "assurance": facts.assurance,
            "person": self._person(facts.person),
            "claimed": self._person(facts.claimed),
            "faces": facts.faces,
            "two": facts.two,
            "frames": facts.frames,
            "clips": facts.clips,
            "thumbnail": facts.thumbnail if self._pictures else None,
            "grantedS": facts.granted_s,
            "hold": self._held.covers(facts),
        }

    def _kiosk(self, kiosk_id: str) -> tuple[str, str]:
        if kiosk_id not in self._kiosks:
            kiosk = app().kiosks.get(kiosk_id)
            self._kiosks[kiosk_id] = (kiosk.name, kiosk.time_zone) if kiosk else (kiosk_id, "UTC")
        return self._kiosks[kiosk_id]

    def _person(self, person_id: str | None) -> dict[str, Any] | None:
        if person_id is None:
            return None
        if self._names and person_id not in self._people:
            person = app().people.get(person_id)
            self._people[person_id] = person.name if person else None
        return {"id": person_id, "name": self._people.get(person_id)}


def _stamp(at: datetime | None) -> str | None:
    return stamp(at) if at else None
