"""Who a face is by a service's confidences, which are not the embedded engine's cosines and have no known distribution.

Microsoft publishes none for recognition_04 and warns that a threshold of one's own may not hold on other data or after
an update of the algorithm (Face API v1.2, Identify, `confidenceThreshold`). So the rule is plain and strict, does not
rise with the group by arithmetic, and a bank measures it on its own customers before it goes live. The service alone
opens nothing: every later frame must show the same person by the embedded comparison as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.match import Candidate, MatchDecision, MatchKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceRule:
    """Confidences in [0, 1]; defaults and their sources are the settings'. `duplicate` is the looser one of a search
    among the enrolled for somebody who registers: for staff to look at, not to decide by."""

    identify: float
    verify: float
    margin: float
    duplicate: float

    @property
    def least(self) -> float:
        """From here a candidate matters: it identifies, or it is near somebody who does."""
        return max(0.0, self.identify - self.margin)


def decide_by_confidence(candidates: Sequence[Candidate], rule: ConfidenceRule) -> MatchDecision:
    """Accepted, if the best person reaches the threshold and nobody else comes within the margin; never the nearest.

    `candidates` holds one entry a person, in any order.
    """
    ranked = sorted(candidates, key=lambda c: (-c.score, c.person))
    if not ranked or not ranked[0].score >= rule.identify:
        return MatchDecision(MatchKind.UNKNOWN, None)
    if len(ranked) > 1 and ranked[0].score - ranked[1].score < rule.margin:
        return MatchDecision(MatchKind.AMBIGUOUS, None)
    return MatchDecision(MatchKind.ACCEPTED, ranked[0].person)
