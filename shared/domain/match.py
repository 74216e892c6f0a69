"""Who a face is: the decision over the gallery's candidates."""

from dataclasses import dataclass
from enum import StrEnum


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
