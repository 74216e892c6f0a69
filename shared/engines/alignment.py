"""A face brought to the 112×112 pose that recognisers are trained on, by a similarity transform of five points."""

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.engines.image_decoder import Picture

SIZE = 112
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float64
)
"""insightface's arcface_dst: image-left eye, image-right eye, nose, mouth corners."""


def similarity_transform(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """(2, 3): rotation, scale and shift that bring `points` nearest to TEMPLATE (Umeyama 1991, least squares)."""
    source = points.astype(np.float64)
    middle, target_middle = source.mean(axis=0), TEMPLATE.mean(axis=0)
    centred = source - middle
    left, strengths, right = np.linalg.svd((TEMPLATE - target_middle).T @ centred / len(source))
    signs = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])  # no mirror images
    rotation = left @ np.diag(signs) @ right
    scale = float((strengths * signs).sum() / max(float((centred**2).sum()) / len(source), 1e-9))
    return np.column_stack([scale * rotation, target_middle - scale * rotation @ middle])


def align(picture: Picture, points: NDArray[np.floating]) -> Picture:
    """(112, 112, 3). Large faces are halved first: sampling them directly would alias."""
    points = points.astype(np.float64)
    matrix = similarity_transform(points)
    while np.hypot(*matrix[:, 0]) < 0.5 and min(picture.shape[:2]) >= 2 * SIZE:
        height, width = (side // 2 for side in picture.shape[:2])
        halved = cv2.resize(picture[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
        picture, points = halved.astype(np.uint8, copy=False), (points - 0.5) / 2
        matrix = similarity_transform(points)
    return cv2.warpAffine(picture, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
