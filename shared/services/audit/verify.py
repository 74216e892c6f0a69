"""Proof that the audit is as it was written, or the first place where it is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from shared.domain.audit_chain import Broken, Link, Seal, closed, first_broken, seal_id
from shared.ports import Clock
from shared.services.audit.chain import AuditChain

DAYS_MOST = 3_660


@dataclass(frozen=True, slots=True)
class Verified:
    """`checked`: entries proven. `days`: days with seals. `waiting`: entries of an open day that no seal covers yet."""

    checked: int
    days: int
    waiting: int
    broken: Broken | None

    @property
    def ok(self) -> bool:
        return self.broken is None


class AuditVerify:
    def __init__(self, chain: AuditChain, clock: Clock) -> None:
        self._chain = chain
        self._clock = clock

    def run(self, first: date | None = None, last: date | None = None) -> Verified:
        """From a day (else the chain's first) to a day (else today), UTC. Raises Unavailable."""
        begin, today = self._chain.first_day(), self._clock.now().date()
        end = self._chain.end()
        if begin is None:  # nothing was ever sealed, or everything is gone
            gone = Broken(end.link.day, None, "day_missing") if end and end.link else None
            return Verified(0, 0, 0, gone)
        start = max(first, date.fromisoformat(begin)) if first else date.fromisoformat(begin)
        checked = days = waiting = 0
        before: Link | None = None
        for day in _days(start, min(last or today, today)):
            found = self._day(day, before, begin, end.link if end else None)
            if found.broken is not None:
                return Verified(checked, days, waiting, found.broken)
            if found.seals:
                before = Link(day, len(found.seals), found.seals[-1].head)
                days += 1
            checked += found.covered
            waiting += found.entries - found.covered
        # The chain's end has been taken away: whoever did that may have cut off what came after it.
        lost = Broken(before.day, None, "end_missing") if end is None and before else None
        return Verified(checked, days, waiting, lost)

    def _day(self, day: str, before: Link | None, begin: str, end: Link | None) -> "_Day":
        anchors = self._chain.anchors(day)  # first: what is sealed meanwhile may have more seals than anchors
        seals = self._chain.seals(day)
        entries = self._chain.entries(day)
        covered = sum(len(seal.covers) for seal in seals)
        broken: Broken | None = None
        if not seals and not anchors:
            if end and end.day == day:
                broken = Broken(day, None, "day_missing")
            elif entries and end and day < end.day:
                broken = Broken(day, min(entries), "entry_added")
        elif seals and before is None and (day > begin or seals[0].before_day is not None):
            before, broken = self._link(seals[0])
        elif seals and before and seals[0].before_day is not None and before.day < seals[0].before_day < day:
            broken = Broken(seals[0].before_day, None, "day_missing")
        if broken is None and (seals or anchors):
            last = end is None or day >= end.day
            if last:  # and so were some of their anchors
                anchors |= {n: head for n, head in self._chain.anchors(day).items() if n <= len(seals)}
            broken = first_broken(day, seals, entries, anchors, before, self._chain.secret, last=last)
        if broken is None and end and end.day == day and len(seals) < end.number:
            broken = Broken(day, seal_id(len(seals) + 1), "tail_cut")
        return _Day(seals, len(entries), covered, broken)

    def _link(self, seal: Seal) -> tuple[Link | None, Broken | None]:
        """Where the first day looked at is linked to: the day before it in the chain must have closed there."""
        if seal.before_day is None:
            return None, Broken(seal.day, seal_id(seal.number), "chain_broken")
        seals = self._chain.seals(seal.before_day)
        if not closed(seals):
            return None, Broken(seal.before_day, None, "day_missing" if not seals else "day_not_closed")
        return Link(seal.before_day, len(seals), seals[-1].head), None


@dataclass(frozen=True, slots=True)
class _Day:
    seals: list[Seal]
    entries: int
    covered: int
    broken: Broken | None


def _days(first: date, last: date) -> Iterator[str]:
    for number in range(min((last - first).days + 1, DAYS_MOST)):
        yield (first + timedelta(days=number)).isoformat()
