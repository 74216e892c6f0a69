"""Which order a frame carries out, and whether it moved as a head does: held against how the same face looks straight.

Two measures must agree: where the nose points (yaw, pitch), and how much narrower or broader the face got on the way. A
nose stands out of a head by half an eye distance, so a head has turned by what its nose says. Paper, bent round
something, has to be turned farther until it seems to, and gets narrower than that; tilted, it gets broader.
Directions are the customer's own: turning left moves the nose towards the right edge of the (unmirrored) picture.
"""

import math
from collections.abc import Sequence
from enum import StrEnum
from statistics import median

from shared.domain.frames import FrameFact
from shared.domain.policy import Policy


class Order(StrEnum):
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    LOOK_UP = "look_up"
    NOD = "nod"
    LOOK_STRAIGHT = "look_straight"


TURNS = (Order.TURN_LEFT, Order.TURN_RIGHT)
NODS = (Order.LOOK_UP, Order.NOD)
"""Up, and down; both to be followed by looking straight again."""


def turned(yaw: float, order: str, policy: Policy) -> bool:
    """Whether the head is turned clearly, and the way asked."""
    return yaw >= policy.challenge_turn if order == Order.TURN_LEFT else yaw <= -policy.challenge_turn


def wrong(frame: FrameFact, order: str, ahead: Sequence[FrameFact], policy: Policy) -> bool:
    """A clear movement that was not asked for. Up or down counts only where the opposite was asked: it is measured less
    well than a turn, and nobody turns without some of it."""
    if frame.yaw is not None and abs(frame.yaw) >= policy.challenge_turn:
        return order in NODS or not turned(frame.yaw, order, policy)
    raised = _raised(frame, ahead)
    if order not in NODS or raised is None:
        return False
    return (raised if order == Order.NOD else -raised) >= policy.challenge_nod_foul


def carried_out(frame: FrameFact, order: str, ahead: Sequence[FrameFact], policy: Policy) -> bool:
    """`ahead`: the frames of the same chain in which the head was straight. What was not measured is not done."""
    if order in NODS:
        raised, broader = _raised(frame, ahead), _broader(frame, ahead)
        if raised is None or broader is None:
            return False
        return (raised if order == Order.LOOK_UP else -raised) >= policy.challenge_nod and (
            broader <= policy.challenge_squash
        )
    broader = _broader(frame, ahead)
    if frame.yaw is None or broader is None or not turned(frame.yaw, order, policy):
        return False
    return broader >= math.cos(math.radians(frame.yaw)) - policy.challenge_narrowing


def level(frame: FrameFact, ahead: Sequence[FrameFact], policy: Policy) -> bool:
    """Neither up nor down any more. The first frame of a chain says what level is: faces and cameras differ."""
    if not ahead:
        return frame.pitch is not None
    raised = _raised(frame, ahead)
    return raised is not None and abs(raised) < policy.challenge_nod


def _raised(frame: FrameFact, ahead: Sequence[FrameFact]) -> float | None:
    """Degrees above straight."""
    pitches = [f.pitch for f in ahead if f.pitch is not None]
    return frame.pitch - median(pitches) if frame.pitch is not None and pitches else None


def _broader(frame: FrameFact, ahead: Sequence[FrameFact]) -> float | None:
    """Breadth by that of the face looking straight: below 1 when turned aside, above when up or down."""
    breadths = [f.breadth for f in ahead if f.breadth]
    return frame.breadth / median(breadths) if frame.breadth and breadths else None
