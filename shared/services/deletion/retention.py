"""Deleting what is old enough: day by day for each rule, as far as a run may go, from where the last one stopped.

What a hold keeps, and what failed, is noted and tried again in each run; so a release needs no second pass. A picture
that a face template was made from belongs to the template and goes with it.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto

from shared.containers import HOUSEKEEPING, VISITS
from shared.domain.errors import AlreadyExists, AtmError, BadRequest, LostRace
from shared.domain.retention import RetentionRule, applies
from shared.domain.stamp import stamp
from shared.domain.visit_facts import VisitFacts
from shared.logs import say
from shared.ports import Body, Clock, Document, Documents, Query
from shared.services.audit.entries import Audit
from shared.services.deletion.holds import Holds
from shared.services.deletion.removal import Removal
from shared.services.pages import every
from shared.services.recordings.visit_index import facts_of

_LAST_RUN = "retention"
_WAITING = "retention-waiting"
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Run:
    """`at`: when it ended (a stamp). `deleted`, `failed`, `held`: visits, once for each rule."""

    at: str
    deleted: int
    failed: int
    held: int


@dataclass(frozen=True, slots=True)
class Due:
    """One visit that a rule would delete something of."""

    visit: str
    at: str
    rule: RetentionRule


@dataclass(frozen=True, slots=True)
class Preview:
    items: tuple[Due, ...]
    total: int
    cursor: str | None


class _Did(Enum):
    DELETED = auto()
    NOTHING = auto()  # it was gone already
    FAILED = auto()
    HELD = auto()


class Retention:
    """`most`: visits one run looks at."""

    def __init__(
        self,
        documents: Documents,
        clock: Clock,
        audit: Audit,
        holds: Holds,
        removal: Removal,
        rules: Sequence[RetentionRule],
        most: int,
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._audit = audit
        self._holds = holds
        self._removal = removal
        self.rules = tuple(rules)
        self._most = most

    def run(self) -> Run:
        """Delete what is due. After a crash the next run does the rest; removing twice is harmless."""
        done = Counter[_Did](self._apply(rule, session_id) for rule, session_id in list(self._waiting()))
        left = self._most
        for rule in self.rules:
            while left > 0:
                state = self._state(rule)
                day, cursor = self._place(rule, state)
                if day is None:
                    break
                page = self._documents.query(_of_day(rule, day, cursor, min(left, _PAGE)))
                left -= len(page.items)
                found = [facts for facts in map(facts_of, page.items) if applies(rule, facts.outcome, self.rules)]
                done += Counter(self._apply(rule, facts.session) for facts in found)
                if not self._reached(rule, state, day, page.cursor):
                    break  # another instance does the same
        run = Run(stamp(self._clock.now()), done[_Did.DELETED], done[_Did.FAILED], done[_Did.HELD])
        self._note(run)
        return run

    def last_run(self) -> Run | None:
        document = self._documents.get(HOUSEKEEPING, _LAST_RUN, _LAST_RUN)
        if document is None:
            return None
        body = document.body
        deleted, failed, held = (int(str(body[name])) for name in ("deleted", "failed", "held"))
        return Run(str(body["at"]), deleted, failed, held)

    def preview(self, limit: int, cursor: str | None) -> Preview:
        """What the next runs would delete, deleting nothing. Raises BadRequest("bad_cursor")."""
        items: list[Due] = []
        place: str | None = None
        for rule, day, inner in self._pending(cursor):
            page = self._documents.query(_of_day(rule, day, inner, limit))
            found = [facts for facts in map(facts_of, page.items) if self._goes(rule, facts)]
            items += [Due(facts.session, stamp(facts.at), rule) for facts in found]
            if page.cursor or len(items) >= limit:
                place = _cursor(rule, day, page.cursor)
                break
        return Preview(tuple(items), self._total(), place)

    # --- one visit ---

    def _apply(self, rule: RetentionRule, session_id: str) -> "_Did":
        waits = f"{_WAITING}.{rule.name}.{session_id}"
        try:
            if self._holds.on_visit(session_id):
                self._wait(waits, rule, session_id)
                return _Did.HELD
            removed = self._removal.of(rule.kind, session_id)
            self._documents.delete(HOUSEKEEPING, waits, waits)
        except AtmError as failure:
            say(logging.WARNING, "retention left a visit", session=session_id, rule=rule.name, error=failure.code)
            self._wait(waits, rule, session_id)
            return _Did.FAILED
        return _Did.DELETED if removed else _Did.NOTHING

    def _goes(self, rule: RetentionRule, facts: VisitFacts) -> bool:
        return (
            applies(rule, facts.outcome, self.rules)
            and self._removal.has(rule.kind, facts.session)
            and not self._holds.on_visit(facts.session)
        )

    def _wait(self, place: str, rule: RetentionRule, session_id: str) -> None:
        body: Body = {"kind": _WAITING, "rule": rule.name, "session": session_id}
        try:
            self._documents.create(HOUSEKEEPING, place, place, body)
        except AlreadyExists:
            return

    def _waiting(self) -> Iterator[tuple[RetentionRule, str]]:
        by_name = {rule.name: rule for rule in self.rules}
        for document in every(self._documents, Query(HOUSEKEEPING, where={"kind": _WAITING}, limit=500)):
            rule = by_name.get(str(document.body["rule"]))
            if rule is not None:
                yield rule, str(document.body["session"])

    # --- how far each rule has come ---

    def _state(self, rule: RetentionRule) -> Document | None:
        place = f"{_LAST_RUN}.{rule.name}"
        return self._documents.get(HOUSEKEEPING, place, place)

    def _place(self, rule: RetentionRule, state: Document | None) -> tuple[str | None, str | None]:
        """The day to go on with and the place in it; no day when nothing is due."""
        due = rule.due(self._clock.now().date())
        if state is None:
            first = self._documents.query(Query(VISITS, order_by="at", limit=1)).items
            day, cursor = date.fromisoformat(str(first[0].body["at"])[:10]) if first else due + timedelta(days=1), None
        else:
            day = date.fromisoformat(str(state.body["day"]))
            kept = state.body.get("cursor")
            cursor = kept if isinstance(kept, str) else None
        return (day.isoformat() if day <= due else None), cursor

    def _reached(self, rule: RetentionRule, state: Document | None, day: str, cursor: str | None) -> bool:
        """Write down how far this run has come. False when somebody else did."""
        following = day if cursor else (date.fromisoformat(day) + timedelta(days=1)).isoformat()
        body: Body = {"kind": _LAST_RUN, "day": following, "cursor": cursor}
        place = f"{_LAST_RUN}.{rule.name}"
        try:
            if state is None:
                self._documents.create(HOUSEKEEPING, place, place, body)
            else:
                self._documents.replace(HOUSEKEEPING, place, place, body, state.etag)
        except (AlreadyExists, LostRace):
            return False
        return True

    def _note(self, run: Run) -> None:
        if run.deleted or run.failed:
            self._audit.record(None, "retention_run", deleted=run.deleted, failed=run.failed, held=run.held)
        body: Body = {"at": run.at, "deleted": run.deleted, "failed": run.failed, "held": run.held}
        current = self._documents.get(HOUSEKEEPING, _LAST_RUN, _LAST_RUN)
        try:
            if current is None:
                self._documents.create(HOUSEKEEPING, _LAST_RUN, _LAST_RUN, body)
            else:
                self._documents.replace(HOUSEKEEPING, _LAST_RUN, _LAST_RUN, body, current.etag)
        except (AlreadyExists, LostRace):
            return

    # --- the preview ---

    def _pending(self, cursor: str | None) -> Iterator[tuple[RetentionRule, str, str | None]]:
        """(rule, day, place in the day) from a preview's cursor on."""
        at_rule, at_day, at_place = _parsed(cursor)
        begun = cursor is None
        for rule in self.rules:
            if not begun and rule.name != at_rule:
                continue
            day, inner = self._place(rule, self._state(rule))
            if not begun and day is not None and at_day >= day:  # what lies before it is done meanwhile
                day, inner = at_day, at_place
            begun = True
            due = rule.due(self._clock.now().date()).isoformat()
            while day is not None and day <= due:
                yield rule, day, inner
                day, inner = (date.fromisoformat(day) + timedelta(days=1)).isoformat(), None
        if not begun:
            raise BadRequest("bad_cursor")

    def _total(self) -> int:
        """Visits that rules have not come to yet: an upper bound, for some are held or have nothing left."""
        total = 0
        for rule, day, _ in self._pending(None):
            total += self._documents.count(_of_day(rule, day, None, 1))
        return total


def _of_day(rule: RetentionRule, day: str, cursor: str | None, limit: int) -> Query:
    return Query(VISITS, f"day:{day}", _where(rule), order_by="at", limit=limit, cursor=cursor)


def _where(rule: RetentionRule) -> dict[str, str | int | float | bool]:
    return {"outcome": rule.outcome} if rule.outcome else {}


def _cursor(rule: RetentionRule, day: str, inner: str | None) -> str:
    following = day if inner else (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    return f"{rule.name}~{following}~{inner or ''}"


def _parsed(cursor: str | None) -> tuple[str, str, str | None]:
    if cursor is None:
        return "", "", None
    rule, _, rest = cursor.partition("~")
    day, _, inner = rest.partition("~")
    try:
        return rule, date.fromisoformat(day).isoformat(), inner or None
    except ValueError:
        raise BadRequest("bad_cursor") from None
