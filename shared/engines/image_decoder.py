"""Bytes to upright pixels, bounded before decoding.

A large JPEG is decoded at a half, a quarter or an eighth of its size: the codec then skips most of the work.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.domain.errors import MediaRejected
from shared.domain.images import ImageFormat, ImageHeader, image_header

type Picture = NDArray[np.uint8]
"""(height, width, 3), BGR 0-255."""
type Numbers = NDArray[np.floating[Any] | np.integer[Any]]

ENOUGH_SIDE = 1280
"""Pixels. Decoding stops shrinking before the long side falls below: kiosk frames are at most this."""

_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """`picture` is 1/`reduction` of the upright image, which is `width` × `height`."""

    picture: Picture
    width: int
    height: int
    reduction: int


def decode(data: bytes, max_bytes: int, max_pixels: int) -> Decoded:
    """Grey becomes BGR, transparency is dropped, EXIF orientation is honoured. Raises MediaRejected."""
    header = image_header(data, max_bytes, max_pixels)
    reduction = _reduction(header)
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[reduction])
    except cv2.error as error:
        raise MediaRejected("not_an_image", "the decoder failed") from error
    if picture is None:
        raise MediaRejected("not_an_image", "the decoder found no picture")
    height, width = picture.shape[:2]
    sides = (-(-header.width // reduction), -(-header.height // reduction))
    if (width, height) == sides:
        full = (header.width, header.height)
    elif (height, width) == sides:  # turned upright
        full = (header.height, header.width)
    else:
        raise MediaRejected("not_an_image", "the header and the picture are of different sizes")
    return Decoded(picture.astype(np.uint8, copy=False), *full, reduction)


def _reduction(header: ImageHeader) -> int:
    if header.format is not ImageFormat.JPEG:
        return 1
    side = max(header.width, header.height)
    return next(factor for factor in (8, 4, 2, 1) if factor == 1 or side // factor >= ENOUGH_SIDE)


def shrink(picture: Picture, long_side: int) -> tuple[Picture, float]:
    """The picture with its long side at most `long_side`, and the factor it was multiplied by."""
    height, width = picture.shape[:2]
    factor = min(1.0, long_side / max(height, width))
    if factor == 1.0:
        return picture, 1.0
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False), factor
