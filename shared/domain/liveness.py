"""The active liveness challenge: orders carried out in front of the camera, judged from the frames' head pose.

An order is done when a frame shows the head moved the way asked (movement.py); the next one counts only after the head
was straight again, alone and live. All frames must show one face, without a gap. Turning the other way is a foul, not a
try: whoever turns both ways in turn, a recording for instance, would meet every order sooner or later. Nor are the
orders ever to turn to one side and the other in turn: that is how heads move in recordings by themselves.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shared.domain.frames import FrameFact, Shows
from shared.domain.movement import NODS, TURNS, Order, carried_out, level, wrong
from shared.domain.policy import Policy

REACH = 3
"""Frames: as far back as a frame is compared with one before it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` orders of all; `step` is what to show now; `foul`: another face took part, or it moved the wrong way."""

    done: int
    step: Order
    foul: bool = False
    seq: int = 0

    def finished(self, orders: Sequence[str]) -> bool:
        return not self.foul and self.done >= len(orders)


def orders_from(
    draw: Callable[[], int],
    count: int,
    avoid: Collection[Sequence[str]] = (),
    *,
    both: bool = False,
    nods: bool = False,
) -> tuple[str, ...]:
    """`count` random orders (three and more), none of the sequences to avoid (at most two); `both`: to either side at
    least once.

    `draw` gives a random byte. Some turn comes twice running, so that swinging to and fro fits nothing; nobody can
    foresee which. `nods`: at most one of them is to look up or to nod, the others stay turns; every sequence that may
    come is as likely as any other.
    """
    pool = (*TURNS, *NODS) if nods else TURNS
    while True:
        orders = tuple(pool[draw() % len(pool)] for _ in range(count))
        if sum(order in NODS for order in orders) > 1 or _swings(orders):
            continue
        if all(orders != tuple(old) for old in avoid) and (not both or len(set(orders)) == 2):
            return orders


def _swings(orders: Sequence[Order]) -> bool:
    return all(order in TURNS for order in orders) and all(a != b for a, b in pairwise(orders))


def judge(frames: Sequence[FrameFact], orders: Sequence[str], person: str | None, policy: Policy) -> Progress:
    """Fold the frames since the challenge was issued: one face throughout, `person`'s own once somebody was accepted.

    A turn counts only in a chain of links from a frame that looks straight: nobody slips in between a photograph that
    looks straight and a head of their own that turns. A chain that broke because the head was turned too far to be
    recognised begins with looking straight again; out of sight for longer than a link reaches, or before anybody was
    accepted, all begins anew.
    """
    done, straight, last = 0, False, 0
    ahead: list[FrameFact] = []
    linked: FrameFact | None = None
    before: FrameFact | None = None
    for frame in sorted((f for f in frames if f.faces), key=lambda f: f.seq):
        last = frame.seq
        if another_face(before, frame):
            return Progress(done, Order.LOOK_STRAIGHT, foul=True, seq=last)
        apart = linked is not None and _apart(linked, frame, policy)
        if apart or frame.link is False:
            done, straight, ahead = (0 if apart or person is None else done), False, []
        before = frame
        if not frame.link or frame.yaw is None:
            continue
        linked = frame
        if _straight(frame, person, policy) and _level(frame, ahead, orders, policy):
            straight = True
            ahead.append(frame)
        elif straight and done < len(orders):
            if wrong(frame, orders[done], ahead, policy):
                return Progress(done, Order.LOOK_STRAIGHT, foul=True, seq=last)
            if carried_out(frame, orders[done], ahead, policy):
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


def _apart(before: FrameFact, frame: FrameFact, policy: Policy) -> bool:
    return frame.seq - before.seq > REACH or frame.at - before.at > policy.presence_age


def _level(frame: FrameFact, ahead: Sequence[FrameFact], orders: Sequence[str], policy: Policy) -> bool:
    """Asked only of those who are to look up or nod: pitch is measured poorly."""
    return level(frame, ahead, policy) or not any(order in NODS for order in orders)


def _straight(frame: FrameFact, person: str | None, policy: Policy) -> bool:
    if frame.yaw is None or abs(frame.yaw) > policy.challenge_straight or not frame.good:
        return False
    return person is None or (frame.shows is Shows.PERSON and frame.person == person)
