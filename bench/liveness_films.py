"""The films of `atm.py bench liveness`: people who move their heads as asked, and what is held up instead.

Made of photographs. Heads turn, rise and sink as a drawing program moves them, paper and screens are drawn too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from devhost import attacks, portraits
from devhost.scenes import Picture, Placing
from shared.domain.liveness import orders_from
from shared.domain.movement import NODS, Order
from shared.domain.policy import Policy

TUNED, HELD_OUT = ("a1", "b1"), ("a2", "c1")
STRAIGHT = {"a1": 2.0, "a2": -11.0, "b1": -13.0, "c1": 4.0}
"""How far each photograph's head must be turned back to look straight ahead, in drawn degrees."""
ASIDE, ASIDE_OF = "a3", "a1"
"""One more photograph of a person, who looks to the side in it."""
TURNED, RAISED = (34, 40), (25, 32)
"""How far people turn, raise and lower their heads, in drawn degrees."""
_WAY = {Order.TURN_LEFT: (1, 0), Order.TURN_RIGHT: (-1, 0), Order.LOOK_UP: (0, 1), Order.NOD: (0, -1)}

type Orders = tuple[str, ...]
type Pose = tuple[float, float]
"""Degrees from straight ahead: towards the image's right, and up."""


@dataclass(slots=True)
class Actor:
    """A photograph, and where it stands in this film."""

    pictures: portraits.Originals
    photo: str
    placing: Placing
    random: Random

    def head(self, turn: float = 0, nod: float = 0, photo: str | None = None) -> Picture:
        """A living head, so far from looking straight ahead."""
        photo = photo or self.photo
        placing = replace(self.placing, turn=STRAIGHT.get(photo, 0.0) + turn, nod=nod)
        return portraits.shot(self.pictures, photo, placing)

    def print_(self) -> Picture:
        return self.head()

    def other(self) -> str:
        return {"a": "b1", "b": "c1", "c": "a1"}[self.photo[0]]

    def movement(self, orders: Orders, show: Callable[[float, float], Picture]) -> list[Picture]:
        """Straight, and each order farther and farther and back, as somebody does whom a screen tells to go on."""
        film = [show(0, 0), show(0, 0)]
        for order in orders:
            aside, up = _WAY[Order(order)]
            most = self.random.uniform(*(RAISED if order in NODS else TURNED))
            film += [show(aside * most * share, up * most * share) for share in (0.55, 0.75, 1.0, 0, 0, 0)]
        return film


@dataclass(frozen=True, slots=True)
class Kind:
    """`stopped`: the challenge is meant to stop it; the others show where it ends."""

    name: str
    film: Callable[[Actor, Orders], list[Picture]]
    attack: bool = True
    stopped: bool = True


EXERCISES = ("turns", Order.LOOK_UP, Order.NOD)


def drawn(random: Random, exercise: str) -> Orders:
    """A challenge of turns as the app draws it, or the one order by itself."""
    if exercise != "turns":
        return (exercise,)
    return orders_from(lambda: random.randrange(256), Policy().challenge_orders)


def films(
    pictures: portraits.Originals, kind: Kind, exercise: str, count: int
) -> Iterator[tuple[str, Orders, list[Picture]]]:
    """Photograph, orders and film; the same ones in every run."""
    for photo in (*TUNED, *HELD_OUT):
        if kind.film is _two_prints and (photo != ASIDE_OF or exercise != "turns"):
            continue
        for number in range(count):
            random = Random(f"{kind.name} {photo} {number} {exercise}")
            placing = replace(
                Placing(),
                eye_distance=random.uniform(66, 92),
                eyes=(320 + random.uniform(-20, 20), 200 + random.uniform(-12, 12)),
                light=random.uniform(0.85, 1.1),
            )
            actor = Actor(pictures, photo, placing, random)
            orders = drawn(random, exercise)
            yield photo, orders, kind.film(actor, orders)


def _others(actor: Actor, orders: Orders) -> Orders:
    nods = any(order in NODS for order in orders)
    return orders_from(lambda: actor.random.randrange(256), len(orders), [orders], nods=nods)


def _moved(actor: Actor, orders: Orders) -> list[Picture]:
    def show(turn: float, nod: float) -> Picture:
        shift = (turn * 2.0 + actor.random.uniform(-8, 8), -nod * 2.0 + actor.random.uniform(-12, 12))
        return attacks.moved_print(actor.print_(), shift, turn / 2, 1 + abs(turn + nod) / 200)

    return actor.movement(orders, show)


def _replayed(actor: Actor, orders: Orders, *, bezel: bool) -> list[Picture]:
    return actor.movement(orders, lambda turn, nod: attacks.on_a_screen(actor.head(turn, nod), bezel=bezel))


def _both_ways(actor: Actor, orders: Orders) -> list[Picture]:
    endless: Orders = (NODS if orders[0] in NODS else (Order.TURN_LEFT, Order.TURN_RIGHT)) * max(2, len(orders))
    return _replayed(actor, endless, bezel=False)


def _swapped(actor: Actor, orders: Orders) -> list[Picture]:
    def show(turn: float, nod: float) -> Picture:
        return actor.head(turn, nod, actor.other()) if turn or nod else actor.print_()

    return actor.movement(orders, show)


def _two_prints(actor: Actor, orders: Orders) -> list[Picture]:
    def show(turn: float, _nod: float) -> Picture:
        if not turn:
            return actor.head()
        return portraits.shot(actor.pictures, ASIDE, replace(actor.placing, mirror=turn > 0))

    return actor.movement(orders, show)


def _perspective(actor: Actor, orders: Orders) -> list[Picture]:
    return actor.movement(orders, lambda turn, nod: attacks.turned_print(actor.print_(), turn * 1.3, nod * 1.5))


def _bent(actor: Actor, orders: Orders, radius: float) -> list[Picture]:
    def show(turn: float, nod: float) -> Picture:
        return attacks.bent_print(actor.print_(), turn * 1.45, nod * 1.5, radius)

    return actor.movement(orders, show)


KINDS = (
    Kind("people who do as asked", lambda a, o: a.movement(o, a.head), attack=False),
    Kind("print held still", lambda a, o: a.movement(o, lambda _turn, _nod: a.print_())),
    Kind("print moved about and tilted", _moved),
    Kind("print turned in perspective", _perspective),
    Kind("face swapped half-way", _swapped),
    Kind("stored frames of other orders", lambda a, o: a.movement(_others(a, o), a.head)),
    Kind("screen with bezel, other orders", lambda a, o: _replayed(a, _others(a, o), bezel=True)),
    Kind("screen without edges, other orders", lambda a, o: _replayed(a, _others(a, o), bezel=False)),
    Kind("screen that moves both ways over and over", _both_ways),
    Kind("print bent round a head's thickness", lambda a, o: _bent(a, o, 150.0), stopped=False),
    Kind("print bent round something thinner", lambda a, o: _bent(a, o, 110.0), stopped=False),
    Kind("screen with bezel, the right orders", lambda a, o: _replayed(a, o, bezel=True), stopped=False),
    Kind("screen without edges, the right orders", lambda a, o: _replayed(a, o, bezel=False), stopped=False),
    Kind("two prints swapped, one taken from the side", _two_prints, stopped=False),
)
