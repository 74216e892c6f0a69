"""Speaker verification on labelled clips: three clips enrolled, the others compared with every speaker's profile."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.rates import Scores, bound, verification
from bench.sounds import Condition, Sound

ENROLLED = 3

type Vector = Scores
type Embedder = Callable[[Sound], Vector | None]


@dataclass(frozen=True)
class Clip:
    speaker: str
    sound: Sound


def accuracy(
    embed: Embedder, clips: Sequence[Clip], conditions: Mapping[str, Condition], threshold: float
) -> dict[str, Any]:
    """Rates on the clips as they are, and under `conditions` each with what happened to the tested clip on its way.

    Every clip's turn comes: profiles are made of clips 1-3, then 2-4, and so on round; each time the rest is tested.
    """
    clean = [embed(clip.sound) for clip in clips]
    usable = [number for number, vector in enumerate(clean) if vector is not None]
    turns = _turns([clips[number].speaker for number in usable], usable)
    facts: dict[str, Any] = {"speakers": len(turns), "clips": len(usable), "no_speech": len(clips) - len(usable)}
    if len(turns) < 2:
        return facts
    facts |= _rates(turns, clean, clean, threshold)
    facts["conditions"] = {}
    for name, condition in conditions.items():
        dice = np.random.default_rng(7)
        heard = [
            None if vector is None else embed(condition(clip.sound, dice))
            for clip, vector in zip(clips, clean, strict=True)
        ]
        facts["conditions"][name] = _rates(turns, clean, heard, threshold)
    return facts


type Turns = dict[str, list[int]]


def _turns(speakers: Sequence[str], numbers: Sequence[int]) -> Turns:
    """Each speaker's clips, for speakers with one to test beside those enrolled."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for speaker, number in zip(speakers, numbers, strict=True):
        found[speaker].append(number)
    return {speaker: mine for speaker, mine in found.items() if len(mine) > ENROLLED}


def _rates(
    turns: Turns, enrolled: Sequence[Vector | None], tested: Sequence[Vector | None], threshold: float
) -> dict[str, Any]:
    genuine: list[float] = []
    impostor: list[float] = []
    hits = tried = 0
    for turn in range(max(map(len, turns.values()))):
        chosen = {s: {mine[(turn + i) % len(mine)] for i in range(ENROLLED)} for s, mine in turns.items()}
        names = list(turns)
        profiles = np.array([_profile([enrolled[i] for i in sorted(chosen[name])]) for name in names])
        for speaker, mine in turns.items():
            for number in set(mine) - chosen[speaker]:
                vector = tested[number]
                likeness = np.full(len(names), -1.0) if vector is None else profiles @ vector
                own = names.index(speaker)
                genuine.append(float(likeness[own]))
                impostor += np.delete(likeness, own).tolist()
                hits, tried = hits + int(likeness.argmax() == own), tried + 1
    result = verification(np.array(genuine), np.array(impostor), [threshold])
    lowest = {"genuine_min": round(min(genuine), 3), "impostor_max": round(max(impostor), 3)}
    return result | {"rank1": round(hits / tried, 6), "rank1_bound": bound(hits, tried)} | lowest


def _profile(vectors: Sequence[Vector | None]) -> Vector:
    mean: Vector = np.mean([vector for vector in vectors if vector is not None], axis=0)
    return mean / np.linalg.norm(mean)
