"""The pictures of a registration, and its active liveness challenge in one: new frames of one live face, alone, looking
straight and then to the sides in an order that only the server knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.frames import FrameFact
from shared.domain.liveness import another_face
from shared.domain.movement import Order, turned
from shared.domain.policy import Policy


class Turn(StrEnum):
    """Where to look, from the customer's own side: turning left moves the nose to the picture's right."""

    STRAIGHT = "straight"
    LEFT = "left"
    RIGHT = "right"


STRAIGHT_DEGREES = 8.0
TURNED_DEGREES = 9.0
"""A template may be turned a little; how far at most is the quality hint's business."""

_ORDERS = {Order.TURN_LEFT: Turn.LEFT, Order.TURN_RIGHT: Turn.RIGHT}
_OTHER_WAY = {Turn.LEFT: Order.TURN_RIGHT, Turn.RIGHT: Order.TURN_LEFT}


@dataclass(frozen=True, slots=True)
class Capture:
    """`taken`: sequence numbers in the order of the turns asked for; `next` is None when all are there.

    `next` may be STRAIGHT once more between two turns. `foul`: another face took part, the head turned the wrong
    way, or it took too long: new orders are due.
    `seq`: the frame it rests on.
    """

    taken: tuple[int, ...]
    next: Turn | None
    foul: bool = False
    seq: int = 0


def turns_from(orders: Sequence[str]) -> tuple[Turn, ...]:
    """Straight, then the turns of a challenge."""
    return (Turn.STRAIGHT, *(_ORDERS[Order(order)] for order in orders))


def capture(frames: Sequence[FrameFact], turns: Sequence[Turn], min_norm: float, policy: Policy) -> Capture:
    """Fold the frames since the turns were asked for, oldest first. Between two turns the head must be straight.

    A second face near, or a frame that fails the presentation check, starts them over.
    """
    taken: list[int] = []
    straight, last = False, 0
    before: FrameFact | None = None
    for frame in frames:
        if len(taken) == len(turns):
            break
        wanted, last = turns[len(taken)], frame.seq
        swapped = frame.faces > 0 and frame.near_faces == 1 and another_face(before, frame)
        if swapped or frame.at - frames[0].at > 2 * policy.challenge_valid:
            return Capture(tuple(taken), wanted, foul=True, seq=last)
        before = frame if frame.faces else before
        if frame.faces and (frame.near_faces > 1 or frame.live is False):
            taken, straight = [], False
            continue
        straight = straight and frame.link is not False
        if straight and _wrong_way(frame, wanted, policy):
            return Capture(tuple(taken), wanted, foul=True, seq=last)
        if not frame.good:
            continue
        yaw = frame.yaw or 0
        if (frame.norm or 0) >= min_norm and _looks(yaw, wanted) and (straight or wanted is Turn.STRAIGHT):
            taken.append(frame.seq)
            straight = wanted is Turn.STRAIGHT
        else:
            straight = straight or _looks(yaw, Turn.STRAIGHT)
    left = turns[len(taken)] if len(taken) < len(turns) else None
    return Capture(tuple(taken), left if straight or left is None else Turn.STRAIGHT, seq=last)


def _wrong_way(frame: FrameFact, wanted: Turn, policy: Policy) -> bool:
    other = _OTHER_WAY.get(wanted)
    return other is not None and frame.yaw is not None and turned(frame.yaw, other, policy)


def _looks(yaw: float, turn: Turn) -> bool:
    match turn:
        case Turn.STRAIGHT:
            return abs(yaw) <= STRAIGHT_DEGREES
        case Turn.LEFT:
            return yaw >= TURNED_DEGREES
        case Turn.RIGHT:
            return yaw <= -TURNED_DEGREES
