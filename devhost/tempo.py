"""Speech said faster or slower without changing its pitch: waveform similarity overlap-add.

Verhelst and Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high quality time-scale
modification of speech", ICASSP 1993. 30 ms windows, half overlapping, each moved by up to 7.5 ms to fit the one before.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

type Samples = NDArray[np.float32]

WINDOW, SHIFT = 480, 120  # samples at 16 kHz
HOP = WINDOW // 2
_SHAPE = np.hanning(WINDOW + 1)[:WINDOW].astype(np.float32)


def retime(clip: Samples, speed: Callable[[float], float]) -> Samples:
    """`speed(position)`: how fast to go at a sample of the clip, 1 as recorded; above 0.5 everywhere."""
    clip = np.pad(clip, (HOP, WINDOW + SHIFT))
    last = len(clip) - WINDOW - SHIFT
    pieces: list[Samples] = []
    position, at = 0.0, 0
    while position < last:
        at = _best_fit(clip, round(position), clip[at + HOP : at + HOP + WINDOW]) if pieces else 0
        pieces.append(clip[at : at + WINDOW] * _SHAPE)
        position += HOP * speed(position)
    out = np.zeros(HOP * (len(pieces) + 1), np.float32)
    for number, piece in enumerate(pieces):
        out[number * HOP : number * HOP + WINDOW] += piece
    return out[HOP:]


def _best_fit(clip: Samples, near: int, continuation: Samples) -> int:
    """Where, around a sample, the clip goes on most like the natural continuation of the piece before."""
    low = max(0, near - SHIFT)
    search = clip[low : near + SHIFT + WINDOW]
    likeness = np.correlate(search, continuation, "valid")
    energy = np.convolve(search**2, np.ones(len(continuation), np.float32), "valid")
    return low + int((likeness / np.sqrt(energy + 1e-6)).argmax())
