"""Decoding: the same sound comes out of every make of WAV, at 16 kHz, mono, within [-1, 1]."""

import numpy as np
import pytest

from shared.domain.errors import MediaRejected
from shared.domain.wav_header import WavLimits
from shared.engines.wav import decode_wav
from tests.wav_files import FLOAT, PCM, tone, wav

LIMITS = WavLimits(max_bytes=4_000_000, max_seconds=20, max_channels=8, rates=(8_000, 192_000))


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation, leaving out 20 ms at both ends, where a resampler's filter begins."""
    n = min(len(a), len(b))
    return float(np.corrcoef(a[320 : n - 320], b[320 : n - 320])[0, 1])


@pytest.mark.parametrize(("kind", "bits"), [(PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)])
@pytest.mark.parametrize("extensible", [False, True])
def test_every_depth_gives_the_same_samples(kind: int, bits: int, extensible: bool) -> None:
    sound = tone(0.5, level=0.8)
    decoded = decode_wav(wav(sound, 16_000, bits, kind, extensible=extensible), LIMITS)
    assert decoded.dtype == np.float32
    np.testing.assert_allclose(decoded, sound, atol=2**-15)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_every_rate_becomes_sixteen_kilohertz(rate: int) -> None:
    decoded = decode_wav(wav(tone(1.0, rate), rate), LIMITS)
    assert len(decoded) == pytest.approx(16_000, abs=2)
    assert likeness(decoded, tone(1.0)) > 0.9999


def test_what_is_above_half_the_rate_is_filtered_out_rather_than_folded_back() -> None:
    """Dropping samples would turn 15 kHz into 1 kHz, in the middle of the voice."""
    decoded = decode_wav(wav(tone(1.0, 48_000, hertz=15_000), 48_000), LIMITS)
    assert np.abs(decoded[800:-800]).max() < 0.001


@pytest.mark.parametrize("channels", [2, 3, 8])
def test_channels_are_averaged(channels: int) -> None:
    sound = np.zeros((8_000, channels))
    sound[:, 0] = tone(0.5)
    np.testing.assert_allclose(decode_wav(wav(sound), LIMITS), tone(0.5) / channels, atol=2**-15)


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_full_scale_both_ways_stays_within_one(rate: int) -> None:
    square = np.repeat(np.tile([1.0, -1.0], 80), 50)
    for bits, kind in ((16, PCM), (24, PCM), (32, PCM), (32, FLOAT)):
        assert np.abs(decode_wav(wav(square, rate, bits, kind), LIMITS)).max() <= 1


def test_a_float_file_in_integer_units_is_scaled_down_as_a_whole() -> None:
    decoded = decode_wav(wav(tone(0.5) * 32_768, 16_000, 32, FLOAT), LIMITS)
    assert np.abs(decoded).max() == pytest.approx(1)
    assert likeness(decoded, tone(0.5)) > 0.9999


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("bits", [32, 64])
def test_one_sample_that_is_no_number_spoils_the_clip(value: float, bits: int) -> None:
    sound = tone(0.5)
    sound[4_000] = value
    with pytest.raises(MediaRejected) as failure:
        decode_wav(wav(sound, 16_000, bits, FLOAT), LIMITS)
    assert failure.value.code == "clip_not_finite"


def test_a_huge_but_finite_double_does_not_overflow_into_nonsense() -> None:
    loud = np.stack([tone(0.5, level=1.7e308)] * 2, axis=1)  # the sum of both is no double any more
    decoded = decode_wav(wav(loud, 16_000, 64, FLOAT), LIMITS)
    assert np.isfinite(decoded).all()
    assert np.abs(decoded).max() == pytest.approx(1)


def test_a_single_sample_is_a_clip() -> None:
    assert len(decode_wav(wav(np.array([0.5])), LIMITS)) == 1
