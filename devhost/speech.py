"""Somebody to speak to the machine when nobody is there: the demo's four synthetic voices.

The words come from committed clips (made by `tools/speech_clips.py` with flite), and a visit's phrase is put together
from them. Recordings joined anew are just what the repeat check is there to refuse, so a reading is made into an
utterance of its own: takes are picked word by word; pace, pitch and pauses wander as a person's do; level and room
noise differ. That is more alike than two readings by a person are: ENGINES in docs/ has the figures.
"""

import io
import math
import wave
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from devhost.tempo import retime

RATE = 16_000
VOICES = ("slt", "rms", "awb", "kal16")
SENTENCE_TAKES, DIGIT_TAKES = 3, 2
CLIPS = Path(__file__).resolve().parent.parent / "tests" / "data" / "speech"
PACE = 0.22
"""The slowest and the fastest reading are exp(∓PACE) times as fast as the take."""
WANDER, KNOT = 0.22, RATE * 3 // 10
"""Within a word the pace wanders by this share, from knot to knot."""

type Samples = NDArray[np.float32]


def say(voice: str, digits: str = "", *, sentence: bool = True, seed: int = 0) -> bytes:
    """One reading of "My voice is my passport, verify me" and the digits, as a 16 kHz mono 16-bit WAV.

    Another seed is another utterance of the same speaker; neighbouring seeds are the least alike. Raises ValueError
    for an unknown voice or something that is no digit.
    """
    if not all(digit in "0123456789" for digit in digits):
        raise ValueError("digits are 0 to 9")
    reader = _Reader(voice, seed)
    parts = [reader.pause(0.2, 0.5)]
    if sentence:
        parts += [reader.word(f"passport-{1 + seed % SENTENCE_TAKES}", 0), reader.pause(0.05, 0.4)]
        parts += [reader.word(f"verify-{1 + seed // SENTENCE_TAKES % SENTENCE_TAKES}", 1), reader.pause(0.3, 0.7)]
    rhythm = reader.dice.uniform(0.08, 0.35)
    for digit in digits:
        parts += [reader.word(f"{digit}-{reader.dice.integers(1, DIGIT_TAKES + 1)}", 2)]
        parts += [reader.pause(0.6 * rhythm, 1.6 * rhythm)]
    return reader.recording([*parts, reader.pause(0.2, 0.4)])


def small_talk(voice: str, *, seed: int = 0) -> bytes:
    """The same speaker saying something else."""
    reader = _Reader(voice, seed)
    return reader.recording([reader.pause(0.2, 0.5), reader.word("small_talk", 0), reader.pause(0.2, 0.4)])


class _Reader:
    """A voice on one occasion. All chance follows from the seed."""

    def __init__(self, voice: str, seed: int) -> None:
        if voice not in VOICES:
            raise ValueError(f"unknown voice {voice!r}")
        self.voice = voice
        self.dice = np.random.default_rng(seed)
        self._pitch = self.dice.uniform(0.97, 1.03)
        # Three paces, spread evenly over neighbouring seeds: Roberts' R3 sequence, powers of the root of g⁴ = g + 1.
        self._paces = [math.exp(PACE * (2 * (seed / 1.2207440846**power % 1) - 1)) for power in (1, 2, 3)]

    def word(self, name: str, part: int) -> Samples:
        clip = _clip(self.voice, name)
        clip = np.interp(np.arange(0, len(clip) - 1, self._pitch), np.arange(len(clip)), clip).astype(np.float32)
        knots = np.arange(0, len(clip) + 2 * KNOT, KNOT)
        speeds = self._paces[part] / self._pitch * (1 + self.dice.uniform(-WANDER, WANDER, len(knots)))
        return retime(clip, lambda position: float(np.interp(position, knots, speeds)))

    def pause(self, low: float, high: float) -> Samples:
        return np.zeros(round(self.dice.uniform(low, high) * RATE), np.float32)

    def recording(self, parts: list[Samples]) -> bytes:
        """At a level of its own (loudest sample -9 to -2 dB), with noise 50 to 60 dB under full scale."""
        clip = np.concatenate(parts)
        level = self.dice.uniform(0.35, 0.8) / float(np.abs(clip).max())
        noise = self.dice.standard_normal(len(clip)) * 10 ** (-self.dice.uniform(50, 60) / 20)
        return _wav(clip * level + noise)


@cache
def _clip(voice: str, name: str) -> Samples:
    with wave.open(str(CLIPS / voice / f"{name}.wav")) as clip:
        return np.frombuffer(clip.readframes(clip.getnframes()), "<i2").astype(np.float32) / np.float32(32768)


def _wav(clip: NDArray[np.floating]) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(np.clip(clip, -1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()
