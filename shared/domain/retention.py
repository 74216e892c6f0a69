"""How long what is kept: by what it is and how the visit ended. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from shared.domain.visit_facts import Outcome


class Kept(StrEnum):
    FRAME = "frame"  # pictures
    VOICE = "voice"  # clips
    VISIT = "visit"  # everything else that is known of a visit


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """`outcome` None: however the visit ended, unless another rule of its kind names that outcome. `days`: at least."""

    kind: Kept
    outcome: Outcome | None
    days: int

    @property
    def name(self) -> str:
        return f"{self.kind}.{self.outcome or 'any'}"

    def due(self, today: date) -> date:
        """The last day of which nothing of this kind is kept."""
        return today - timedelta(days=self.days + 1)


def applies(rule: RetentionRule, outcome: Outcome, rules: Sequence[RetentionRule]) -> bool:
    if rule.outcome is not None:
        return rule.outcome is outcome
    return not any(other.kind is rule.kind and other.outcome is outcome for other in rules)
