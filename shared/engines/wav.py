"""From an acceptable WAV file to 16 kHz mono samples."""

import numpy as np
import soxr
from numpy.typing import NDArray

from shared.domain.errors import MediaRejected
from shared.domain.wav_header import Encoding, WavHeader, WavLimits, read_wav_header
from shared.engines.fbank import SAMPLE_RATE

type Floats = NDArray[np.float32]

NOT_FINITE = "clip_not_finite"


def decode_wav(data: bytes, limits: WavLimits) -> Floats:
    """Mono float32 at 16 kHz in [-1, 1]; channels are averaged. Raises MediaRejected (codes: wav_header, NOT_FINITE).

    A float file louder than full scale is scaled down as a whole.
    """
    header = read_wav_header(data, limits)
    samples = _samples(data, header).reshape(-1, header.channels)
    if not np.isfinite(samples).all():
        raise MediaRejected(NOT_FINITE, "a sample is not a number")
    loudest = max(1.0, float(np.abs(samples).max()))
    mono = (samples / loudest).mean(1).astype(np.float32)
    if header.rate == SAMPLE_RATE:
        return mono
    resampled: Floats = soxr.resample(mono, header.rate, SAMPLE_RATE)
    return np.clip(resampled, -1, 1)  # the filter rings a little over full scale


def _samples(data: bytes, header: WavHeader) -> NDArray[np.floating]:
    """All channels' samples in file order; integers scaled to [-1, 1)."""
    count = header.frames * header.channels
    if header.encoding is Encoding.FLOAT:
        return np.frombuffer(data, f"<f{header.bits // 8}", count, header.start)
    if header.bits == 24:
        packed = np.frombuffer(data, np.uint8, count * 3, header.start).reshape(-1, 3)
        wide = np.zeros((count, 4), np.uint8)
        wide[:, 1:] = packed  # the low byte stays zero: 24 bits become 32 of the same value
        integers = wide.view("<i4")[:, 0]
        return integers.astype(np.float32) / np.float32(2**31)
    integers = np.frombuffer(data, f"<i{header.bits // 8}", count, header.start)
    return integers.astype(np.float32) / np.float32(2 ** (header.bits - 1))
