"""What an image's header says, read without decoding a pixel: format, width, height.

Pure byte reading, so that a hostile upload costs nothing: a 100-megapixel PNG of a few kilobytes is refused here. The
decoder must still agree with what is found here. Sources: ITU-T T.81 annex B (JPEG), PNG third edition §5 and §11,
RFC 9649 (WebP).
"""

import struct
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.errors import MediaRejected


class ImageFormat(StrEnum):
    """Its value is the content type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Pixels as stored: EXIF may say that the picture is shown turned."""

    format: ImageFormat
    width: int
    height: int


_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_JPEG_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # TEM and RST0-7 carry no length
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive: what decoders read
_JPEG_OTHER_FRAMES = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOS, _EOI, _SOI = 0xDA, 0xD9, 0xD8


def image_header(data: bytes, max_bytes: int | None = None, max_pixels: int | None = None) -> ImageHeader:
    """Raises MediaRejected: `not_an_image`, `truncated`, `too_large`."""
    if max_bytes is not None and len(data) > max_bytes:
        raise MediaRejected("too_large", f"{len(data)} bytes, at most {max_bytes}")
    try:
        header = _read(data)
    except (IndexError, struct.error):
        raise MediaRejected("truncated", "the header is not complete") from None
    if header.width < 1 or header.height < 1:
        raise MediaRejected("not_an_image", "an image without pixels")
    if max_pixels is not None and header.width * header.height > max_pixels:
        raise MediaRejected("too_large", f"{header.width}×{header.height} pixels, at most {max_pixels}")
    return header


def _read(data: bytes) -> ImageHeader:
    if data[:3] == b"\xff\xd8\xff":
        return _jpeg(data)
    if data[:8] == _PNG_SIGNATURE:
        return _png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    raise MediaRejected("not_an_image", "neither JPEG nor PNG nor WebP")


def _jpeg(data: bytes) -> ImageHeader:
    """Walk the segments to the frame header, then to the scan, after which the end marker must come."""
    at, header = 2, None
    while True:
        marker, at = _marker(data, at)
        if marker in _JPEG_STANDALONE:
            continue
        if marker in (_SOI, _EOI) or marker in _JPEG_OTHER_FRAMES:
            raise MediaRejected("not_an_image", "a JPEG of an unusual kind")
        (length,) = struct.unpack_from(">H", data, at)
        if length < 2:
            raise MediaRejected("not_an_image", "a JPEG with a broken segment")
        if marker in _JPEG_FRAMES:
            if header is not None:
                raise MediaRejected("not_an_image", "a JPEG with two frames")
            height, width = struct.unpack_from(">HH", data, at + 3)
            header = ImageHeader(ImageFormat.JPEG, width, height)
        at += length
        if marker == _SOS:
            break
    if header is None:
        raise MediaRejected("not_an_image", "a JPEG without a frame")
    if data.find(b"\xff\xd9", at) < 0:
        raise MediaRejected("truncated", "a JPEG without an end")
    return header


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """The marker at a place (any number of 0xFF, then its code) and the place after it."""
    if data[at] != 0xFF:
        raise MediaRejected("not_an_image", "a JPEG with a broken segment")
    while data[at] == 0xFF:
        at += 1
    return data[at], at + 1


def _png(data: bytes) -> ImageHeader:
    """IHDR first, then chunks to IEND, by their lengths."""
    length, kind, width, height = struct.unpack_from(">I4sII", data, 8)
    if kind != b"IHDR" or length != 13:
        raise MediaRejected("not_an_image", "a PNG without a header")
    at = 8
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        at += 12 + length
        if at > len(data):
            raise MediaRejected("truncated", "a PNG without an end")
        if kind == b"IEND":
            return ImageHeader(ImageFormat.PNG, width, height)


def _webp(data: bytes) -> ImageHeader:
    """A still picture: VP8 (lossy), VP8L (lossless), or VP8X (extended), whose size is its canvas."""
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise MediaRejected("truncated", "a WebP without an end")
    kind = data[12:16]
    if kind == b"VP8 ":
        if data[23:26] != b"\x9d\x01\x2a":
            raise MediaRejected("not_an_image", "a WebP that does not begin with a key frame")
        width, height = struct.unpack_from("<HH", data, 26)
        return ImageHeader(ImageFormat.WEBP, width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L":
        signature, bits = struct.unpack_from("<BI", data, 20)
        if signature != 0x2F:
            raise MediaRejected("not_an_image", "a WebP without its signature")
        return ImageHeader(ImageFormat.WEBP, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X":
        flags, low, high = struct.unpack_from("<B3xQ", data, 20)[0], *struct.unpack_from("<IH", data, 24)
        if flags & 0x02:
            raise MediaRejected("not_an_image", "a moving WebP")
        bits = low | high << 32
        return ImageHeader(ImageFormat.WEBP, (bits & 0xFFFFFF) + 1, (bits >> 24) + 1)
    raise MediaRejected("not_an_image", "a WebP of an unknown kind")
