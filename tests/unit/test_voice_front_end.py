"""The speaker model's input: log-mel energies by Kaldi's definition, checked against its arithmetic done slowly."""

import math

import numpy as np
import pytest

from shared.engines.fbank import BANDS, log_mel
from tests.wav_files import tone


def slow_frame(samples: np.ndarray) -> list[float]:
    """400 samples, step by step as feature-window.cc and mel-computations.cc do it, in double precision."""
    centred = [float(s) - float(np.mean(samples)) for s in samples]
    emphasised = [centred[0] * (1 - 0.97)] + [centred[i] - 0.97 * centred[i - 1] for i in range(1, 400)]
    window = [(0.5 - 0.5 * math.cos(2 * math.pi * i / 399)) ** 0.85 for i in range(400)]
    padded = np.array([s * w for s, w in zip(emphasised, window, strict=True)] + [0.0] * 112)
    power = np.abs(np.fft.fft(padded)[:257]) ** 2

    def mel(hertz: float) -> float:
        return 1127 * math.log(1 + hertz / 700)

    low, width = mel(20), (mel(8_000) - mel(20)) / 81
    energies = []
    for band in range(80):
        left, centre, right = (low + (band + side) * width for side in range(3))
        total = 0.0
        for k in range(256):
            at = mel(k * 16_000 / 512)
            if left < at < right:
                total += power[k] * ((at - left) / width if at <= centre else (right - at) / width)
        energies.append(math.log(max(total, 1.1920929e-07)))
    return energies


def test_each_frame_is_what_kaldi_computes() -> None:
    noise = np.random.default_rng(1).standard_normal(1_000).astype(np.float32) * 0.1
    found = log_mel(noise)
    assert found.shape == (1 + (1_000 - 400) // 160, BANDS)
    for frame in range(len(found)):
        start = 160 * frame
        np.testing.assert_allclose(found[frame], slow_frame(noise[start : start + 400]), atol=1e-3)


def test_a_tone_shows_in_its_own_band() -> None:
    bands = [int(log_mel(tone(0.1, hertz=hertz).astype(np.float32)).mean(0).argmax()) for hertz in (200, 1_000, 4_000)]
    mels = [1127 * math.log(1 + 20 / 700) + (band + 1) * 34.6 for band in bands]  # 81 steps from 20 to 8,000 Hz
    centres = [700 * (math.exp(mel / 1127) - 1) for mel in mels]
    assert centres == pytest.approx([200, 1_000, 4_000], rel=0.06)


def test_silence_stays_finite() -> None:
    assert log_mel(np.zeros(1_600, np.float32)) == pytest.approx(math.log(1.1920929e-07))


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (399, 0), (400, 1), (559, 1), (560, 2)])
def test_only_whole_frames_count(samples: int, frames: int) -> None:
    assert log_mel(np.zeros(samples, np.float32)).shape == (frames, BANDS)
