"""`atm.py bench liveness`: who passes the active challenge: people who turn their heads, and what is held up instead.

Films made of photographs, analysed by the real engine and judged by the rule of the app. Half of the photographs were
not looked at when the thresholds were chosen. APCER: attacks that pass; BPCER: people who do not (ISO/IEC 30107-3);
with so few films a rate of 0 means "under a fifth", not never. Heads turn as a drawing program turns them.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from devhost import attacks, models, portraits
from devhost.scenes import Picture, Placing
from shared.domain.face import Embedding, FaceAnalysis
from shared.domain.frames import FrameFact, Likeness
from shared.domain.liveness import judge, orders_from
from shared.domain.policy import Policy
from shared.engines.face import EmbeddedFaceEngine
from shared.engines.face_settings import FaceSettings

TUNED, HELD_OUT = ("a1", "b1"), ("a2", "c1")
STRAIGHT = {"a1": 2.0, "a2": -11.0, "b1": -13.0, "c1": 4.0}
"""How far each photograph's head must be turned back to look straight ahead, in drawn degrees."""
ASIDE, ASIDE_OF = "a3", "a1"
"""One more photograph of a person, who looks to the side in it."""
EVERY = timedelta(milliseconds=400)
START = datetime(2026, 1, 1, tzinfo=UTC)
TURNS = (14.0, 17.0, 20.0, 23.0)
_SIDE = {"turn_left": 1, "turn_right": -1}

type Orders = tuple[str, ...]
type Show = Callable[["Actor", float], Picture]


@dataclass(frozen=True, slots=True)
class Kind:
    """`stopped`: the challenge is meant to stop it; the others show where it ends."""

    name: str
    film: Callable[["Actor", Orders], list[Picture]]
    attack: bool = True
    stopped: bool = True


@dataclass(slots=True)
class Actor:
    """A photograph, and where it stands in this film."""

    pictures: portraits.Originals
    photo: str
    placing: Placing
    random: Random

    def head(self, degrees: float = 0, photo: str | None = None) -> Picture:
        """A living head, turned so far from straight ahead; towards the image's right when positive."""
        photo = photo or self.photo
        return portraits.shot(self.pictures, photo, replace(self.placing, turn=STRAIGHT.get(photo, 0.0) + degrees))

    def print_(self) -> Picture:
        return self.head()

    def other(self) -> str:
        return {"a": "b1", "b": "c1", "c": "a1"}[self.photo[0]]

    def movement(self, orders: Orders, show: Callable[[float], Picture]) -> list[Picture]:
        """Straight, and each turn farther and farther and back, as somebody does whom a screen tells to go on."""
        film = [show(0), show(0)]
        for order in orders:
            most = _SIDE[order] * self.random.uniform(34, 40)
            film += [show(most * share) for share in (0.55, 0.75, 1.0, 0, 0, 0)]
        return film


def _others(actor: Actor, orders: Orders) -> Orders:
    draw = lambda: actor.random.randrange(256)  # noqa: E731
    return orders_from(draw, len(orders), [orders])


def _moved(actor: Actor, orders: Orders) -> list[Picture]:
    def show(turn: float) -> Picture:
        shift = (turn * 2.0, actor.random.uniform(-12, 12))
        return attacks.moved_print(actor.print_(), shift, turn / 2, 1 + abs(turn) / 200)

    return actor.movement(orders, show)


def _replayed(actor: Actor, orders: Orders, show: Callable[[Picture], Picture]) -> list[Picture]:
    return actor.movement(orders, lambda turn: show(actor.head(turn)))


def _both_ways(actor: Actor, orders: Orders) -> list[Picture]:
    endless: Orders = ("turn_left", "turn_right") * len(orders)
    return _replayed(actor, endless, lambda p: attacks.on_a_screen(p, bezel=False))


def _swapped(actor: Actor, orders: Orders) -> list[Picture]:
    return actor.movement(orders, lambda turn: actor.head(turn, actor.other()) if turn else actor.print_())


def _two_prints(actor: Actor, orders: Orders) -> list[Picture]:
    def show(turn: float) -> Picture:
        if not turn:
            return actor.head()
        return portraits.shot(actor.pictures, ASIDE, replace(actor.placing, mirror=turn > 0))

    return actor.movement(orders, show)


KINDS = (
    Kind("people who do as asked", lambda a, o: a.movement(o, a.head), attack=False),
    Kind("print held still", lambda a, o: a.movement(o, lambda _: a.print_())),
    Kind("print moved about and tilted", _moved),
    Kind(
        "print turned in perspective", lambda a, o: a.movement(o, lambda t: attacks.turned_print(a.print_(), t * 1.3))
    ),
    Kind("face swapped half-way", _swapped),
    Kind("stored frames of other orders", lambda a, o: a.movement(_others(a, o), a.head)),
    Kind(
        "screen with bezel, other orders",
        lambda a, o: _replayed(a, _others(a, o), lambda p: attacks.on_a_screen(p, bezel=True)),
    ),
    Kind(
        "screen without edges, other orders",
        lambda a, o: _replayed(a, _others(a, o), lambda p: attacks.on_a_screen(p, bezel=False)),
    ),
    Kind("screen that turns both ways over and over", _both_ways),
    Kind(
        "screen with bezel, the right orders",
        lambda a, o: _replayed(a, o, lambda p: attacks.on_a_screen(p, bezel=True)),
        stopped=False,
    ),
    Kind(
        "screen without edges, the right orders",
        lambda a, o: _replayed(a, o, lambda p: attacks.on_a_screen(p, bezel=False)),
        stopped=False,
    ),
    Kind(
        "print bent round and turned",
        lambda a, o: a.movement(o, lambda t: attacks.bent_print(a.print_(), t * 1.2)),
        stopped=False,
    ),
    Kind("two prints swapped, one taken from the side", _two_prints, stopped=False),
)


class Judge:
    """What the app makes of a film: the facts of its frames, and the fold over them."""

    def __init__(self, engine: EmbeddedFaceEngine, settings: FaceSettings, pictures: portraits.Originals) -> None:
        self._engine = engine
        self._likeness = Likeness(same=settings.same, other=settings.other)
        self._pictures = pictures
        self._templates: dict[str, list[Embedding]] = {}

    def facts(self, film: Sequence[Picture], photo: str) -> list[FrameFact]:
        """As `identify_face` writes them down while the person of `photo` is accepted."""
        facts, before = [], list[FaceAnalysis]()
        for seq, picture in enumerate(film, 1):
            seen = self._engine.analyse(portraits.jpeg(picture))
            facts.append(self._fact(seq, seen, before[-3:], photo))
            before.append(seen)
        return facts

    def _fact(self, seq: int, seen: FaceAnalysis, before: Sequence[FaceAnalysis], photo: str) -> FrameFact:
        last = next((b.embedding for b in reversed(before) if b.embedding is not None), None)
        own = seen.embedding
        link = self._likeness.link(self._engine.similarity(last, own)) if last and own else None
        score = max(self._engine.similarity(t, own) for t in self._of(photo)) if own else None
        return FrameFact(
            seq=seq,
            at=START + seq * EVERY,
            readable=True,
            faces=len(seen.faces),
            near_faces=seen.near_faces,
            hint=seen.hint,
            live=seen.live,
            link=link,
            person="person" if score is not None else None,
            shows=self._likeness.shows(score) if score is not None else None,
            yaw=seen.pose.yaw if seen.pose else None,
        )

    def _of(self, photo: str) -> list[Embedding]:
        if photo not in self._templates:
            found = [
                self._engine.analyse(portraits.jpeg(portraits.shot(self._pictures, name, Placing()))).embedding
                for name in STRAIGHT
                if name[0] == photo[0]
            ]
            self._templates[photo] = [e for e in found if e is not None]
        return self._templates[photo]


def films(pictures: portraits.Originals, kind: Kind, count: int) -> Iterator[tuple[str, Orders, list[Picture]]]:
    """Photograph, orders and film; the same ones in every run."""
    for photo in (*TUNED, *HELD_OUT):
        if kind.film is _two_prints and photo != ASIDE_OF:
            continue
        for number in range(count):
            random = Random(f"{kind.name} {photo} {number}")
            placing = replace(
                Placing(),
                eye_distance=random.uniform(66, 92),
                eyes=(320 + random.uniform(-20, 20), 200 + random.uniform(-12, 12)),
                light=random.uniform(0.85, 1.1),
            )
            actor = Actor(pictures, photo, placing, random)
            orders = orders_from(lambda random=random: random.randrange(256), Policy().challenge_orders)  # type: ignore[misc]
            yield photo, orders, kind.film(actor, orders)


def measure(judge_of: Judge, pictures: portraits.Originals, count: int, only: str) -> Iterator[dict[str, Any]]:
    """One row a kind; `passed` and `films` by threshold and by half."""
    for kind in (kind for kind in KINDS if only in kind.name):
        seen = [(photo, orders, judge_of.facts(film, photo)) for photo, orders, film in films(pictures, kind, count)]
        row: dict[str, Any] = {"kind": kind.name, "attack": kind.attack, "stopped": kind.stopped}
        for half, photos in (("tuned", TUNED), ("held out", HELD_OUT)):
            mine = [(o, f) for photo, o, f in seen if photo in photos]
            row[half] = {"films": len(mine)}
            for turn in TURNS:
                policy = replace(Policy(), challenge_turn=turn)
                row[half][f"{turn:.0f}"] = sum(judge(f, o, "person", policy).finished(o) for o, f in mine)
            row[half]["doubted"] = sum(any(f.live is False for f in facts) for _, facts in mine)
        yield row


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py bench liveness", description=__doc__)
    parser.add_argument("--films", type=int, default=2, help="films of each kind and photograph")
    parser.add_argument("--only", default="", help="kinds whose name has this in it")
    parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
    given = parser.parse_args(argv)
    say = (lambda _line: None) if given.json else print
    settings = FaceSettings()
    engine = EmbeddedFaceEngine(models.ensure(say), settings)
    pictures = portraits.originals(portraits.ensure(say))
    rows = []
    if not given.json:
        _head()
    for row in measure(Judge(engine, settings, pictures), pictures, given.films, given.only):
        rows.append(row)
        if not given.json:
            _print(row)
    if given.json:
        print(json.dumps(rows))
    chosen = f"{Policy().challenge_turn:.0f}"
    through = [
        row for row in rows if row["attack"] and row["stopped"] and row["tuned"][chosen] + row["held out"][chosen]
    ]
    return 1 if through else 0


def _head() -> None:
    chosen = f"{Policy().challenge_turn:.0f}"
    degrees = "".join(f"{turn:>7.0f}°" for turn in TURNS)
    print(f"\n  Passed of films, by the degrees a turn needs (the setting: {chosen}); photographs tuned on | held out")
    print(f"  {'':44}{degrees}   {degrees}", flush=True)


def _print(row: dict[str, Any]) -> None:
    halves = [
        "".join(f"{row[half][f'{t:.0f}']:>4}/{row[half]['films']:<3}" for t in TURNS) for half in ("tuned", "held out")
    ]
    what = "" if row["attack"] else "  (1 - BPCER)"
    if not row["stopped"]:
        doubted = row["tuned"]["doubted"] + row["held out"]["doubted"]
        what = f"  not what turning stops; doubted by the passive check in {doubted}"
    print(f"  {row['kind']:44}{halves[0]} | {halves[1]}{what}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main([]))
