"""What the played service sees: with the embedded engine, or with the words an image is made of."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shared.domain.errors import MediaRejected
from shared.engines.face import EmbeddedFaceEngine
from shared.engines.face_settings import FaceSettings

_HIGH_NORM, _MEDIUM_NORM = 12.0, 9.0


@dataclass(frozen=True, slots=True)
class Sight:
    """One face. `print` is what it is compared by; None for one of which nothing more is known."""

    box: tuple[int, int, int, int]
    quality: str
    print: bytes | None


class Eyes(Protocol):
    def see(self, image: bytes) -> list[Sight] | None:
        """Largest first; None for what is no image."""

    def confidence(self, a: bytes, b: bytes) -> float: ...


class EngineEyes:
    """Real matching. The confidence is made of SFace's cosine so that its threshold for a few people is about 0.7."""

    def __init__(self, models: Path) -> None:
        self._engine = EmbeddedFaceEngine(models, FaceSettings())

    def see(self, image: bytes) -> list[Sight] | None:
        try:
            found = self._engine.analyse(image)
        except MediaRejected:
            return None
        norm = found.quality.embedding_norm if found.quality else 0.0
        quality = "high" if norm >= _HIGH_NORM else "medium" if norm >= _MEDIUM_NORM else "low"
        boxes = [tuple(max(0, round(edge)) for edge in (b.x, b.y, b.width, b.height)) for b in found.faces]
        return [Sight(box, quality, found.embedding if n == 0 else None) for n, box in enumerate(boxes)]  # type: ignore[arg-type]

    def confidence(self, a: bytes, b: bytes) -> float:
        return min(1.0, max(0.0, 0.5 + 1.3 * (self._engine.similarity(a, b) - 0.3)))


class ReadingEyes:
    """Images are lines of text as on the tests' stage: `ada`, `ada+ben`, `ada+quality:low`; `x~y` resembles both."""

    def see(self, image: bytes) -> list[Sight] | None:
        parts = image.decode("ascii", "replace").split("+")
        if parts[0] == "broken":
            return None
        quality = next((part.removeprefix("quality:") for part in parts if part.startswith("quality:")), "high")
        names = [part for part in parts if ":" not in part and part != "nobody"]
        return [Sight((100 * n, 0, 90, 120), quality, name.encode()) for n, name in enumerate(names)]

    def confidence(self, a: bytes, b: bytes) -> float:
        return 0.92 if set(a.split(b"~")) & set(b.split(b"~")) else 0.1


def picture(words: str) -> str:
    """An image for ReadingEyes, of the least size that the service takes."""
    return f"{words}+pad:{'x' * 1100}"
