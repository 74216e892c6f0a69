"""Kiosk camera frames made out of portrait photographs: where the face stands, how it is lit, what covers it.

For the demo and the tests. A turned head, sunglasses and a mask are drawn, not photographed; they move the landmarks
and hide the skin as the real thing does, and prove no more than that.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

type Picture = NDArray[np.uint8]
"""(height, width, 3), BGR 0-255."""
type Point = tuple[float, float]
type Colour = tuple[int, int, int]
"""Blue, green, red."""
type Numbers = NDArray[np.floating[Any] | np.integer[Any]]

SIZE = (640, 480)
"""Width and height of a kiosk frame in pixels."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Pixels in a photograph, by image side: a person's right eye is the image's left one."""

    left_eye: Point
    right_eye: Point
    nose: Point
    left_mouth: Point
    right_mouth: Point

    def array(self) -> NDArray[np.float64]:
        return np.array([self.left_eye, self.right_eye, self.nose, self.left_mouth, self.right_mouth])


@dataclass(frozen=True, slots=True)
class Placing:
    """How a face appears. Lengths in pixels of the frame, angles in degrees; 1 is the light of the photograph."""

    eye_distance: float = 84
    eyes: Point = (320, 200)
    tilt: float = 0
    turn: float = 0
    """Towards the image's right when positive."""
    nod: float = 0
    """Up when positive."""
    light: float = 1
    blur: float = 0
    mirror: bool = False
    wearing: Literal["sunglasses", "mask"] | None = None
    mask: Colour = (196, 178, 150)


def frame(photo: Picture, landmarks: Landmarks, placing: Placing, size: tuple[int, int] = SIZE) -> Picture:
    """The photograph moved, scaled and tilted so that its eyes stand where the placing says."""
    points = landmarks.array()
    if placing.mirror:
        photo = np.ascontiguousarray(photo[:, ::-1])
        points = points[[1, 0, 2, 4, 3]] * (-1, 1) + (photo.shape[1] - 1, 0)
    across = points[1] - points[0]
    scale = placing.eye_distance / float(np.hypot(*across))
    angle = float(np.degrees(np.arctan2(across[1], across[0]))) - placing.tilt
    middle = (points[0] + points[1]) / 2
    matrix = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), angle, scale)
    matrix[:, 2] += np.array(placing.eyes) - middle
    moved = points @ matrix[:, :2].T + matrix[:, 2]
    picture = _resample(photo, matrix, scale, size)
    if placing.wearing == "sunglasses":
        _draw_sunglasses(picture, moved, placing.eye_distance)
    elif placing.wearing == "mask":
        _draw_mask(picture, moved, placing.eye_distance, placing.mask)
    if placing.turn:
        picture = _turn(picture, moved, placing.eye_distance, placing.turn)
    if placing.nod:
        picture = _nod(picture, moved, placing.eye_distance, placing.nod)
    if placing.blur:
        picture = _picture(cv2.GaussianBlur(picture, (0, 0), placing.blur))
    return relight(picture, placing.light)


def relight(picture: Picture, light: float) -> Picture:
    """More or less exposure, with a little of the sensor noise that a camera has."""
    noise = np.random.default_rng(1).normal(0, 1.5, picture.shape)
    return np.clip(picture.astype(np.float32) * light + noise, 0, 255).astype(np.uint8)


def side_by_side(left: Picture, right: Picture) -> Picture:
    return np.hstack([left, right])


def inset(picture: Picture, other: Picture, corner: tuple[int, int]) -> Picture:
    """`other` in `picture`, its edges faded, at the top left `corner` (x, y)."""
    x, y = corner
    height, width = other.shape[:2]
    shape = np.zeros((height, width), np.float32)
    cv2.ellipse(shape, (width // 2, height // 2), (int(width * 0.4), int(height * 0.45)), 0, 0, 360, 1.0, -1)
    mask = cv2.GaussianBlur(shape, (0, 0), width * 0.03)[..., None]
    result = picture.copy()
    place = result[y : y + height, x : x + width]
    place[:] = (place * (1 - mask) + other * mask).astype(np.uint8)
    return result


def held_up(picture: Picture, border: Colour = (15, 15, 15), tilt: float = 0, light: float = 1) -> Picture:
    """A picture on a screen, or with a light border a print, held before the camera in the middle of an empty room."""
    edge = 14
    framed = cv2.copyMakeBorder(picture, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=border)
    shown = wall()
    height, width = framed.shape[:2]
    top, left = (SIZE[1] - height) // 2, (SIZE[0] - width) // 2
    shown[top : top + height, left : left + width] = np.clip(framed * light, 0, 255)
    matrix = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), tilt, 1)
    tilted = cv2.warpAffine(shown, matrix, SIZE, borderMode=cv2.BORDER_REPLICATE)
    return relight(_picture(cv2.GaussianBlur(tilted, (0, 0), 0.7)), 1)


def wall(size: tuple[int, int] = SIZE, brightness: float = 150) -> Picture:
    """An empty room: an unevenly lit wall with the camera's noise."""
    width, height = size
    light = np.linspace(0.8, 1.1, width)[None, :] * np.linspace(1.05, 0.9, height)[:, None]
    return relight(_picture(np.repeat((light * brightness)[..., None], 3, axis=2)), 1)


def _picture(values: Numbers) -> Picture:
    clipped: Picture = np.clip(values, 0, 255).astype(np.uint8)
    return clipped


def _resample(photo: Picture, matrix: Numbers, scale: float, size: tuple[int, int]) -> Picture:
    if scale < 0.8:  # shrink without moiré
        photo = _picture(cv2.GaussianBlur(photo, (0, 0), 0.4 / scale))
    return _picture(cv2.warpAffine(photo, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


def _draw_sunglasses(picture: Picture, points: NDArray[np.float64], eye_distance: float) -> None:
    tilt = float(np.degrees(np.arctan2(*(points[1] - points[0])[::-1])))
    axes = (round(0.42 * eye_distance), round(0.32 * eye_distance))
    for eye in points[:2]:
        centre = (round(float(eye[0])), round(float(eye[1] + 0.05 * eye_distance)))
        cv2.ellipse(picture, centre, axes, tilt, 0, 360, (22, 18, 18), -1, cv2.LINE_AA)
        cv2.ellipse(picture, centre, (axes[0] // 2, axes[1] // 3), tilt - 20, 200, 300, (70, 62, 60), 2, cv2.LINE_AA)
    left, right = (tuple(int(v) for v in eye) for eye in points[:2])
    cv2.line(picture, left, right, (22, 18, 18), max(2, round(0.07 * eye_distance)), cv2.LINE_AA)


def _draw_mask(picture: Picture, points: NDArray[np.float64], eye_distance: float, colour: Colour) -> None:
    across = (points[1] - points[0]) / np.hypot(*(points[1] - points[0]))
    down = np.array([-across[1], across[0]])
    outline = [(-0.95, -0.15), (0, -0.42), (0.95, -0.15), (0.85, 0.75), (0.35, 1.35), (-0.35, 1.35), (-0.85, 0.75)]
    corners = [points[2] + eye_distance * (x * across + y * down) for x, y in outline]
    cv2.fillPoly(picture, [np.array(corners, np.int32)], colour, cv2.LINE_AA)
    for y in (0.1, 0.35, 0.6):
        ends = [points[2] + eye_distance * (x * across + y * down) for x in (-0.8, 0.8)]
        start, end = (tuple(int(v) for v in point) for point in ends)
        cv2.line(picture, start, end, tuple(int(0.9 * part) for part in colour), 2, cv2.LINE_AA)


def _turn(picture: Picture, points: NDArray[np.float64], eye_distance: float, degrees: float) -> Picture:
    """Turn the head as if it were half an ellipsoid with a nose on it; the rest of the picture stays."""
    centre = points.mean(axis=0)
    width, height = 1.35 * eye_distance, 1.9 * eye_distance
    ys, xs = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    sine, shrink = np.sin(np.radians(degrees)), 1 - np.cos(np.radians(degrees))
    source = xs
    for _ in range(8):  # the shift depends on where the pixel came from: iterate to it
        u, v = (source - centre[0]) / width, (ys - centre[1]) / height
        dome = np.clip(1 - u**2 - v**2, 0, None)
        nose = 0.25 * np.exp(-(u**2) / 0.08 - ((ys - points[2][1]) / height) ** 2 / 0.05)
        source = (xs - width * (sine * (dome + nose) - shrink * u * dome)).astype(np.float32)
    return _picture(cv2.remap(picture, source, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _nod(picture: Picture, points: NDArray[np.float64], eye_distance: float, degrees: float) -> Picture:
    """Raise or lower the same half ellipsoid with a nose on it."""
    centre = points.mean(axis=0)
    width, height = 1.35 * eye_distance, 1.9 * eye_distance
    ys, xs = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    sine, shrink = np.sin(np.radians(degrees)), 1 - np.cos(np.radians(degrees))
    source = ys
    for _ in range(8):
        u, v = (xs - centre[0]) / width, (source - centre[1]) / height
        dome = np.clip(1 - u**2 - v**2, 0, None)
        nose = 0.25 * np.exp(-(u**2) / 0.08 - ((source - points[2][1]) / height) ** 2 / 0.05)
        source = (ys + width * sine * (dome + nose) + height * shrink * v * dome).astype(np.float32)
    return _picture(cv2.remap(picture, xs, source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def slightly_different(placing: Placing, count: int) -> list[Placing]:
    """The same person standing there a little differently, `count` times, always the same way."""
    rng = np.random.default_rng(7)
    return [
        replace(
            placing,
            eye_distance=placing.eye_distance * float(rng.uniform(0.9, 1.15)),
            eyes=(placing.eyes[0] + float(rng.uniform(-30, 30)), placing.eyes[1] + float(rng.uniform(-15, 15))),
            tilt=float(rng.uniform(-6, 6)),
            turn=float(rng.uniform(-8, 8)),
            light=float(rng.uniform(0.8, 1.15)),
        )
        for _ in range(count)
    ]
