"""An aligned face to a vector: SFace, or an ArcFace-format ONNX of the bank's own."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from shared.domain.errors import BadRequest, Unavailable
from shared.domain.face import Embedding
from shared.engines.face_settings import FaceSettings
from shared.engines.image_decoder import Picture
from shared.engines.sessions import ModelSession, ModelSessions

SFACE_FILE = "sface.onnx"
SFACE_MODEL = "sface-2021dec"
DEPENDENCY = "face engine"


@dataclass(frozen=True, slots=True)
class Recogniser:
    """(pixel - mean) / scale goes in. Raw length: below `min_norm` not identified, below `enrol_norm` no template."""

    model: str
    session: ModelSession
    mean: float
    scale: float
    bgr: bool
    min_norm: float
    enrol_norm: float

    def embed(self, face: Picture) -> tuple[Embedding, float]:
        """The unit vector of an aligned face, and its length before. Raises Unavailable."""
        blob = cv2.dnn.blobFromImage(face, 1 / self.scale, mean=(self.mean,) * 3, swapRB=not self.bgr)
        vector = self.session.run({self.session.input_name(): blob})[0].reshape(-1).astype(np.float64)
        length = float(np.linalg.norm(vector))
        if not np.isfinite(length) or length == 0:
            raise Unavailable(DEPENDENCY)
        return (vector / length).astype("<f4").tobytes(), length


def make_recogniser(sessions: ModelSessions, settings: FaceSettings) -> Recogniser:
    """Raises Unavailable when the bank's file cannot be read: its content names the templates."""
    if settings.arcface_file is None:
        session = sessions.get(SFACE_FILE, DEPENDENCY)
        return Recogniser(SFACE_MODEL, session, 0.0, 1.0, False, settings.min_norm, settings.enrol_min_norm)
    return Recogniser(
        model=arcface_model(settings.arcface_file),
        session=sessions.get(settings.arcface_file.resolve(), DEPENDENCY),
        mean=settings.arcface_mean,
        scale=settings.arcface_scale,
        bgr=settings.arcface_bgr,
        min_norm=settings.arcface_min_norm,
        enrol_norm=settings.arcface_min_norm,
    )


def arcface_model(path: Path) -> str:
    """File name and a piece of its sum: a changed file is another model, and its templates never meet the old ones."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unavailable(DEPENDENCY) from error
    return f"arcface-{re.sub('[^a-z0-9]+', '-', path.stem.lower()).strip('-')[:32]}-{digest[:12]}"


def cosine(a: Embedding, b: Embedding) -> float:
    """Of two unit vectors of one model, in [-1, 1]. Raises BadRequest("wrong_model") for unequal lengths."""
    if len(a) != len(b):
        raise BadRequest("wrong_model", "embeddings of different recognisers have no similarity")
    left, right = np.frombuffer(a, "<f4"), np.frombuffer(b, "<f4")
    return float(np.clip(left.astype(np.float64) @ right.astype(np.float64), -1.0, 1.0))
