"""`atm.py bench liveness`: who passes the active challenge: people who move their heads, and what is held up instead.

Films made of photographs (liveness_films.py), analysed by the real engine and judged by the rule of the app. Half of
the photographs were not looked at when the thresholds were chosen. APCER: attacks that pass; BPCER: people who do not
(ISO/IEC 30107-3); with so few films a rate of 0 means "under a fifth", not never. Four ways to be let through:

    passive    the presentation check of two frames looking straight, without a challenge
    by yaw     a challenge of turns, were the face's narrowing not looked at
    turns      the challenge as it is
    look_up    looking up alone; nod: nodding alone. A challenge has one of them at most, beside its turns
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.liveness_films import EXERCISES, HELD_OUT, KINDS, STRAIGHT, TUNED, films
from devhost import models, portraits
from devhost.scenes import Picture, Placing
from shared.domain.face import Embedding, FaceAnalysis
from shared.domain.frames import FrameFact, Likeness
from shared.domain.liveness import judge
from shared.domain.policy import Policy
from shared.engines.face import EmbeddedFaceEngine
from shared.engines.face_settings import FaceSettings

EVERY = timedelta(milliseconds=400)
START = datetime(2026, 1, 1, tzinfo=UTC)
WAYS = ("passive", "by yaw", *EXERCISES)
_BLIND = replace(Policy(), challenge_narrowing=1.0)


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
            pitch=seen.pose.pitch if seen.pose else None,
            breadth=seen.pose.breadth if seen.pose else None,
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


def measure(judge_of: Judge, pictures: portraits.Originals, count: int, only: str) -> Iterator[dict[str, Any]]:
    """One row a kind: of each half of the photographs, films and how many passed, by the way."""
    for kind in (kind for kind in KINDS if only in kind.name):
        row: dict[str, Any] = {"kind": kind.name, "attack": kind.attack, "stopped": kind.stopped}
        row |= {half: {way: [0, 0] for way in WAYS} for half in ("tuned", "held out")}
        for exercise in EXERCISES:
            for photo, orders, film in films(pictures, kind, exercise, count):
                half = row["tuned" if photo in TUNED else "held out"]
                for way, passed in _passed(exercise, orders, judge_of.facts(film, photo)).items():
                    half[way][0] += passed
                    half[way][1] += 1
        yield row


def _passed(exercise: str, orders: Sequence[str], facts: Sequence[FrameFact]) -> dict[str, bool]:
    done = {exercise: judge(facts, orders, "person", Policy()).finished(orders)}
    if exercise != "turns":
        return done
    return done | {
        "passive": all(fact.good for fact in facts[:2]),
        "by yaw": judge(facts, orders, "person", _BLIND).finished(orders),
    }


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py bench liveness", description=__doc__)
    parser.add_argument("--films", type=int, default=2, help="films of each kind, way and photograph")
    parser.add_argument("--only", default="", help="kinds whose name has this in it")
    parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
    given = parser.parse_args(argv)
    say = (lambda _line: None) if given.json else print
    settings = FaceSettings()
    engine = EmbeddedFaceEngine(models.ensure(say), settings)
    pictures = portraits.originals(portraits.ensure(say))
    rows = []
    if not given.json:
        print(f"\n  Passed of films; photographs tuned on {TUNED} | held out {HELD_OUT}")
        print(f"  {'':44}{_columns(WAYS)} | {_columns(WAYS)}", flush=True)
    for row in measure(Judge(engine, settings, pictures), pictures, given.films, given.only):
        rows.append(row)
        if not given.json:
            print(_line(row), flush=True)
    if given.json:
        print(json.dumps(rows))
    return 1 if any(row["attack"] and row["stopped"] and _through(row) for row in rows) else 0


def _through(row: dict[str, Any]) -> int:
    """Films that pass a challenge of turns: the one that is always asked for."""
    return sum(row[half]["turns"][0] for half in ("tuned", "held out"))


def _line(row: dict[str, Any]) -> str:
    halves = [
        _columns(f"{passed}/{of}" if of else "-" for passed, of in row[half].values()) for half in ("tuned", "held out")
    ]
    what = "" if row["attack"] else "  (1 - BPCER)"
    return f"  {row['kind']:44}{halves[0]} | {halves[1]}{what if row['stopped'] else '  not what turning stops'}"


def _columns(words: Iterable[str]) -> str:
    return "".join(f"{word:>9}" for word in words)


if __name__ == "__main__":
    raise SystemExit(main([]))
