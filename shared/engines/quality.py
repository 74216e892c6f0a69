"""What can be measured of one face: pose, light, sharpness, and whether eyes and mouth are free.

All regions are in the aligned 112×112 face (alignment.py), where eyes, nose and mouth have fixed places. Calibrated on
few photographs and on drawn glasses and masks (devhost/scenes.py): a bank checks them on its own cameras.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.domain.face import Pose
from shared.engines.image_decoder import Numbers, Picture

type Floats = NDArray[np.float32]
type Region = tuple[int, int, int, int]
"""Left, top, right, bottom in the aligned face."""

FACE: Region = (22, 26, 90, 106)
EYES: tuple[Region, Region] = ((28, 47, 48, 58), (64, 47, 84, 58))
CHEEKS: tuple[Region, Region] = ((28, 66, 42, 78), (70, 66, 84, 78))
BETWEEN_EYES: Region = (50, 42, 62, 56)
NOSE_TIP: Region = (48, 66, 64, 78)
MOUTH: Region = (42, 82, 70, 104)

NOSE_DEPTH = 0.5
"""How far the nose tip stands before the eyes, in eye distances: some 31 of 63 mm."""
NOSE_HEIGHT = 0.56
"""Where the nose tip is between eyes (0) and mouth (1) in a face looking straight: template .50, tests .58."""
NOSE_DEPTH_BY_HEIGHT = 0.43
"""The nose's depth against the height from eyes to mouth."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Luminances 0-255. `highlight`: 95th percentile of the face; `bright_share`: pixels with a colour at its limit.

    `sharpness`: variance of the Laplacian, scaled to luminance 128 so that it holds for any skin.
    `eye_light`: the lighter eye region's 75th percentile by the cheeks' median.
    `cover`: the lesser Lab distance of nose tip and mouth from the skin between the eyes.
    `eye_distance`: pixels of the upright image.
    """

    pose: Pose
    eye_distance: float
    luminance: float
    highlight: float
    bright_share: float
    sharpness: float
    eye_light: float
    cover: float


def measure(face: Picture, points: Floats, eye_distance: float) -> Measures:
    """`face`: aligned; `points`: the landmarks in any scale; `eye_distance`: in pixels of the image."""
    grey = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY)
    lab = cv2.cvtColor(face.astype(np.float32) / np.float32(255), cv2.COLOR_BGR2LAB)
    inside = cut(grey, FACE)
    luminance = float(inside.mean())
    return Measures(
        pose=pose(points),
        eye_distance=eye_distance,
        luminance=luminance,
        highlight=float(np.percentile(inside, 95)),
        bright_share=float((cut(face, FACE).max(axis=2) >= 252).mean()),
        sharpness=float(cv2.Laplacian(inside, cv2.CV_32F).var()) * (128 / max(luminance, 1.0)) ** 2,
        eye_light=_eye_light(grey),
        cover=min(_distance(lab, region, BETWEEN_EYES) for region in (NOSE_TIP, MOUTH)),
    )


def cut(picture: Numbers, region: Region) -> Numbers:
    left, top, right, bottom = region
    return picture[top:bottom, left:right]


def pose(points: Floats) -> Pose:
    """Degrees, from how far the nose tip leaves the middle of eyes and mouth; see `Pose` for the signs."""
    left_eye, right_eye, nose, left_mouth, right_mouth = points.astype(np.float64)
    across = right_eye - left_eye
    roll = math.atan2(across[1], across[0])
    upright = np.array([[math.cos(roll), math.sin(roll)], [-math.sin(roll), math.cos(roll)]])
    eyes, mouth = (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    nose_x, nose_y = upright @ (nose - eyes)
    mouth_x, mouth_y = upright @ (mouth - eyes)
    width = max(float(np.hypot(*across)), 1e-6)
    height = max(float(mouth_y), 1e-6)
    aside = (nose_x - mouth_x * nose_y / height) / width
    lower = nose_y / height
    return Pose(
        yaw=math.degrees(math.atan(aside / NOSE_DEPTH)),
        pitch=math.degrees(math.atan((NOSE_HEIGHT - lower) / NOSE_DEPTH_BY_HEIGHT)),
        roll=math.degrees(roll),
        breadth=width / max(math.hypot(mouth_x, mouth_y), 1e-6),
    )


def _eye_light(grey: Numbers) -> float:
    """Both eyes dark by the cheeks' light: the ratio, so that it holds for any skin and any light."""
    cheeks = np.median(np.concatenate([cut(grey, region).ravel() for region in CHEEKS]))
    eyes = max(float(np.percentile(cut(grey, region), 75)) for region in EYES)
    return eyes / max(float(cheeks), 1.0)


def _distance(lab: Numbers, region: Region, reference: Region) -> float:
    """Between the medians of two regions; lightness counts half, since shadows and highlights change it."""
    here, there = (np.median(cut(lab, r).reshape(-1, 3), axis=0) for r in (region, reference))
    return float(np.linalg.norm((here - there) * (0.5, 1.0, 1.0)))
