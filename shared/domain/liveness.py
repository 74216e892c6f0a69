"""The active liveness challenge: orders carried out in front of the camera, judged from the frames' head pose.

An order is done when a frame shows the head turned the way asked; the next one counts only after the head was straight
again, alone and live. All frames must show one face, without a gap. Turning the other way is a foul, not a try: whoever
turns both ways in turn, a recording for instance, would meet every order sooner or later. Directions are the customer's
own: turning left moves the nose towards the right edge of the (unmirrored) picture.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.frames import FrameFact, Shows
from shared.domain.policy import Policy

REACH = 3
"""Frames: as far back as a frame is compared with one before it."""


class Order(StrEnum):
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    LOOK_STRAIGHT = "look_straight"


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` orders of all; `step` is what to show now; `foul`: another face took part, or it turned the wrong way."""

    done: int
    step: Order
    foul: bool = False
    seq: int = 0

    def finished(self, orders: Sequence[str]) -> bool:
        return not self.foul and self.done >= len(orders)


def orders_from(
    draw: Callable[[], int], count: int, avoid: Collection[Sequence[str]] = (), *, both: bool = False
) -> tuple[str, ...]:
    """`count` random turns, none of the sequences to avoid (at most two); `both`: to either side at least once.

    `draw` gives a random byte. The same turn may come twice: each is one bit that nobody can foresee.
    """
    while True:
        orders = tuple((Order.TURN_LEFT, Order.TURN_RIGHT)[draw() & 1] for _ in range(count))
        if all(orders != tuple(old) for old in avoid) and (not both or len(set(orders)) == 2):
            return orders


def judge(frames: Sequence[FrameFact], orders: Sequence[str], person: str | None, policy: Policy) -> Progress:
    """Fold the frames since the challenge was issued: one face throughout, `person`'s own once somebody was accepted.

    A turn counts only in a chain of links from a frame that looks straight: nobody slips in between a photograph that
    looks straight and a head of their own that turns. A chain that broke because the head was turned too far to be
    recognised begins with looking straight again; out of sight for longer than a link reaches, or before anybody was
    accepted, all begins anew.
    """
    done, straight, last = 0, False, 0
    linked: FrameFact | None = None
    before: FrameFact | None = None
    for frame in sorted((f for f in frames if f.faces), key=lambda f: f.seq):
        last = frame.seq
        if another_face(before, frame):
            return Progress(done, Order.LOOK_STRAIGHT, foul=True, seq=last)
        if linked is not None and _apart(linked, frame, policy):
            done, straight = 0, False
        elif frame.link is False:
            done, straight = (done if person is not None else 0), False
        before = frame
        if not frame.link or frame.yaw is None:
            continue
        linked = frame
        if _straight(frame, person, policy):
            straight = True
        elif straight and done < len(orders) and abs(frame.yaw) >= policy.challenge_turn:
            if not turned(frame.yaw, orders[done], policy):
                return Progress(done, Order.LOOK_STRAIGHT, foul=True, seq=last)
            done, straight = done + 1, False
        if done >= len(orders) and straight:
            break
    return _so_far(done, straight, orders, last)


def _so_far(done: int, straight: bool, orders: Sequence[str], seq: int) -> Progress:
    if done >= len(orders):
        return Progress(done if straight else len(orders) - 1, Order.LOOK_STRAIGHT, seq=seq)
    return Progress(done, Order(orders[done]) if straight else Order.LOOK_STRAIGHT, seq=seq)


def another_face(before: FrameFact | None, frame: FrameFact) -> bool:
    """Clearly somebody else than a moment ago, or than the person: both well seen. A head turned far proves nothing."""
    if frame.near_faces > 1 or (frame.clear and frame.shows is Shows.OTHER):
        return True
    return frame.link is False and frame.clear and before is not None and before.clear


def turned(yaw: float, order: str, policy: Policy) -> bool:
    """Whether the head is turned clearly, and the way asked."""
    return yaw >= policy.challenge_turn if order == Order.TURN_LEFT else yaw <= -policy.challenge_turn


def _apart(before: FrameFact, frame: FrameFact, policy: Policy) -> bool:
    return frame.seq - before.seq > REACH or frame.at - before.at > policy.presence_age


def _straight(frame: FrameFact, person: str | None, policy: Policy) -> bool:
    if frame.yaw is None or abs(frame.yaw) > policy.challenge_straight or not frame.good:
        return False
    return person is None or (frame.shows is Shows.PERSON and frame.person == person)
