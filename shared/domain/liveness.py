"""The active liveness challenge: orders carried out in front of the camera, judged from the frames' head pose.

An order is done when a clear frame shows the head turned the way asked; the next one counts only after the head was
straight again. All frames must show one face. Directions are the customer's own: turning left moves the nose towards
the right edge of the (unmirrored) picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.frames import FrameFact, Shows

TURN_DEGREES = 14.0
STRAIGHT_DEGREES = 8.0
REACH = 3
"""Frames: as far back as a frame is compared with one before it."""


class Order(StrEnum):
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    LOOK_STRAIGHT = "look_straight"


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` orders of all; `step` is what to show now; `foul`: another face took part, or the face was lost."""

    done: int
    step: Order
    foul: bool = False
    seq: int = 0

    def finished(self, orders: Sequence[str]) -> bool:
        return not self.foul and self.done >= len(orders)


def orders_from(random: bytes, count: int = 2) -> tuple[str, ...]:
    """`count` random turns. The same turn may come twice: each is one bit nobody can foresee."""
    return tuple((Order.TURN_LEFT, Order.TURN_RIGHT)[random[i] & 1] for i in range(count))


def judge(frames: Sequence[FrameFact], orders: Sequence[str], person: str | None) -> Progress:
    """Fold the frames since the challenge was issued: one face throughout, `person`'s own once somebody was accepted.

    Only frames linked to the one before count, and a face out of sight for longer than a link reaches begins anew:
    nobody slips in between a photograph looking straight and a head of their own that turns.
    """
    done, straight, last, linked = 0, False, 0, 0
    for frame in sorted(frames, key=lambda f: f.seq):
        if not frame.faces:
            continue
        last = frame.seq
        if frame.link is False or frame.near_faces > 1 or (frame.clear and frame.shows is Shows.OTHER):
            return Progress(done, Order.LOOK_STRAIGHT, foul=True, seq=frame.seq)
        if frame.link is None or frame.yaw is None:
            continue
        if frame.seq - linked > REACH:
            done, straight = 0, False
        linked = frame.seq
        if _straight(frame, person):
            straight = True
        elif straight and done < len(orders) and _turned(frame.yaw, orders[done]):
            done, straight = done + 1, False
        if done >= len(orders) and straight:
            return Progress(done, Order.LOOK_STRAIGHT, seq=frame.seq)
    if done >= len(orders) or not straight:
        return Progress(min(done, len(orders) - 1) if done >= len(orders) else done, Order.LOOK_STRAIGHT, seq=last)
    return Progress(done, Order(orders[done]), seq=last)


def _straight(frame: FrameFact, person: str | None) -> bool:
    if frame.yaw is None or abs(frame.yaw) > STRAIGHT_DEGREES or frame.live is False:
        return False
    return person is None or (frame.good and frame.shows is Shows.PERSON and frame.person == person)


def _turned(yaw: float, order: str) -> bool:
    return yaw >= TURN_DEGREES if order == Order.TURN_LEFT else yaw <= -TURN_DEGREES
