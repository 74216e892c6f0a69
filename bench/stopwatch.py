"""Medians of times, and memory."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import psutil


class Stopwatch:
    """Seconds by stage: by the clock, and of this thread's processor time, which other programs do not lengthen."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = {}
        self._busy: dict[str, list[float]] = {}

    def time[**P, T](self, stage: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        begun, busy = time.perf_counter(), time.thread_time()
        result = work(*args, **kwargs)
        self._busy.setdefault(stage, []).append(time.thread_time() - busy)
        self._seconds.setdefault(stage, []).append(time.perf_counter() - begun)
        return result

    def medians_ms(self) -> dict[str, dict[str, float]]:
        return {stage: {"wall": _ms(self._seconds[stage]), "cpu": _ms(self._busy[stage])} for stage in self._seconds}


def _ms(seconds: list[float]) -> float:
    return round(1000 * median(seconds), 2)


def resident_mb() -> float:
    return round(float(psutil.Process().memory_info().rss) / 1e6, 1)


def table(title: str, rows: dict[str, Any]) -> str:
    width = max((len(name) for name in rows), default=0)
    return "\n".join([title, *(f"  {name:<{width}}  {value}" for name, value in rows.items())])
