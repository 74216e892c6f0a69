"""The pictures of a registration: new frames of one live face, alone, good enough for a template, in several poses."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.frames import FrameFact


class Turn(StrEnum):
    """Where to look, from the customer's own side: turning left moves the nose to the picture's right."""

    STRAIGHT = "straight"
    LEFT = "left"
    RIGHT = "right"


STRAIGHT_DEGREES = 8.0
TURNED_DEGREES = 9.0
"""A template may be turned a little; how far at most is the quality hint's business."""


@dataclass(frozen=True, slots=True)
class Capture:
    """`taken`: sequence numbers in the order of the turns asked for; `next` is None when all are there."""

    taken: tuple[int, ...]
    next: Turn | None


def turns_from(random: bytes) -> tuple[Turn, ...]:
    """Straight, then both sides in an order nobody can foresee."""
    sides = (Turn.LEFT, Turn.RIGHT)
    return (Turn.STRAIGHT, *(sides if random[0] & 1 else sides[::-1]))


def capture(frames: Sequence[FrameFact], turns: Sequence[Turn], min_norm: float) -> Capture:
    """Fold the frames since consent, oldest first. Another face, or a second one near, starts it over."""
    taken: list[int] = []
    for frame in frames:
        if frame.faces and (frame.link is False or frame.near_faces > 1 or frame.live is False):
            taken = []
            continue
        wanted = turns[len(taken)] if len(taken) < len(turns) else None
        if wanted is None:
            break
        if frame.good and (frame.norm or 0) >= min_norm and _looks(frame.yaw or 0, wanted):
            taken.append(frame.seq)
    left = turns[len(taken)] if len(taken) < len(turns) else None
    return Capture(tuple(taken), left)


def _looks(yaw: float, turn: Turn) -> bool:
    match turn:
        case Turn.STRAIGHT:
            return abs(yaw) <= STRAIGHT_DEGREES
        case Turn.LEFT:
            return yaw >= TURNED_DEGREES
        case Turn.RIGHT:
            return yaw <= -TURNED_DEGREES
