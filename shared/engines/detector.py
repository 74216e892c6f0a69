"""YuNet: where the faces are, with five landmarks each.

Source of the decoding: opencv_zoo face_detection_yunet, OpenCV modules/objdetect/src/face_detect.cpp. Run by
onnxruntime: cv2.FaceDetectorYN takes twice the time (27 against 12 ms at 640×480), keeps per-size state and cannot be
shared by threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.domain.face import Box
from shared.engines.image_decoder import Picture, shrink
from shared.engines.sessions import ModelSession

type Floats = NDArray[np.float32]

STRIDES = (8, 16, 32)
OUTPUTS = tuple(f"{kind}_{stride}" for stride in STRIDES for kind in ("cls", "obj", "bbox", "kps"))
NEAR_SIDE = 320
"""Pixels of the second look: a face of more than some 400 pixels escapes a network made for 10-300."""


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """Pixels in the picture given. `points` is (5, 2): image-left eye, image-right eye, nose, mouth corners alike."""

    box: Box
    points: Floats

    @property
    def score(self) -> float:
        return self.box.score

    def scaled(self, factor: float) -> "Detection":
        box = self.box
        moved = Box(box.x * factor, box.y * factor, box.width * factor, box.height * factor, box.score)
        return Detection(moved, self.points * np.float32(factor))


class Detector:
    """Thread-safe. `long_side`: the picture is shrunk to it first."""

    def __init__(self, session: ModelSession, long_side: int, least_score: float, overlap: float) -> None:
        self._session = session
        self._long_side = long_side
        self._least_score = least_score
        self._overlap = overlap

    def find(self, picture: Picture, sure_score: float) -> list[Detection]:
        """Faces of at least `least_score`, best first. Looks again for a very near one when none is sure."""
        found = self._look(picture, self._long_side)
        if any(face.score >= sure_score for face in found):
            return found
        near = self._look(picture, NEAR_SIDE)
        return near if near and (not found or near[0].score > found[0].score) else found

    def _look(self, picture: Picture, long_side: int) -> list[Detection]:
        small, factor = shrink(picture, long_side)
        rows, columns = (-(-side // STRIDES[-1]) * STRIDES[-1] for side in small.shape[:2])
        canvas = np.zeros((rows, columns, 3), np.uint8)
        canvas[: small.shape[0], : small.shape[1]] = small
        blob = cv2.dnn.blobFromImage(canvas)
        outputs = dict(zip(OUTPUTS, self._session.run({"input": blob}, OUTPUTS), strict=True))
        faces: list[Detection] = []
        for stride in STRIDES:
            faces += self._decode(outputs, stride, columns // stride)
        return [face.scaled(1 / factor) for face in self._suppress(faces)]

    def _decode(self, outputs: dict[str, Floats], stride: int, columns: int) -> list[Detection]:
        """Offsets are in cells of the stride's grid, sizes are logarithms; the score is the geometric mean of two."""
        classes, objects = (outputs[f"{kind}_{stride}"][0, :, 0].clip(0, 1) for kind in ("cls", "obj"))
        scores = np.sqrt(classes * objects)
        cells = np.flatnonzero(scores >= self._least_score)
        corner = np.stack([cells % columns, cells // columns], axis=1).astype(np.float32)
        boxes = outputs[f"bbox_{stride}"][0, cells]
        points = (outputs[f"kps_{stride}"][0, cells].reshape(-1, 5, 2) + corner[:, None]) * stride
        sizes = np.exp(boxes[:, 2:]) * stride
        tops = (boxes[:, :2] + corner) * stride - sizes / 2
        rows = np.column_stack([tops, sizes, scores[cells]])
        return [Detection(Box(*map(float, row)), points[i]) for i, row in enumerate(rows)]

    def _suppress(self, faces: Sequence[Detection]) -> list[Detection]:
        kept: list[Detection] = []
        for face in sorted(faces, key=lambda f: -f.score):
            if all(overlap(face.box, other.box) <= self._overlap for other in kept):
                kept.append(face)
        return kept


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (a.width * a.height + b.width * b.height - common)
