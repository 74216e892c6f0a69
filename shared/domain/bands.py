"""How sure a search by face is, in words an officer can act on: never a number, for a score is no probability. Pure."""

from enum import StrEnum

from shared.domain.match import MatchRule


class SearchFor(StrEnum):
    """Whom a search by face may find."""

    NOBODY = "off"
    PEOPLE = "people"
    STRANGERS = "strangers"  # and people


class Band(StrEnum):
    MATCH = "match"  # what the machine itself would have accepted in a gallery of this size
    POSSIBLE = "possible"  # what it would have called near at a registration: for a human eye to decide


def band_of(score: float, among: int, rule: MatchRule) -> Band | None:
    """`among`: how many persons (or visits) were compared; thresholds rise with it. None: not worth a look."""
    if score >= rule.threshold(among):
        return Band.MATCH
    return Band.POSSIBLE if score >= rule.duplicate_threshold(among) else None
