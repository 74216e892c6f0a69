"""The peer: dlib's HOG detector, five landmarks and ResNet, as the face_recognition package uses them."""

import importlib.util
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.stopwatch import Stopwatch

NAME = "dlib face_recognition"
HOW_TO_GET = "python -m pip install -r requirements-bench.txt"


class DlibPeer:
    """Raises ImportError when it is not installed."""

    def __init__(self) -> None:
        import dlib

        # The models' package imports pkg_resources, which new environments lack: its files are found without it.
        found = importlib.util.find_spec("face_recognition_models")
        if found is None or not found.submodule_search_locations:
            raise ImportError("face-recognition-models")
        models = Path(found.submodule_search_locations[0]) / "models"
        self._detector: Any = dlib.get_frontal_face_detector()
        self._points: Any = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
        self._network: Any = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))

    def embed(self, image: bytes, watch: Stopwatch) -> NDArray[np.float64] | None:
        """The largest face's 128 numbers, compared by distance; None without a face."""
        return watch.time("total", self._embed, image, watch)

    def _embed(self, image: bytes, watch: Stopwatch) -> NDArray[np.float64] | None:
        decoded = watch.time("decode", cv2.imdecode, np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
        if decoded is None:
            return None
        picture = np.ascontiguousarray(decoded[:, :, ::-1]).astype(np.uint8, copy=False)
        faces = watch.time("detect", self._detect, picture)
        if not faces:
            return None
        face = max(faces, key=lambda box: box.width())
        points = watch.time("landmarks", self._points, picture, face)
        vector = watch.time("embed", self._network.compute_face_descriptor, picture, points, 1)
        return np.array(vector)

    def _detect(self, picture: NDArray[np.uint8]) -> list[Any]:
        return list(self._detector(picture, 1))
