"""Was this audio heard before? A fingerprint for each clip, and how alike two of them are.

Played again, or cut from an earlier recording and joined to other words, audio keeps its timing to the millisecond;
a person saying the same words again does not. The fingerprint follows the log-mel spectrogram up to 4 kHz (what a
telephone and a small loudspeaker let through) in steps of 40 ms, as differences over 80 ms and between neighbouring
bands: level, room colour and steady noise drop out. Two fingerprints are compared over every lag, in windows of five
seconds, so that a reused sentence shows although the digits after it are new. 350 bytes a second of speech.
"""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float32]

VERSION = 1
FIRST_MEL, MELS_A_BAND, BANDS = 2, 4, 15
FRAMES_A_STEP = 4  # of 10 ms
REACH = 2  # steps between the two sides of a difference in time
WINDOW, SHORTEST = 125, 50  # steps: five seconds, or the shorter clip's length down to two seconds
SCALE = 16  # levels a neper
RANGE = 9.0  # nepers under the loudest band; what is quieter is the room
ENOUGH = 0.3  # a window needs this share of its clip's mean energy: two pauses are always alike

WIDTH = BANDS - 1


def fingerprint(mel: Floats) -> bytes:
    """From `log_mel` energies (frames, 80) of the spoken part; a version byte and 14 bytes a step."""
    steps = len(mel) // FRAMES_A_STEP
    if steps <= REACH:
        return bytes([VERSION])
    used = mel[: steps * FRAMES_A_STEP, FIRST_MEL : FIRST_MEL + BANDS * MELS_A_BAND]
    bands = used.reshape(steps, FRAMES_A_STEP, BANDS, MELS_A_BAND).mean((1, 3))
    bands = np.maximum(bands, bands.max() - RANGE)
    change = np.diff(bands[REACH:] - bands[:-REACH], axis=1)
    return bytes([VERSION]) + np.clip(np.round(change * SCALE), -127, 127).astype(np.int8).tobytes()


def likeness(a: bytes, b: bytes) -> float:
    """0 to 1. 0 also when one is shorter than two seconds, or was made by another version of this module.

    Raises ValueError for bytes that are no fingerprint.
    """
    first, second = _steps(a), _steps(b)
    if first is None or second is None or min(len(first), len(second)) < SHORTEST + 1:
        return 0.0
    # A repeat may begin half a step off, so one side is also tried moved by half a step.
    return max(0.0, _best_window(first, second), _best_window(_between(first), second))


def _steps(data: bytes) -> Floats | None:
    if not data or (len(data) - 1) % WIDTH:
        raise ValueError("not a fingerprint")
    if data[0] != VERSION:
        return None
    return np.frombuffer(data, np.int8, offset=1).reshape(-1, WIDTH).astype(np.float32)


def _between(steps: Floats) -> Floats:
    return (steps[1:] + steps[:-1]) * np.float32(0.5)


def _best_window(a: Floats, b: Floats) -> float:
    """The highest correlation of a window of `a` with one of `b`."""
    size = min(WINDOW, len(a), len(b))
    along = np.zeros((len(a) + 1, len(b) + 1), np.float32)  # sums of products along each diagonal
    products = np.einsum("ik,jk->ij", a, b)  # not `@`: BLAS would set all cores on a few thousand sums
    for row in range(len(a)):
        along[row + 1, 1:] = along[row, :-1] + products[row]
    energy_a, loud_a = _energy(a, size)
    energy_b, loud_b = _energy(b, size)
    found = (along[size:, size:] - along[:-size, :-size])[np.ix_(loud_a, loud_b)]
    if not found.size:
        return 0.0
    return float((found / np.sqrt(np.outer(energy_a[loud_a], energy_b[loud_b]))).max())


def _energy(steps: Floats, size: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Of each window, and whether that is enough to compare."""
    total = np.concatenate([[0], np.cumsum((steps**2).sum(1), dtype=np.float64)])
    energy = (total[size:] - total[:-size]).astype(np.float32)
    return energy, (energy > 0) & (energy >= ENOUGH * size * total[-1] / len(steps))
