"""Small pictures for lists of visits."""

import cv2

from shared.domain.errors import MediaRejected
from shared.engines.image_decoder import decode

HEIGHT = 160
_JPEG_QUALITY = 78  # of 0-100; at this size 4-7 KB, and no artefact that a viewer of a list would notice


class CvThumbnailer:
    """`max_bytes` and `max_pixels` bound what is decoded."""

    def __init__(self, max_bytes: int, max_pixels: int) -> None:
        self._max_bytes = max_bytes
        self._max_pixels = max_pixels

    def small(self, image: bytes) -> bytes:
        picture = decode(image, self._max_bytes, self._max_pixels).picture
        height, width = picture.shape[:2]
        if height > HEIGHT:
            size = (max(1, round(width * HEIGHT / height)), HEIGHT)
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(picture.dtype, copy=False)
        done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        if not done:
            raise MediaRejected("not_an_image", "the encoder failed")
        return data.tobytes()
