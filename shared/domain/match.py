"""Who a face is: the decision over the gallery's candidates.

The threshold rises with the gallery. A stranger is compared with `people` persons, over a visit `tries` times
independently, so one comparison may be wrong with probability

    rate = wrong_identification / (people * tries)

for a visit to be wrong at most once in 1 / wrong_identification (union bound, which needs no independence between
people). Scores of strangers are taken as normal: the threshold is where their upper tail is `rate`,

    threshold = max(base, mean + spread * z(1 - rate)).

For SFace: mean .115 (101 pairs of strangers, 15 faces); .363 accepted 1.4 of 1,000 pairs of strangers (some 3,900
pairs of 25 persons, docs/engines.md), at most 3 of 1,000 with 95 % confidence, so spread = (.363 - .115) / z(.997) =
.090. A second look agrees: 1,392 pairs of frames made of 11 persons have mean .106, spread .090 and at most .387. This
gives .459 for 3 people, .530 for 100, .571 for 1,000, .609 for 10,000, .645 for 100,000. It is an extrapolation: so
little data shows nothing about tails of 1e-6, and relatives are closer than strangers. Two things the arithmetic leaves
out push the other way: two frames in a row must agree on one person, and the second person must be `margin` behind,
where two chance resemblances lie about spread / sqrt(2 ln people) apart, .024 for 1,000 people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person and the best cosine score of any of their templates."""

    person: str
    score: float


class MatchKind(StrEnum):
    """What the candidates add up to for one frame."""

    ACCEPTED = "accepted"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MatchDecision:
    """`person` is set only where the face is accepted."""

    kind: MatchKind
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRule:
    """The numbers of one recogniser; scores are cosines. Defaults and sources: `shared/engines/face_settings.py`.

    `base` is the 1:1 threshold, and the least of any; below `other` it is clearly somebody else. `duplicate` is the
    looser one for a search at enrolment, raised so that at most `duplicate_alarm` of new people resemble somebody.
    """

    base: float
    other: float
    mean: float
    spread: float
    wrong_identification: float = 0.001
    tries: int = 5
    margin: float = 0.08
    duplicate: float = 0.363
    duplicate_alarm: float = 0.05
    learn_extra: float = 0.10

    def threshold(self, people: int) -> float:
        """Least score that identifies among `people` persons."""
        return max(self.base, self._tail(self.wrong_identification / (max(people, 1) * self.tries)))

    def duplicate_threshold(self, people: int) -> float:
        """Least score at which an enrolled person may be the one who registers; never above `threshold`."""
        raised = max(self.duplicate, self._tail(self.duplicate_alarm / max(people, 1)))
        return min(raised, self.threshold(people))

    def rate(self, threshold: float) -> float:
        """The share of strangers' comparisons at or above a threshold, as modelled."""
        return _NORMAL.cdf((self.mean - threshold) / self.spread)

    def _tail(self, rate: float) -> float:
        return self.mean - self.spread * _NORMAL.inv_cdf(min(rate, 0.5))


def decide(candidates: Sequence[Candidate], people: int, rule: MatchRule) -> MatchDecision:
    """Accepted, if the best person reaches the threshold and nobody else is near; never merely the nearest.

    `candidates` holds one entry a person, in any order; `people` is the size of the gallery they come from.
    """
    best, second = _two_best(candidates)
    if best is None or not best.score >= rule.threshold(max(people, len(candidates))):
        return MatchDecision(MatchKind.UNKNOWN, None)
    if second is not None and best.score - second.score < rule.margin:
        return MatchDecision(MatchKind.AMBIGUOUS, None)
    return MatchDecision(MatchKind.ACCEPTED, best.person)


def same_person(score: float, rule: MatchRule) -> bool:
    """1:1, for a claimed identity: one comparison, so the base threshold (modelled at 1:10,000 for SFace)."""
    return score >= rule.base


def duplicates(candidates: Sequence[Candidate], people: int, rule: MatchRule) -> tuple[Candidate, ...]:
    """Enrolled persons whom somebody who registers may be, best first: for staff to look at, not to decide by."""
    least = rule.duplicate_threshold(max(people, len(candidates)))
    return tuple(sorted((c for c in candidates if c.score >= least), key=lambda c: (-c.score, c.person)))


def may_learn(
    enrolled: Sequence[float], person: str, candidates: Sequence[Candidate], people: int, rule: MatchRule
) -> bool:
    """Whether a face may become a further template of `person` (who has a full grant already).

    `enrolled`: its scores against the person's enrolment templates alone, never against learned ones. At least two
    must reach the stricter threshold, and nobody else may come within twice the margin of the second of them.
    """
    stricter = rule.threshold(max(people, len(candidates))) + rule.learn_extra
    matching = sorted((score for score in enrolled if score >= stricter), reverse=True)
    if len(matching) < 2:
        return False
    others = (c.score for c in candidates if c.person != person)
    return all(matching[1] - other >= 2 * rule.margin for other in others)


def spread_from(threshold: float, rate: float, mean: float) -> float:
    """The spread of strangers' scores of which `rate` lies above `threshold`."""
    return (threshold - mean) / -_NORMAL.inv_cdf(rate)


def _two_best(candidates: Sequence[Candidate]) -> tuple[Candidate | None, Candidate | None]:
    """The best candidate, and the best of another person: two entries of one person are never a tie."""
    ranked = sorted(candidates, key=lambda c: (-c.score, c.person))
    best = ranked[0] if ranked else None
    second = next((c for c in ranked if best is not None and c.person != best.person), None)
    return best, second
