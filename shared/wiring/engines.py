"""The embedded engines, and what their settings allow."""

from pathlib import Path

from shared.domain.frames import Likeness
from shared.domain.match import MatchRule
from shared.domain.wav_header import WavLimits
from shared.ports import FaceEngine, MutableGallery, Thumbnailer, VoiceEngine
from shared.services.health.measured import MeasuredFaceEngine, MeasuredVoiceEngine
from shared.wiring.once import once
from shared.wiring.outside import Outside


class Engines(Outside):
    @once
    def face_engine(self) -> FaceEngine:
        from shared.engines.face import EmbeddedFaceEngine

        embedded = EmbeddedFaceEngine(Path(self.settings.models_path), self.settings.face)
        return MeasuredFaceEngine(embedded, self.latencies)

    @once
    def voice_engine(self) -> VoiceEngine:
        from shared.engines.voice import EmbeddedVoiceEngine

        embedded = EmbeddedVoiceEngine(Path(self.settings.models_path), self.settings.voice)
        return MeasuredVoiceEngine(embedded, self.latencies)

    @once
    def gallery(self) -> MutableGallery:
        from shared.engines.gallery import MatrixGallery

        return MatrixGallery(self.face_engine.model, self.settings.face.learn_lift)

    @once
    def thumbnailer(self) -> Thumbnailer:
        from shared.engines.thumbnail import CvThumbnailer

        return CvThumbnailer(self.settings.face.max_bytes, self.settings.face.max_pixels)

    @once
    def match_rule(self) -> MatchRule:
        return self.settings.face.match_rule()

    @once
    def likeness(self) -> Likeness:
        """Halfway between a person and the mean of strangers: clearly somebody else."""
        return Likeness(same=self.match_rule.base, other=(self.match_rule.base + self.match_rule.mean) / 2)

    @once
    def wav_limits(self) -> WavLimits:
        """What an uploaded clip may be."""
        voice = self.settings.voice
        return WavLimits(
            max_bytes=voice.max_bytes,
            max_seconds=voice.max_seconds,
            max_channels=voice.max_channels,
            rates=(voice.min_rate, voice.max_rate),
        )
