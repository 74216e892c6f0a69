"""Who a face is: the decision over the gallery's candidates."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person and the best cosine score of any of their templates."""

    person: str
    score: float
