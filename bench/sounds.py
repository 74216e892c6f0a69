"""What happens to a voice on its way: noise, other people, a telephone, a loudspeaker in a room.

Samples are 16 kHz mono in [-1, 1]. All chance comes from the generator that is passed in.
"""

import io
import wave
from collections.abc import Callable, Sequence

import numpy as np
import soxr
from numpy.typing import NDArray

RATE = 16_000

type Sound = NDArray[np.float64]
type Condition = Callable[[Sound, np.random.Generator], Sound]


def to_wav(sound: Sound) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()


def from_wav(data: bytes) -> Sound:
    """Of a file that `to_wav` or `devhost.speech` wrote."""
    with wave.open(io.BytesIO(data)) as clip:
        return np.frombuffer(clip.readframes(clip.getnframes()), "<i2") / 32768


def mixed(sound: Sound, other: Sound, decibels: float) -> Sound:
    """`other` under it, so much quieter on the mean of both."""
    other = np.resize(other, len(sound))
    gain: float = np.sqrt((sound**2).mean() / max(1e-12, (other**2).mean())) * 10 ** (-decibels / 20)
    return sound + other * gain


def noise(decibels: float) -> Condition:
    return lambda sound, dice: mixed(sound, dice.standard_normal(len(sound)), decibels)


def babble(others: Sequence[Sound], decibels: float, talkers: int = 5) -> Condition:
    """Several other clips at once, each begun somewhere."""

    def among(sound: Sound, dice: np.random.Generator) -> Sound:
        crowd = np.zeros(len(sound))
        for _ in range(talkers):
            talker = others[int(dice.integers(len(others)))]
            crowd += np.roll(np.resize(talker, len(sound)), int(dice.integers(len(sound))))
        return mixed(sound, crowd, decibels)

    return among


def telephone(sound: Sound, _dice: np.random.Generator) -> Sound:
    """8 kHz and µ-law (ITU-T G.711's curve, 8 bits)."""
    narrow = np.clip(soxr.resample(sound, RATE, 8_000), -1, 1)
    coded = np.round(np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256) * 127) / 127
    decoded: Sound = soxr.resample(np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255, 8_000, RATE)
    return decoded


def loudspeaker(sound: Sound, dice: np.random.Generator) -> Sound:
    """From a small loudspeaker (250 Hz to 5 kHz) in a room (echoes fading over 0.4 s), with noise 20 dB under it."""
    at = np.arange(round(0.4 * RATE)) / RATE
    echo = dice.standard_normal(len(at)) * np.exp(-at / 0.06) * 0.25
    echo[0] = 1
    size = len(sound) + len(echo)
    spectrum = np.fft.rfft(sound, size) * np.fft.rfft(echo, size)
    hertz = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 1)
    spectrum *= (1 + (250 / hertz) ** 4) ** -0.5 * (1 + (hertz / 5_000) ** 6) ** -0.5
    return noise(20)(np.fft.irfft(spectrum, size)[: len(sound)], dice)
