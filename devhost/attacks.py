"""What is held up to a kiosk's camera instead of a face: prints turned and bent, screens that play a recording.

Drawn from photographs, for the liveness tests and their bench. They show what geometry gives away; paper, glass and
light of the real thing they do not have.
"""

from collections.abc import Callable

import cv2
import numpy as np

from devhost.scenes import SIZE, Numbers, Picture, wall

_FOCAL = 700.0  # pixels: a webcam that sees 49° across 640


def turned_print(picture: Picture, degrees: float, nod: float = 0.0, size: float = 1.0) -> Picture:
    """A flat print of a frame turned about its upright axis, towards the image's right when positive; then tilted about
    its level one, the face up when positive.

    `size`: 1 fills the frame, as somebody does who hides the edges.
    """
    height, width = picture.shape[:2]
    across, up = width / 2 * size, height / 2 * size
    corners = np.array([(-across, -up), (across, -up), (across, up), (-across, up)])
    angle, tilt = np.radians(degrees), np.radians(nod)
    farther = corners[:, 0] * np.sin(angle)
    depth = _FOCAL + farther * np.cos(tilt) - corners[:, 1] * np.sin(tilt)
    turned = np.column_stack([corners[:, 0] * np.cos(angle), corners[:, 1] * np.cos(tilt) + farther * np.sin(tilt)])
    shown = turned * (_FOCAL / depth)[:, None] + (width / 2, height / 2)
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, shown.astype(np.float32))
    return _before_the_wall(picture, lambda image: _picture(cv2.warpPerspective(image, matrix, SIZE)))


def bent_print(picture: Picture, degrees: float, nod: float = 0.0, radius: float = 150.0) -> Picture:
    """A print bent round a cylinder about as thick as a head (`radius` in pixels), and turned with it.

    The cylinder stands upright; for a `nod` it lies, and the print is rolled up (or down) round it.
    """
    if nod:
        lying = _picture(np.rot90(picture, -1))
        return _picture(np.rot90(bent_print(lying, nod, radius=radius)))
    height, width = picture.shape[:2]
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    aside = (xs - width / 2) / radius
    around = np.arcsin(np.clip(aside, -1, 1))
    nearer = 1 + (1 - np.cos(around)) * radius / _FOCAL  # the sides are farther away
    from_x = np.where(np.abs(aside) < 1, (around - np.radians(degrees)) * radius + width / 2, -1).astype(np.float32)
    from_y = ((ys - height / 2) * nearer + height / 2).astype(np.float32)

    def bend(image: Picture) -> Picture:
        return _picture(cv2.remap(image, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT))

    return _before_the_wall(picture, bend)


def moved_print(picture: Picture, shift: tuple[float, float], tilt: float, size: float) -> Picture:
    """The same print moved about, tilted and held nearer or farther, always facing the camera."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, size)
    matrix[:, 2] += np.array(shift)
    return _before_the_wall(picture, lambda image: _picture(cv2.warpAffine(image, matrix, SIZE)))


def on_a_screen(picture: Picture, *, bezel: bool, pitch: float = 2.7) -> Picture:
    """Shown on a display and filmed: its pixels beat with the camera's (`pitch`), blacks glow, a bezel may be seen."""
    height, width = picture.shape[:2]
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    grid = 1 + 0.06 * np.sin(2 * np.pi * xs / pitch) * np.sin(2 * np.pi * ys / (pitch * 1.07))
    beat = 1 + 0.05 * np.sin(2 * np.pi * (xs / 41 + ys / 57))
    glowing = _picture((picture.astype(np.float32) * 0.92 + 14) * (grid * beat)[..., None])
    if not bezel:
        return glowing
    small = cv2.resize(glowing, (round(width * 0.8), round(height * 0.8)), interpolation=cv2.INTER_AREA)
    framed = cv2.copyMakeBorder(small, 12, 12, 12, 12, cv2.BORDER_CONSTANT, value=(12, 12, 12))
    shown = wall()
    top, left = (height - framed.shape[0]) // 2, (width - framed.shape[1]) // 2
    shown[top : top + framed.shape[0], left : left + framed.shape[1]] = framed
    return shown


def _before_the_wall(picture: Picture, warp: Callable[[Picture], Picture]) -> Picture:
    height, width = picture.shape[:2]
    mask = warp(np.full_like(picture, 255)) / 255.0
    return _picture(warp(picture) * mask + wall((width, height)) * (1 - mask))


def _picture(values: Numbers) -> Picture:
    clipped: Picture = np.clip(values, 0, 255).astype(np.uint8)
    return clipped
