"""Whether everything is there and warm."""

from pathlib import Path

from shared.domain.errors import Unavailable
from shared.services.health.checks import Health
from shared.services.health.warmth import Warmth
from shared.settings import FaceProvider
from shared.wiring.deletion import Deletion
from shared.wiring.once import once


class Vitals(Deletion):
    @once
    def health(self) -> Health:
        checks = {"storage": self.media.check, "documents": self.documents.check, "models": self._models}
        if self.settings.warm_engines:
            checks["engines"] = self.warmth.check
        if self.settings.face_provider is FaceProvider.AZURE:
            checks["recognition"] = self.face_service.prepare  # costs nothing once the group is there
        return Health(checks)

    @once
    def warmth(self) -> Warmth:
        return Warmth(self._warm)

    def _warm(self) -> None:
        self.face_engine.warm()
        self.voice_engine.warm()
        self.feed.refresh(self.gallery)
        self.recognition.prepare()

    def _models(self) -> None:
        """The weights lie where the settings say; loading them is the first analysis' business."""
        folder = Path(self.settings.models_path)
        if not any(folder.glob("*.onnx")):
            raise Unavailable("models")
