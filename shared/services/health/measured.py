"""What outside services and engines take: measured around their ports, said once a minute a process.

A line a call would cost more than the calls of a quiet kiosk; a summary costs the same however busy it is. The last
minute of a process that ends is not told.
"""

import logging
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.domain.face import Embedding, FaceAnalysis
from shared.domain.voice import VoiceAnalysis
from shared.logs import say
from shared.ports import Clock, FaceEngine, Sms, VoiceEngine

EVERY = timedelta(minutes=1)
_MOST = 10_000


@dataclass(slots=True)
class _Window:
    since: datetime
    took: list[float] = field(default_factory=list)  # milliseconds
    failed: int = 0


class Latencies:
    """Says `provider calls` with calls, failed, mean_ms, p95_ms and slowest_ms for each provider and operation."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], _Window] = {}

    def time[T](self, provider: str, operation: str, call: Callable[[], T]) -> T:
        """Make the call. What it raises is counted and goes on."""
        begun, fine = self._clock.now(), False
        try:
            result = call()
            fine = True
        finally:
            self._took(provider, operation, begun, fine)
        return result

    def _took(self, provider: str, operation: str, begun: datetime, fine: bool) -> None:
        now = self._clock.now()
        with self._lock:
            window = self._windows.setdefault((provider, operation), _Window(begun))
            if len(window.took) < _MOST:
                window.took.append(max(0.0, (now - begun).total_seconds() * 1000))
            window.failed += not fine
            if now - window.since < EVERY:
                return
            del self._windows[provider, operation]
        _tell(provider, operation, window)


def _tell(provider: str, operation: str, window: _Window) -> None:
    took = sorted(window.took)
    say(
        logging.INFO,
        "provider calls",
        provider=provider,
        operation=operation,
        calls=len(took),
        failed=window.failed,
        mean_ms=round(sum(took) / len(took), 1),
        p95_ms=round(took[math.ceil(0.95 * len(took)) - 1], 1),
        slowest_ms=round(took[-1], 1),
    )


class MeasuredSms:
    def __init__(self, inner: Sms, latencies: Latencies, provider: str) -> None:
        self._inner, self._latencies, self._provider = inner, latencies, provider

    def send(self, to: str, text: str, reference: str) -> str:
        return self._latencies.time(self._provider, "send", lambda: self._inner.send(to, text, reference))


class MeasuredFaceEngine:
    def __init__(self, inner: FaceEngine, latencies: Latencies) -> None:
        self._inner, self._latencies = inner, latencies

    @property
    def model(self) -> str:
        return self._inner.model

    def analyse(self, image: bytes) -> FaceAnalysis:
        return self._latencies.time("face", "analyse", lambda: self._inner.analyse(image))

    def similarity(self, a: Embedding, b: Embedding) -> float:
        return self._inner.similarity(a, b)

    def warm(self) -> None:
        self._latencies.time("face", "warm", self._inner.warm)


class MeasuredVoiceEngine:
    def __init__(self, inner: VoiceEngine, latencies: Latencies) -> None:
        self._inner, self._latencies = inner, latencies

    @property
    def model(self) -> str:
        return self._inner.model

    def analyse(self, wav: bytes, sentence: str = "", digits: str = "") -> VoiceAnalysis:
        return self._latencies.time("voice", "analyse", lambda: self._inner.analyse(wav, sentence, digits))

    def profile(self, embeddings: Sequence[Embedding]) -> Embedding:
        return self._inner.profile(embeddings)

    def similarity(self, a: Embedding, b: Embedding) -> float:
        return self._inner.similarity(a, b)

    def warm(self) -> None:
        self._latencies.time("voice", "warm", self._inner.warm)

    def repeat(self, a: bytes, b: bytes) -> float:
        return self._inner.repeat(a, b)
