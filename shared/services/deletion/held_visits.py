"""Visits under a legal hold, of themselves or of somebody they show. Holds are few, so each is looked up by itself."""

from dataclasses import dataclass, replace

from shared.domain.errors import BadRequest
from shared.domain.stamp import stamp
from shared.domain.visit_facts import VisitFacts
from shared.services.deletion.holds import Held, Holds
from shared.services.recordings.visit_index import VisitIndex
from shared.services.recordings.visit_query import VisitPage, VisitQueries, VisitQuestion


@dataclass(frozen=True, slots=True)
class HeldSubjects:
    """Everything that is held at one moment."""

    visits: frozenset[str]
    people: frozenset[str]

    def covers(self, facts: VisitFacts) -> bool:
        shown = {facts.person, facts.claimed, *facts.matched}
        return facts.session in self.visits or not self.people.isdisjoint(p for p in shown if p)


class HeldVisits:
    def __init__(self, holds: Holds, visits: VisitIndex, queries: VisitQueries) -> None:
        self._holds = holds
        self._visits = visits
        self._queries = queries

    def subjects(self) -> HeldSubjects:
        return HeldSubjects(
            frozenset(hold.subject for hold in self._holds.all_open(Held.VISIT)),
            frozenset(hold.subject for hold in self._holds.all_open(Held.PERSON)),
        )

    def page(self, question: VisitQuestion, limit: int = 50, cursor: str | None = None) -> VisitPage:
        """Newest first. Raises BadRequest("bad_cursor")."""
        found = sorted(self._found(question), key=_place, reverse=True)
        if cursor is not None:
            after = tuple(cursor.split("~"))
            if len(after) != 2:
                raise BadRequest("bad_cursor")
            found = [facts for facts in found if _place(facts) < after]
        items = tuple(found[:limit])
        return VisitPage(items, "~".join(_place(items[-1])) if len(found) > limit else None)

    def count(self, question: VisitQuestion) -> int:
        return len(self._found(question))

    def _found(self, question: VisitQuestion) -> list[VisitFacts]:
        held = self.subjects()
        found = {s: facts for s in held.visits if (facts := self._visits.get(s)) is not None}
        for person in held.people:
            whole = replace(question, person=person, session=None, reference=None, claimed=None)
            found |= {facts.session: facts for facts in self._queries.all(whole)}
        return [facts for facts in found.values() if question.fits(facts)]


def _place(facts: VisitFacts) -> tuple[str, str]:
    return stamp(facts.at), facts.session
