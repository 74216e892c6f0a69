"""What is heard in one clip, as the engine reports it."""

from dataclasses import dataclass

from shared.domain.face import Embedding


@dataclass(frozen=True, slots=True)
class VoiceAnalysis:
    """One clip. `speech_s`: seconds of detected speech. `embedding` is None with too little speech.

    `fingerprint` is a compact log-mel summary (bytes, engine-defined, bound to `model`) for the repeat check.
    """

    duration_s: float
    speech_s: float
    embedding: Embedding | None
    fingerprint: bytes
    model: str


@dataclass(frozen=True, slots=True)
class PhraseScore:
    """How well a clip says the expected text. Units: log-probabilities, see ENGINES.md.

    `sentence`: mean log-prob per token of the fixed sentence. `digits`: summed log-prob of the digit tokens.
    """

    sentence: float
    digits: float
