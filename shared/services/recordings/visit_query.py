"""Which visits an officer asks for: one list is read that holds little else, newest first, page by page.

The lists are `visit_index.py`'s. Where several things are asked at once the one that leaves least decides which list is
read, and the others are compared entry by entry. Lists of all kiosks are kept by day or month: a question about a span
of time reads the lists of that span, one after the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.containers import VISITS
from shared.domain.errors import BadRequest
from shared.domain.stamp import from_stamp, stamp
from shared.domain.visit_facts import TWO, UNKNOWN, Faces, Outcome, Trait, VisitFacts, day, month
from shared.ports import Clock, Documents, Query, Range
from shared.services.recordings.visit_index import VisitIndex, facts_of

RECENT = timedelta(hours=24)
SPAN_MOST = timedelta(days=400)
PAGE_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitQuestion:
    """`low` ≤ beginning of the visit < `high`, in UTC; None leaves a side to the default. All others must hold.

    `person`: whose face it was taken for, let in or not; `claimed`: taken for theirs and not let in.
    """

    low: datetime | None = None
    high: datetime | None = None
    kiosk: str | None = None
    person: str | None = None
    claimed: str | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    session: str | None = None
    reference: str | None = None
    faces: Faces | None = None
    two: bool = False

    def fits(self, facts: VisitFacts) -> bool:
        """The same, asked of one visit."""
        asked = (
            (self.kiosk, facts.kiosk),
            (self.claimed, facts.claimed),
            (self.outcome, facts.outcome),
            (self.reason, facts.reason),
            (self.session, facts.session),
            (self.reference, facts.reference),
            (self.faces, facts.faces),
            (self.two or None, facts.two),
        )
        about = self.person is None or self.person in {facts.person, facts.claimed, *facts.matched}
        early, late = self.low is not None and facts.at < self.low, self.high is not None and facts.at >= self.high
        return about and not early and not late and all(wanted in (None, is_) for wanted, is_ in asked)


@dataclass(frozen=True, slots=True)
class VisitPage:
    items: tuple[VisitFacts, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """`lists` newest first; `where` is compared within them."""

    lists: tuple[str, ...]
    where: dict[str, str | int | float | bool]
    low: str | None
    high: str

    def query(self, scope: str, limit: int, cursor: str | None) -> Query:
        span = Range("at", self.low, self.high)
        return Query(VISITS, scope, self.where, span, order_by="at", descending=True, limit=limit, cursor=cursor)


class VisitQueries:
    def __init__(self, documents: Documents, visits: VisitIndex, clock: Clock) -> None:
        self._documents = documents
        self._visits = visits
        self._clock = clock

    def page(self, question: VisitQuestion, limit: int = 50, cursor: str | None = None) -> VisitPage:
        """Raises BadRequest("bad_cursor", "bad_range")."""
        if question.session is not None:
            found = self._visits.get(question.session)
            return VisitPage((found,) if found is not None else (), None)
        question, scope, inner = self._resumed(question, cursor)
        plan = self._plan(question)
        if scope is not None and scope not in plan.lists:
            raise BadRequest("bad_cursor")
        items: list[VisitFacts] = []
        for place in plan.lists[plan.lists.index(scope) if scope is not None else 0 :]:
            if len(items) >= limit:
                return VisitPage(tuple(items), _cursor(plan, place, None))
            page = self._documents.query(plan.query(place, limit - len(items), inner))
            items += [facts_of(d) for d in page.items]
            if page.cursor is not None:
                return VisitPage(tuple(items), _cursor(plan, place, page.cursor))
            inner = None
        return VisitPage(tuple(items), None)

    def fixed(self, question: VisitQuestion) -> VisitQuestion:
        """The same question with its span of time as it is now. Raises BadRequest("bad_range")."""
        if question.session is not None:
            return question
        plan = self._plan(question)
        return replace(question, low=from_stamp(plan.low) if plan.low else None, high=from_stamp(plan.high))

    def count(self, question: VisitQuestion) -> int:
        """How many there are on all pages."""
        if question.session is not None:
            return len(self.page(question).items)
        plan = self._plan(question)
        return sum(self._documents.count(plan.query(scope, 1, None)) for scope in plan.lists)

    def all(self, question: VisitQuestion) -> Iterator[VisitFacts]:
        """Every page, newest first."""
        cursor: str | None = None
        while True:
            page = self.page(question, PAGE_MOST, cursor)
            yield from page.items
            cursor = page.cursor
            if cursor is None:
                return

    def _plan(self, asked: VisitQuestion) -> _Plan:
        now = self._clock.now()
        high = asked.high or now + timedelta(milliseconds=1)
        single = asked.person or asked.claimed or asked.reference
        low = asked.low if asked.low or single else high - RECENT
        if low is not None and high <= low:
            raise BadRequest("bad_range", "`from` must be before `to`")
        lists, used = _single(asked)
        if not lists:
            if low is None or high - low > SPAN_MOST:
                raise BadRequest("bad_range", f"at most {SPAN_MOST.days} days at once")
            trait = _trait(asked)
            lists = _by_month(trait, low, high) if trait else _by_day(low, high)
            used = {trait.name} if trait else set()
        return _Plan(lists, _where(asked, used), stamp(low) if low else None, stamp(high))

    def _resumed(self, asked: VisitQuestion, cursor: str | None) -> tuple[VisitQuestion, str | None, str | None]:
        """A cursor brings the span of time of its first page: `now` has moved on since."""
        if cursor is None:
            return asked, None, None
        try:
            low, high, scope, inner = cursor.split("~")
            begin, end = from_stamp(low) if low else None, from_stamp(high)
        except ValueError:
            raise BadRequest("bad_cursor") from None
        return replace(asked, low=begin, high=end), scope, inner or None


def _single(asked: VisitQuestion) -> tuple[tuple[str, ...], set[str]]:
    """The one list of everything, where there is one; and what it answers by itself."""
    if asked.reference:
        return (f"reference:{asked.reference}",), {"reference"}
    if asked.person:
        return (f"person:{asked.person}",), {"person"}
    if asked.claimed:
        return (f"claimed:{asked.claimed}",), {"claimed"}
    if asked.kiosk:
        trait = _trait(asked)
        scope = trait.of_kiosk(asked.kiosk) if trait else f"kiosk:{asked.kiosk}"
        return (scope,), {"kiosk", trait.name if trait else ""}
    return (), set()


def _trait(asked: VisitQuestion) -> Trait | None:
    """What is rarest of all that is asked."""
    if asked.two:
        return TWO
    if asked.reason:
        return Trait("reason", asked.reason)
    if asked.faces is Faces.UNKNOWN:
        return UNKNOWN
    return Trait("outcome", asked.outcome) if asked.outcome else None


def _where(asked: VisitQuestion, used: set[str]) -> dict[str, str | int | float | bool]:
    wanted: dict[str, str | bool | None] = {
        "kiosk": asked.kiosk,
        "claimed": asked.claimed,
        "outcome": asked.outcome,
        "reason": asked.reason,
        "faces": asked.faces if "unknown" not in used else None,
        "two": True if asked.two else None,
    }
    return {name: value for name, value in wanted.items() if value is not None and name not in used}


def _by_day(low: datetime, high: datetime) -> tuple[str, ...]:
    """A visit stands in the list of the day (UTC) on which it began, whatever the day is called at its kiosk."""
    found, at = [], high - timedelta(milliseconds=1)
    while day(at) >= day(low):
        found.append(f"day:{day(at)}")
        at -= timedelta(days=1)
    return tuple(found)


def _by_month(trait: Trait, low: datetime, high: datetime) -> tuple[str, ...]:
    found, at = [], high - timedelta(milliseconds=1)
    while month(at) >= month(low):
        found.append(trait.of_month(month(at)))
        at = at.replace(day=1) - timedelta(days=1)
    return tuple(found)


def _cursor(plan: _Plan, scope: str, inner: str | None) -> str:
    return "~".join((plan.low or "", plan.high, scope, inner or ""))
