"""Log-mel energies as Kaldi computes them (feature-fbank.cc), which the speaker model was trained on.

80 bands from 20 to 8,000 Hz, 25 ms frames every 10 ms, DC removed, pre-emphasis .97, "povey" window, no dither,
frames only where they fit whole ("snip edges").
"""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float32]

SAMPLE_RATE = 16_000
BANDS = 80
_FRAME, _STEP, _FFT = 400, 160, 512
_LOW, _HIGH = 20.0, 8_000.0
_PRE_EMPHASIS = np.float32(0.97)
_FLOOR = np.float32(np.finfo(np.float32).eps)


def _mel(hertz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return 1127.0 * np.log(1.0 + np.asarray(hertz) / 700.0)


def _filters() -> Floats:
    """(bins, bands): triangles that are even on the mel scale."""
    bins = _mel(np.arange(_FFT // 2) * SAMPLE_RATE / _FFT)[:, np.newaxis]
    width = (_mel(_HIGH) - _mel(_LOW)) / (BANDS + 1)
    left = _mel(_LOW) + np.arange(BANDS) * width
    rising, falling = (bins - left) / width, (left + 2 * width - bins) / width
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


_FILTERS = _filters()
_WINDOW = (np.hanning(_FRAME) ** 0.85).astype(np.float32)


def log_mel(samples: Floats) -> Floats:
    """16 kHz mono samples in [-1, 1] to (frames, 80); frames = 1 + (samples - 400) // 160, none for under 25 ms."""
    if len(samples) < _FRAME:
        return np.zeros((0, BANDS), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_STEP].astype(np.float32)
    frames -= frames.mean(1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], 1)
    spectrum = np.fft.rfft((frames - _PRE_EMPHASIS * before) * _WINDOW, _FFT)[:, : _FFT // 2]
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    energies: Floats = np.log(np.maximum(power @ _FILTERS, _FLOOR))
    return energies
