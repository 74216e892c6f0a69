"""A short run of every fuzz target, the same inputs each time; `atm.py bench fuzz` is the long one."""

import random
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fuzz.targets import Target, mutated, targets

TARGETS = targets()
TIMES = {"requests": 1500}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_good_inputs_and_changed_ones_end_in_an_answer(target: Target) -> None:
    source = random.Random(target.name)
    for seed in target.seeds:
        target.run(seed)
    slowest = 0.0
    for _ in range(TIMES.get(target.name, 400)):
        data = mutated(target.seeds, source)
        begun = time.perf_counter()
        try:
            target.run(data)
        except Exception as finding:
            raise AssertionError(f"{target.name}: {data!r}") from finding
        slowest = max(slowest, time.perf_counter() - begun)
    assert slowest < 30, "an input that hangs"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_any_bytes_end_in_an_answer(target: Target) -> None:
    @given(st.binary(max_size=300))
    @example(b"")
    def any_bytes(data: bytes) -> None:
        target.run(data)

    any_bytes()
