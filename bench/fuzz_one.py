"""One fuzz target in a process: `python -m bench.fuzz_one TARGET INPUTS SEED RESULT.json`."""

import json
import logging
import os
import random
import sys
import time
from pathlib import Path

import psutil

try:
    import atheris
except ImportError:  # not on every platform
    atheris = None

if atheris is not None:
    with atheris.instrument_imports(include=["shared", "functions"]):
        import shared.wiring  # noqa: F401
        from tests.fuzz.targets import Target, mutated, targets
else:
    from tests.fuzz.targets import Target, mutated, targets

TIMEOUT_SECONDS = 10


class Watched:
    """Runs a target and keeps count; the result is written again and again, for the fuzzer ends the process itself."""

    def __init__(self, target: Target, inputs: int, result: Path, by: str) -> None:
        self._target, self._inputs, self._result, self._by = target, inputs, result, by
        self._process = psutil.Process()
        self._done, self._slowest, self._half = 0, 0.0, 0.0

    def __call__(self, data: bytes) -> None:
        begun = time.perf_counter()
        try:
            self._target.run(data)
        except Exception:
            name = f"{self._target.name.replace(' ', '-')}-{self._done}.bin"
            (self._result.parent / name).write_bytes(data)
            raise
        self._slowest = max(self._slowest, time.perf_counter() - begun)
        self._done += 1
        if self._done == max(1, self._inputs // 2):
            self._half = self._memory()
        if self._done % 500 == 0 or self._done == self._inputs:
            self._write()

    def _memory(self) -> float:
        return float(self._process.memory_info().rss) / 2**20

    def _write(self) -> None:
        told = {
            "inputs": self._done,
            "slowest_s": round(self._slowest, 3),
            "grown_mb": round(self._memory() - self._half, 1) if self._half else 0.0,
            "by": self._by,
        }
        self._result.write_text(json.dumps(told), encoding="utf-8")


def begin(argv: list[str]) -> None:
    name, inputs, seed, result = argv[0], int(argv[1]), int(argv[2]), Path(argv[3])
    logging.disable(logging.CRITICAL)
    target = next(t for t in targets() if t.name == name)
    if atheris is None:
        by_chance(Watched(target, inputs, result, "chance"), target, inputs, seed)
        return
    corpus = result.with_suffix("")
    corpus.mkdir(exist_ok=True)
    for number, good in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(good)
    options = [f"-runs={inputs}", f"-seed={seed}", f"-timeout={TIMEOUT_SECONDS}", "-max_len=65536", "-verbosity=0"]
    os.environ["PYTHONHASHSEED"] = str(seed)
    atheris.Setup(
        [sys.argv[0], *options, f"-artifact_prefix={corpus}-", str(corpus)], Watched(target, inputs, result, "coverage")
    )
    atheris.Fuzz()


def by_chance(watched: Watched, target: Target, inputs: int, seed: int) -> None:
    source = random.Random(seed)
    for number in range(inputs):
        watched(target.seeds[number] if number < len(target.seeds) else mutated(target.seeds, source))


if __name__ == "__main__":
    begin(sys.argv[1:])
