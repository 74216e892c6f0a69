"""The embedded voice engine: one clip in, the facts of it out."""

import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from shared.domain.errors import AtmError, Unavailable
from shared.domain.face import Embedding
from shared.domain.voice import VoiceAnalysis
from shared.engines import repeat, speaker
from shared.engines.fbank import SAMPLE_RATE, log_mel
from shared.engines.moonshine import Moonshine
from shared.engines.phrase import PhraseScorer
from shared.engines.sessions import ModelSessions
from shared.engines.speaker import SpeakerEncoder
from shared.engines.vad import SpeechDetector
from shared.engines.voice_settings import VoiceSettings
from shared.engines.wav import Floats, decode_wav

log = logging.getLogger(__name__)

DEPENDENCY = "voice engine"
VAD_FILE, SPEAKER_FILE = "silero_vad.onnx", "campplus.onnx"
ENCODER_FILE, DECODER_FILE, TOKENS_FILE = "moonshine_encoder.ort", "moonshine_decoder.ort", "moonshine_tokenizer.bin"


class EmbeddedVoiceEngine:
    """A VoiceEngine on ONNX Runtime. Any number of threads may call it at once. Models load when first needed."""

    def __init__(self, models: Path, settings: VoiceSettings, sessions: ModelSessions | None = None) -> None:
        sessions = sessions or ModelSessions(models, settings.threads)
        vad, campplus, encoder, decoder = (
            sessions.get(file, DEPENDENCY) for file in (VAD_FILE, SPEAKER_FILE, ENCODER_FILE, DECODER_FILE)
        )
        self._settings = settings
        self._detector = SpeechDetector(vad, settings.speech_probability)
        self._speaker = SpeakerEncoder(campplus)
        self._phrases = PhraseScorer(Moonshine(encoder, decoder, models / TOKENS_FILE))
        # Somebody waits for the answer: what is said is scored while another core finds out who says it.
        self._beside = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="voice")

    @property
    def model(self) -> str:
        return speaker.MODEL

    def warm(self) -> None:
        """Load every model and run each once. Raises Unavailable."""
        second = np.linspace(-1, 1, SAMPLE_RATE, dtype=np.float32)
        self._detector.find(second)
        self._speaker.embed(log_mel(second))
        self._phrases.score(second, "My voice", "1")

    def analyse(self, wav: bytes, sentence: str = "", digits: str = "") -> VoiceAnalysis:
        """Raises MediaRejected for bytes that are no acceptable clip, Unavailable for anything that fails after.

        Raises ValueError for digits that are none.
        """
        if not set(digits) <= set("0123456789"):
            raise ValueError("digits are 0 to 9")
        samples = decode_wav(wav, self._settings.limits)
        try:
            return self._examine(samples, sentence, digits)
        except AtmError:
            raise
        except Exception as error:
            log.exception("analysing a clip failed")
            raise Unavailable(DEPENDENCY) from error

    def profile(self, embeddings: Sequence[Embedding]) -> Embedding:
        return speaker.profile(embeddings)

    def similarity(self, a: Embedding, b: Embedding) -> float:
        return speaker.similarity(a, b)

    def repeat(self, a: bytes, b: bytes) -> float:
        return repeat.likeness(a, b)

    def _examine(self, samples: Floats, sentence: str, digits: str) -> VoiceAnalysis:
        duration = len(samples) / SAMPLE_RATE
        speech = self._detector.find(samples)
        if speech.seconds < self._settings.min_speech_s:
            return VoiceAnalysis(duration, speech.seconds, None, None, b"", self.model)
        spoken = samples[speech.start : speech.end]  # only the ends go: pauses belong to how somebody speaks
        expected = bool(sentence or digits)
        scoring = self._beside.submit(self._phrases.score, spoken, sentence, digits) if expected else None
        mel = log_mel(spoken)
        embedding, print_ = self._speaker.embed(mel), repeat.fingerprint(mel)
        phrase = scoring.result() if scoring else None
        return VoiceAnalysis(duration, speech.seconds, embedding, phrase, print_, self.model)
