"""The embedded face engine: one image in, the facts of it out."""

import logging
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from shared.domain.errors import AtmError, Unavailable
from shared.domain.face import Embedding, FaceAnalysis, Guidance, Quality
from shared.engines.alignment import align
from shared.engines.antispoof import AntiSpoof
from shared.engines.detector import Detection, Detector
from shared.engines.face_settings import FaceSettings
from shared.engines.hints import Frame, for_faint_face, for_place, for_view, without_face
from shared.engines.image_decoder import Decoded, Picture, decode, shrink
from shared.engines.quality import Measures, measure
from shared.engines.recogniser import DEPENDENCY, Recogniser, cosine, make_recogniser
from shared.engines.sessions import ModelSessions

log = logging.getLogger(__name__)

YUNET_FILE = "yunet.onnx"
ANTISPOOF = (("minifasnet_v2.onnx", 2.7), ("minifasnet_v1se.onnx", 4.0))
"""Files, and their crops in face boxes: the networks' names in the original say 2.7 and 4.0."""


@dataclass(frozen=True, slots=True)
class _Face:
    """The main face, looked at: `hint` says why it is not fit, None that it is."""

    detection: Detection
    seen: Measures
    hint: Guidance | None
    embedding: Embedding | None
    norm: float


class EmbeddedFaceEngine:
    """A FaceEngine on ONNX Runtime. Any number of threads may call it at once. Models load when first needed."""

    def __init__(self, models: Path, settings: FaceSettings, sessions: ModelSessions | None = None) -> None:
        cv2.setNumThreads(1)  # frames already run beside each other
        sessions = sessions or ModelSessions(models, settings.threads)
        self._settings = settings
        self._networks = [sessions.get(file, DEPENDENCY) for file in (YUNET_FILE, *(file for file, _ in ANTISPOOF))]
        self._detector = Detector(
            self._networks[0], settings.detector_long_side, settings.faint_score, settings.overlap
        )
        self._antispoof = AntiSpoof([(self._networks[i + 1], scale) for i, (_, scale) in enumerate(ANTISPOOF)])
        self._recogniser: Recogniser = make_recogniser(sessions, settings)

    @property
    def model(self) -> str:
        return self._recogniser.model

    def similarity(self, a: Embedding, b: Embedding) -> float:
        return cosine(a, b)

    def warm(self) -> None:
        """Load every model and run each once. Raises Unavailable."""
        for session in (*self._networks, self._recogniser.session):
            session.warm()
        blank = np.zeros((480, 640, 3), np.uint8)
        self._detector.find(blank, self._settings.detector_score)
        self._recogniser.embed(np.full((112, 112, 3), 127, np.uint8))

    def analyse(self, image: bytes) -> FaceAnalysis:
        """Raises MediaRejected for bytes that are no acceptable image, Unavailable for anything that fails after."""
        decoded = decode(image, self._settings.max_bytes, self._settings.max_pixels)
        try:
            return self._analyse(decoded)
        except AtmError:
            raise
        except Exception as error:
            log.exception("analysing a frame failed")
            raise Unavailable(DEPENDENCY) from error

    def _analyse(self, decoded: Decoded) -> FaceAnalysis:
        settings = self._settings
        found = self._detector.find(decoded.picture, settings.detector_score)
        sure = [face for face in found if face.score >= settings.detector_score]
        sure.sort(key=lambda face: -face.box.width)
        frame = _frame(decoded)
        if not sure:
            return self._nobody(decoded, frame, found)
        face = self._look(decoded, frame, sure)
        live = self._antispoof.live(decoded.picture, face.detection.box) if face.hint is None else None
        quality = Quality(face.seen.sharpness, face.seen.luminance, face.seen.eye_distance, face.norm)
        return FaceAnalysis(
            width=decoded.width,
            height=decoded.height,
            faces=tuple(face.scaled(decoded.reduction).box for face in sure),
            hint=face.hint,
            quality=quality,
            pose=face.seen.pose,
            live=None if live is None else live >= settings.live_threshold,
            live_score=live,
            embedding=face.embedding,
            model=self.model,
        )

    def _look(self, decoded: Decoded, frame: Frame, sure: list[Detection]) -> _Face:
        """Measure and embed the largest face. An unfit one is embedded too where it can be: continuity needs it."""
        settings, main = self._settings, sure[0]
        seen, aligned = _measured(decoded, main)
        embedding, norm = None, 0.0
        if seen.eye_distance >= settings.embed_eye_distance:
            embedding, norm = self._recogniser.embed(aligned)
        hint = Guidance.ONE_PERSON if _near(sure) > 1 else None
        hint = hint or for_place(frame, main.scaled(decoded.reduction).box, seen, settings) or for_view(seen, settings)
        if hint is None and norm < self._recogniser.min_norm:
            hint = Guidance.FACE_CAMERA  # what shortens the vector and shows nowhere else is mostly a turned head
        return _Face(main, seen, hint, embedding, norm)

    def _nobody(self, decoded: Decoded, frame: Frame, faint: list[Detection]) -> FaceAnalysis:
        hint = without_face(frame, self._settings)
        if faint:
            main = max(faint, key=lambda face: face.box.width)
            seen, _ = _measured(decoded, main)
            hint = for_faint_face(frame, main.scaled(decoded.reduction).box, seen, self._settings)
        return FaceAnalysis(
            width=decoded.width,
            height=decoded.height,
            faces=(),
            hint=hint,
            quality=None,
            pose=None,
            live=None,
            live_score=None,
            embedding=None,
            model=self.model,
        )


def _near(faces: list[Detection]) -> int:
    """DESIGN: at least half as wide as the first; a child or helper behind does not count."""
    return sum(1 for face in faces if face.box.width >= 0.5 * faces[0].box.width)


def _measured(decoded: Decoded, face: Detection) -> tuple[Measures, Picture]:
    aligned = align(decoded.picture, face.points)
    eyes = face.points[1] - face.points[0]
    return measure(aligned, face.points, float(np.hypot(*eyes)) * decoded.reduction), aligned


def _frame(decoded: Decoded) -> Frame:
    small, _ = shrink(decoded.picture, 64)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    return Frame(decoded.width, decoded.height, float(grey.mean()), float(grey.std()))
