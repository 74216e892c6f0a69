"""What is heard in one clip, as the engine reports it."""

from dataclasses import dataclass

from shared.domain.face import Embedding


@dataclass(frozen=True, slots=True)
class PhraseScore:
    """How well a clip says the expected text, as log-probabilities (≤ 0; the settings have the thresholds).

    `sentence`: mean over the fixed sentence's tokens. `digits`: sum over the digits' tokens. None when not asked for.
    """

    sentence: float | None
    digits: float | None


@dataclass(frozen=True, slots=True)
class VoiceAnalysis:
    """One clip. `speech_s`: seconds of detected speech; with too little of it `embedding` and `phrase` are None.

    `phrase` is also None when no text was expected. `fingerprint` is a compact log-mel summary (bytes,
    engine-defined, bound to `model`) for the repeat check; empty when there was too little speech.
    """

    duration_s: float
    speech_s: float
    embedding: Embedding | None
    phrase: PhraseScore | None
    fingerprint: bytes
    model: str
