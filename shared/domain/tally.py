"""Visits added up by kiosk and hour: how they ended, why, and how long a grant took. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from shared.domain.stamp import stamp
from shared.domain.visit_facts import Outcome, VisitFacts

STEP_S = 0.5
"""Times to a grant are counted in steps of half a second: nobody reads a chart more closely."""


@dataclass(slots=True)
class Sums:
    """`let_in`: how many reached the teller screen, whether known before or registered just then.

    `reasons` of those who did not. `steps`: half seconds to the grant → how many.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    steps: Counter[int] = field(default_factory=Counter)
    let_in: int = 0

    @property
    def visits(self) -> int:
        return self.outcomes.total()

    @property
    def denied(self) -> int:
        return self.outcomes[Outcome.DENIED]

    def add(self, facts: VisitFacts) -> None:
        self.outcomes[facts.outcome] += 1
        if facts.granted_s is not None:
            self.steps[int(facts.granted_s / STEP_S)] += 1
        if facts.granted_s is not None or facts.assurance is not None:
            self.let_in += 1
        elif facts.reason is not None:
            self.reasons[facts.reason] += 1

    def update(self, other: "Sums") -> None:
        self.outcomes.update(other.outcomes)
        self.reasons.update(other.reasons)
        self.steps.update(other.steps)
        self.let_in += other.let_in

    def quantile_s(self, share: float) -> float | None:
        """The time within which this share of the grants came, to the next half second."""
        left = share * self.steps.total()
        for step in sorted(self.steps):
            left -= self.steps[step]
            if left <= 0:
                return (step + 1) * STEP_S
        return None


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One kiosk's hour (UTC), `2026-11-22T13`."""

    kiosk: str
    hour: str


type Tally = dict[Cell, Sums]


def tally(visits: Iterable[VisitFacts]) -> Tally:
    result: Tally = {}
    for facts in visits:
        result.setdefault(Cell(facts.kiosk, stamp(facts.at)[:13]), Sums()).add(facts)
    return result


def grouped(cells: Tally, by: Callable[[Cell], str]) -> dict[str, Sums]:
    """Added up by a word of the cell, in its order."""
    result: dict[str, Sums] = {}
    for cell in sorted(cells):
        result.setdefault(by(cell), Sums()).update(cells[cell])
    return dict(sorted(result.items()))


def whole(cells: Tally) -> Sums:
    return grouped(cells, lambda _: "").get("", Sums())
