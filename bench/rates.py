"""How well scores tell genuine pairs from impostors, each rate with its 95 % bound.

Bounds are Wilson's, on the number of pairs. Pairs share images and are not independent, so true bounds are wider; with
few people they are much wider. A rate of 0 of n is bounded by about 3.8 / n.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Scores = NDArray[np.float64]

_Z = 1.959964
"""The normal's 97.5 % quantile."""
FALSE_ACCEPT_RATES = (0.01, 0.001, 0.0)


def bound(hits: float, trials: int) -> list[float]:
    """Wilson's 95 % interval of a proportion."""
    if not trials:
        return [0.0, 1.0]
    p, z = hits / trials, _Z
    middle = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    return [round(max(0.0, middle - half), 6), round(min(1.0, middle + half), 6)]


def verification(genuine: Scores, impostor: Scores, thresholds: Sequence[float]) -> dict[str, Any]:
    """EER, TAR at fixed FARs, and both error rates at the thresholds in use. Higher scores are more alike."""
    result: dict[str, Any] = {"genuine": len(genuine), "impostor": len(impostor)}
    if not len(genuine) or not len(impostor):
        return result | {"thresholds": []}
    rate, at = equal_error(genuine, impostor)
    result |= {"eer": round(rate, 6), "eer_bound": bound(rate * len(genuine), len(genuine)), "eer_threshold": at}
    for allowed in FALSE_ACCEPT_RATES:
        threshold = threshold_at(impostor, allowed)
        passed = int((genuine > threshold).sum())
        name = f"tar_at_far_{allowed:g}"
        result |= {name: round(passed / len(genuine), 6), f"{name}_bound": bound(passed, len(genuine))}
    result["thresholds"] = [_at(genuine, impostor, threshold) for threshold in thresholds]
    return result


def equal_error(genuine: Scores, impostor: Scores) -> tuple[float, float]:
    """The rate at which false rejects and false accepts are equal, and the threshold."""
    candidates = np.unique(np.concatenate([genuine, impostor]))
    rejects = np.searchsorted(np.sort(genuine), candidates, side="left") / len(genuine)
    accepts = 1 - np.searchsorted(np.sort(impostor), candidates, side="left") / len(impostor)
    best = int(np.argmin(np.abs(rejects - accepts)))
    return float(rejects[best] + accepts[best]) / 2, round(float(candidates[best]), 4)


def threshold_at(impostor: Scores, allowed: float) -> float:
    """The score that at most `allowed` of the impostors exceed."""
    ranked = np.sort(impostor)[::-1]
    return float(ranked[min(int(allowed * len(ranked)), len(ranked) - 1)])


def rank_one(similar: Scores, people: Sequence[str]) -> tuple[int, int]:
    """How many images are most like another of the same person, and of how many that have another."""
    similar = np.where(np.eye(len(people), dtype=bool), -np.inf, similar)
    tried = [i for i, person in enumerate(people) if people.count(person) > 1]
    return sum(people[int(similar[i].argmax())] == people[i] for i in tried), len(tried)


def pairs(similar: Scores, people: Sequence[str]) -> tuple[Scores, Scores]:
    """Genuine and impostor scores out of the matrix of all."""
    rows, columns = np.triu_indices(len(people), 1)
    same = np.array(people)[rows] == np.array(people)[columns]
    scores = similar[rows, columns]
    return scores[same], scores[~same]


def _at(genuine: Scores, impostor: Scores, threshold: float) -> dict[str, Any]:
    rejected, accepted = int((genuine < threshold).sum()), int((impostor >= threshold).sum())
    return {
        "threshold": round(threshold, 4),
        "frr": round(rejected / len(genuine), 6),
        "frr_bound": bound(rejected, len(genuine)),
        "far": round(accepted / len(impostor), 6),
        "far_bound": bound(accepted, len(impostor)),
    }
