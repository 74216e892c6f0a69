"""An image's header is read before anything decodes it, and whatever is sent in, the answer is a size or a refusal."""

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shared.domain.errors import MediaRejected
from shared.domain.images import ImageFormat, ImageHeader, image_header

sides = st.integers(1, 90)
KINDS: list[tuple[ImageFormat, str, str, dict[str, Any]]] = [
    (ImageFormat.JPEG, "JPEG", "RGB", {}),
    (ImageFormat.JPEG, "JPEG", "L", {}),
    (ImageFormat.JPEG, "JPEG", "RGB", {"progressive": True, "exif": b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00"}),
    (ImageFormat.PNG, "PNG", "RGB", {}),
    (ImageFormat.PNG, "PNG", "RGBA", {}),
    (ImageFormat.WEBP, "WEBP", "RGB", {}),
    (ImageFormat.WEBP, "WEBP", "RGB", {"lossless": True}),
    (ImageFormat.WEBP, "WEBP", "RGBA", {"exif": b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00"}),
]


def picture(kind: int, width: int = 40, height: int = 30) -> bytes:
    _, name, mode, options = KINDS[kind]
    noise = bytes((x * 7 + x // 3) % 251 for x in range(width * height * len(mode)))
    buffer = io.BytesIO()
    Image.frombytes(mode, (width, height), noise).save(buffer, name, **options)
    return buffer.getvalue()


def refusal(data: bytes, **limits: int) -> str:
    with pytest.raises(MediaRejected) as refused:
        image_header(data, **limits)
    return refused.value.code


@pytest.mark.parametrize("kind", range(len(KINDS)))
@given(width=sides, height=sides)
def test_the_size_of_every_accepted_format_is_read(kind: int, width: int, height: int) -> None:
    assert image_header(picture(kind, width, height)) == ImageHeader(KINDS[kind][0], width, height)


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_an_image_cut_off_anywhere_is_refused(kind: int) -> None:
    whole = picture(kind)
    codes = {refusal(whole[:end]) for end in range(len(whole) - 1)}
    assert codes <= {"truncated", "not_an_image"}
    assert refusal(whole[: len(whole) * 3 // 4]) == "truncated"


@given(kind=st.integers(0, len(KINDS) - 1), at=st.integers(0, 400), value=st.integers(0, 255))
def test_a_changed_byte_gives_a_size_or_a_refusal_and_nothing_else(kind: int, at: int, value: int) -> None:
    data = bytearray(picture(kind))
    data[at % len(data)] = value
    try:
        image_header(bytes(data), max_bytes=10_000, max_pixels=10_000)
    except MediaRejected as refused:
        assert refused.code in {"not_an_image", "truncated", "too_large"}


@given(
    start=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\x00\x00\x00WEBPVP8X"]),
    rest=st.binary(),
)
def test_noise_behind_a_true_beginning_is_refused_or_read_but_never_crashes(start: bytes, rest: bytes) -> None:
    try:
        image_header(start + rest)
    except MediaRejected as refused:
        assert refused.code in {"not_an_image", "truncated"}


@pytest.mark.parametrize("data", [b"", b"\x00", b"GIF89a" + bytes(50), b"<svg/>", b"%PDF-1.7", b"II*\x00" + bytes(50)])
def test_other_files_are_not_images(data: bytes) -> None:
    assert refusal(data) == "not_an_image"


def test_a_png_of_a_hundred_megapixels_is_refused_by_its_header_alone() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    bomb = b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")
    assert image_header(bomb).width == 10_000
    assert refusal(bomb, max_pixels=25_000_000) == "too_large"


def test_more_bytes_than_allowed_are_refused_before_they_are_looked_at() -> None:
    assert refusal(bytes(1001), max_bytes=1000) == "too_large"


def test_exactly_as_many_bytes_and_pixels_as_allowed_are_accepted() -> None:
    data = picture(0, 40, 30)
    assert image_header(data, max_bytes=len(data), max_pixels=1200).height == 30
    assert refusal(data, max_pixels=1199) == "too_large"


def test_bytes_behind_the_end_marker_do_no_harm() -> None:
    assert image_header(picture(0) + bytes(100)).width == 40


def test_a_moving_webp_is_not_an_image() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:])
    assert refusal(buffer.getvalue()) == "not_an_image"


def test_an_image_without_pixels_is_not_an_image() -> None:
    data = bytearray(picture(3))
    data[16:20] = bytes(4)
    assert refusal(bytes(data)) == "not_an_image"
