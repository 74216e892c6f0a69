"""The passive presentation check: two MiniFASNets look at the face with more and less of what is around it.

It stops crude prints and screens and nothing more: what is held borderless before the camera, or fed in as video,
passes. The active challenge is the answer to those. Source of the crops: Silent-Face-Anti-Spoofing,
src/generate_patches.py.
"""

from collections.abc import Sequence

import cv2

from shared.domain.face import Box
from shared.engines.image_decoder import Picture
from shared.engines.sessions import ModelSession

SIDE = 80
"""Pixels of the networks' square input, BGR 0-255."""
LIVE = 1
"""The class of a live face; 0 and 2 are kinds of fakes."""


class AntiSpoof:
    """`networks`: each with the scale of its crop, in face boxes. Thread-safe."""

    def __init__(self, networks: Sequence[tuple[ModelSession, float]]) -> None:
        self._networks = tuple(networks)

    def live(self, picture: Picture, box: Box) -> float:
        """The mean probability, in [0, 1], that the face is a live one. Raises Unavailable."""
        scores = []
        for session, scale in self._networks:
            patch = cv2.resize(crop(picture, box, scale), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
            scores.append(float(session.run({"input": cv2.dnn.blobFromImage(patch)})[0][0, LIVE]))
        return sum(scores) / len(scores)


def crop(picture: Picture, box: Box, scale: float) -> Picture:
    """The box `scale` times as large, as far as the picture allows, shifted to stay inside it."""
    height, width = picture.shape[:2]
    scale = min((height - 1) / box.height, (width - 1) / box.width, scale)
    wide, high = box.width * scale, box.height * scale
    left = min(max(box.x + box.width / 2 - wide / 2, 0.0), width - 1 - wide)
    top = min(max(box.y + box.height / 2 - high / 2, 0.0), height - 1 - high)
    return picture[int(top) : int(top + high) + 1, int(left) : int(left + wide) + 1]
