"""Speak the demo's voices with Debian's `flite`: `python -m tools.speech_clips` writes tests/data/speech/VOICE/*.wav.

Needed only to make the committed clips anew. Each take has a pace, a pitch and a wording's punctuation of its own;
digits are read as a list (so that each has list intonation). Words are cut at the quietest moment of the pauses.
"""

import itertools
import shutil
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
VOICES = ("slt", "rms", "awb", "kal16")
SMALL_TALK = "When does the next train to the coast leave, please?"


@dataclass(frozen=True)
class Take:
    """`digits`: a lead-in and a closing digit around the ten that are kept; none where only the sentence is read."""

    stretch: float
    pitch: float
    sentence: str
    digits: str = ""


TAKES = (
    Take(1.00, 1.00, "My voice is my passport, verify me.", "7, 3, 9, 0, 5, 1, 8, 2, 6, 4, 2."),
    Take(1.09, 0.96, "My voice is my passport. Verify me.", "2, 6, 1, 4, 8, 0, 3, 7, 5, 9, 1."),
    Take(0.94, 1.03, "My voice, is my passport, verify me."),  # no third set of digits: that keeps all under 3 MB
)
SNAP_S = 0.05
EDGE_S = 0.03

type Samples = NDArray[np.float32]


def main() -> int:
    flite = shutil.which("flite")
    if flite is None:
        print("flite is not installed (Debian: apt-get install flite).", file=sys.stderr)
        return 1
    root = Path(__file__).resolve().parent.parent / "tests" / "data" / "speech"
    for voice in VOICES:
        folder = root / voice
        folder.mkdir(parents=True, exist_ok=True)
        for number, take in enumerate(TAKES, 1):
            *start, end = _phrases(flite, voice, take, take.sentence)
            _write(folder / f"passport-{number}.wav", np.concatenate(start))
            _write(folder / f"verify-{number}.wav", end)
            if take.digits:
                clips = _phrases(flite, voice, take, take.digits)
                for digit, clip in list(zip(take.digits.rstrip(".").split(", "), clips, strict=True))[:-1]:
                    _write(folder / f"{digit}-{number}.wav", clip)
        _write(folder / "small_talk.wav", np.concatenate(_phrases(flite, voice, TAKES[0], SMALL_TALK)))
    total = sum(path.stat().st_size for path in root.rglob("*.wav"))
    print(f"{total / 1e6:.2f} MB in {root}")
    return 0


def _phrases(flite: str, voice: str, take: Take, text: str) -> list[Samples]:
    """What is said between the pauses, one clip each, without the quiet ends."""
    samples, phones = _speak(flite, voice, text, take)
    starts = [0.0] + [end for _, end in phones[:-1]]
    pauses = [(start + end) / 2 for start, (phone, end) in zip(starts, phones, strict=True) if phone == "pau"]
    cuts = [_quietest(samples, at) for at in pauses]
    return [_trim(samples[start:end]) for start, end in itertools.pairwise(cuts)]


def _speak(flite: str, voice: str, text: str, take: Take) -> tuple[Samples, list[tuple[str, float]]]:
    """Samples in [-1, 1] and the phones with their end times in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.wav"
        command = [flite, "-voice", voice, "-psdur", "--setf", f"duration_stretch={take.stretch}"]
        command += ["--setf", f"f0_shift={take.pitch}", "-t", text, "-o", str(target)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        with wave.open(str(target)) as clip:
            if (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) != (RATE, 1, 2):
                raise ValueError(f"{voice} does not speak 16 kHz mono 16 bit")
            samples = np.frombuffer(clip.readframes(clip.getnframes()), "<i2").astype(np.float32) / np.float32(32768)
    ends = [(phone, float(end)) for phone, _, end in (item.rpartition(":") for item in said.split())]
    scale = len(samples) / RATE / ends[-1][1]  # the diphone voice's times run a few per cent long
    return samples, [(phone, end * scale) for phone, end in ends]


def _quietest(samples: Samples, at: float) -> int:
    """The sample of least energy (10 ms windows) near a time in seconds."""
    low, high = max(0, round((at - SNAP_S) * RATE)), min(len(samples), round((at + SNAP_S) * RATE))
    energy = np.convolve(samples[low:high] ** 2, np.ones(RATE // 100), "same")
    return low + int(energy.argmin())


def _trim(samples: Samples) -> Samples:
    """Without the quiet ends (40 dB under the loudest 10 ms), but for 30 ms."""
    window = RATE // 100
    energy = np.convolve(samples**2, np.ones(window) / window, "same")
    loud = np.flatnonzero(energy > energy.max() * 1e-4)
    edge = round(EDGE_S * RATE)
    return samples[max(0, loud[0] - edge) : loud[-1] + edge]


def _write(path: Path, samples: Samples) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.round(samples * 32767).astype("<i2").tobytes())


if __name__ == "__main__":
    sys.exit(main())
