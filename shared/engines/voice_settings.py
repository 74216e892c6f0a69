"""Every number of the voice engine, with its bounds and where it comes from.

"Measured" means `python3 atm.py bench voices` on LibriSpeech and on synthetic voices; ENGINES in docs/ has the tables.
"""

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.wav_header import WavLimits


class VoiceSettings(BaseModel):
    """Thresholds are inclusive: a score equal to its threshold passes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # what a clip may be
    max_bytes: int = Field(
        4_000_000,
        ge=100_000,
        le=64_000_000,
        description="Largest clip in bytes: twenty seconds of 48 kHz stereo in 16 bits.",
    )
    max_seconds: float = Field(
        20.0,
        ge=5,
        le=60,
        description="Longest clip in seconds: sentence and digits take five to nine, read with long pauses fifteen.",
    )
    max_channels: int = Field(8, ge=1, le=32, description="Most channels; they are averaged to one.")
    min_rate: int = Field(8_000, ge=8_000, le=16_000, description="Lowest sample rate in Hz: telephone speech.")
    max_rate: int = Field(192_000, ge=48_000, le=384_000, description="Highest sample rate in Hz that devices record.")

    # whether somebody speaks
    speech_probability: float = Field(
        0.5, ge=0.1, le=0.9, description="From here a 32 ms window counts as speech: Silero VAD's own default."
    )
    min_speech_s: float = Field(
        1.2, ge=0.5, le=5, description="Seconds of speech a speaker comparison needs: below, CAM++ varies too much."
    )

    # who speaks, and what
    speaker: float = Field(
        0.50,
        ge=0.30,
        le=0.95,
        description="Least cosine between a clip and the person's profile (CAM++). Measured: no impostor of 40,920"
        " passed the equal-error threshold on LibriSpeech test-other; .50 also holds in noise.",
    )
    sentence: float = Field(
        -2.2,
        ge=-4,
        le=-0.5,
        description="Least mean log-probability a token of the fixed sentence. Measured: genuine readings ≥ -1.1, in"
        " 15 dB noise ≥ -2.1; unrelated speech ≤ -4.2.",
    )
    digits: float = Field(
        -14.0,
        ge=-25,
        le=-4,
        description="Least summed log-probability of the digits' tokens. Measured: right codes ≥ -8 clean; codes that"
        " differ everywhere ≤ -17.7; one wrong digit of six is not told apart reliably.",
    )

    # work
    threads: int = Field(
        1, ge=1, le=16, description="Threads a model computes on; clips already run beside each other (sessions.py)."
    )

    # whether it was heard before
    repeat: float = Field(
        0.68,
        ge=0.2,
        le=0.9,
        description="From this likeness of two fingerprints a clip counts as a replay; it is compared with all that are"
        " remembered. Measured: the same recording ≥ .72 (babble: ≥ .57), its sentence before new digits ≥ .69; the"
        " phrase read anew by a synthetic voice ≤ .66, which would often fail at .45. Loudspeakers stay below.",
    )
    remembered: int = Field(
        30,
        ge=5,
        le=90,
        description="Clips remembered a person for that check, oldest forgotten first: a month of daily visits;"
        " comparing with all of them takes under 50 ms.",
    )

    @property
    def limits(self) -> WavLimits:
        """For the header, before a clip is stored or decoded."""
        return WavLimits(self.max_bytes, self.max_seconds, self.max_channels, (self.min_rate, self.max_rate))
