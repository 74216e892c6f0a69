"""`atm.py bench gallery`: the time of one exact search, beside the time of reading the templates once from memory.

Targets: 100,000 templates under 5 ms; 1,000,000 no worse than 1.5 times the read, on one thread. Random unit vectors of
128 dimensions, two templates a person: a measure of speed, not of accuracy.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any

import shared.engines  # noqa: F401  (first: it settles numpy's threads)
from shared.engines.gallery import MatrixGallery
from shared.engines.template_matrix import Vectors

import numpy as np  # isort: skip

SIZES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS = 41
TARGET_MS = {100_000: 5.0}
TARGET_RATIO = {1_000_000: 1.5}


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py bench gallery", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args(argv)
    sizes = [measure(size) for size in options.sizes]
    print(json.dumps({"sizes": sizes}) if options.json else "\n".join(map(_line, sizes)))
    return 1 if any(missed(size) for size in sizes) else 0


def measure(count: int) -> dict[str, Any]:
    rows = unit_vectors(count, seed=0)
    gallery = MatrixGallery("bench")
    people = [f"person-{i // 2}" for i in range(count)]
    load = seconds(partial(gallery.load, "bench", people, rows))
    probes = [row.tobytes() for row in unit_vectors(ROUNDS, seed=1)]
    match, read = [], []
    for probe in probes:  # in turns, so that what else the machine does meets both
        match.append(seconds(partial(gallery.match, probe)))
        read.append(seconds(rows.view(np.int32).max))
    changes = [seconds(partial(gallery.replace, f"person-{i}", probes[:2])) for i in range(ROUNDS)]
    return {
        "templates": count,
        "match_ms": round(1000 * median(match), 3),
        "read_ms": round(1000 * median(read), 3),
        "match_ms_best": round(1000 * min(match), 3),
        "read_ms_best": round(1000 * min(read), 3),
        "replace_ms": round(1000 * median(changes), 3),
        "load_s": round(load, 2),
    }


def missed(size: dict[str, Any]) -> bool:
    count, match, read = size["templates"], size["match_ms"], size["read_ms"]
    return bool(match > TARGET_MS.get(count, np.inf) or match > TARGET_RATIO.get(count, np.inf) * read)


def unit_vectors(count: int, seed: int) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((count, 128), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _line(size: dict[str, Any]) -> str:
    ratio = size["match_ms"] / size["read_ms"]
    return (
        f"{size['templates']:>9,} templates: match {size['match_ms']:.2f} ms, plain read {size['read_ms']:.2f} ms "
        f"(×{ratio:.2f}), replace {size['replace_ms']:.2f} ms, load {size['load_s']:.1f} s"
        f"{'  MISSED' if missed(size) else ''}"
    )
