"""What a WAV file says of itself, read and bounded before a single sample is decoded.

Every check raises MediaRejected with one of the codes below; the upload function and the voice engine share them.
Format: Microsoft/IBM RIFF WAVE, "Multiple channel audio data and WAVE files" for WAVE_FORMAT_EXTENSIBLE.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.errors import MediaRejected

NOT_WAV = "clip_not_wav"
TRUNCATED = "clip_truncated"  # it declares more bytes than there are
CONTRADICTORY = "clip_contradictory"  # its numbers do not fit each other or the file
ENCODING = "clip_encoding"  # neither PCM of 16, 24 or 32 bits nor float of 32 or 64
RATE = "clip_rate"
CHANNELS = "clip_channels"
EMPTY = "clip_empty"
TOO_BIG = "clip_too_big"
TOO_LONG = "clip_too_long"


class Encoding(StrEnum):
    PCM = "pcm"
    FLOAT = "float"


@dataclass(frozen=True, slots=True)
class WavLimits:
    """`rates` are the lowest and the highest accepted, in Hz; the settings give the numbers."""

    max_bytes: int
    max_seconds: float
    max_channels: int
    rates: tuple[int, int]


@dataclass(frozen=True, slots=True)
class WavHeader:
    """`start` is the first sample's offset in bytes, `frames` the samples a channel: little-endian, interleaved."""

    encoding: Encoding
    bits: int
    rate: int
    channels: int
    start: int
    frames: int

    @property
    def seconds(self) -> float:
        return self.frames / self.rate


_PCM, _FLOAT, _EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
_SUBFORMAT_TAIL = bytes.fromhex(
    "000000001000800000aa00389b71"
)  # KSDATAFORMAT_SUBTYPE_*, after the two bytes of the tag
_BITS = {Encoding.PCM: (16, 24, 32), Encoding.FLOAT: (32, 64)}
_MAX_CHUNKS = 32  # real files have a handful; more is an attempt to keep the reader busy


def read_wav_header(data: bytes, limits: WavLimits) -> WavHeader:
    """The header of a whole file. Raises MediaRejected; never reads beyond the chunk headers."""
    if len(data) > limits.max_bytes:
        raise MediaRejected(TOO_BIG, f"{len(data)} bytes, at most {limits.max_bytes}")
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise MediaRejected(NOT_WAV, "no RIFF/WAVE signature")
    _check_size(data)
    found: tuple[Encoding, int, int, int] | None = None
    for name, start, size in _chunks(data):
        if name == b"fmt ":
            if found:
                raise MediaRejected(CONTRADICTORY, "two format chunks")
            found = _read_format(data[start : start + size], limits)
        elif name == b"data":
            if not found:
                raise MediaRejected(CONTRADICTORY, "samples before their format")
            return _with_samples(found, start, size, limits)
    raise MediaRejected(TRUNCATED, "no samples")


def _check_size(data: bytes) -> None:
    declared: int = struct.unpack_from("<I", data, 4)[0] + 8
    if declared > len(data):
        raise MediaRejected(TRUNCATED, f"{declared} bytes declared, {len(data)} there")
    if declared < len(data) - 1:  # one byte of padding is common
        raise MediaRejected(CONTRADICTORY, f"{declared} bytes declared, {len(data)} there")


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, offset and size of each chunk."""
    at = 12
    for _ in range(_MAX_CHUNKS):
        if at + 8 > len(data):
            return
        name, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > len(data):
            raise MediaRejected(TRUNCATED, "a chunk ends behind the file")
        yield name, at + 8, size
        at += 8 + size + size % 2
    raise MediaRejected(CONTRADICTORY, f"more than {_MAX_CHUNKS} chunks")


def _read_format(chunk: bytes, limits: WavLimits) -> tuple[Encoding, int, int, int]:
    """Encoding, bits, rate and channels of a format chunk."""
    if len(chunk) < 16:
        raise MediaRejected(TRUNCATED, "format chunk too short")
    tag, channels, rate, byte_rate, block, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == _EXTENSIBLE:
        if len(chunk) < 40 or chunk[26:40] != _SUBFORMAT_TAIL:
            raise MediaRejected(ENCODING, "unknown extensible format")
        tag = struct.unpack_from("<H", chunk, 24)[0]
    encoding = {_PCM: Encoding.PCM, _FLOAT: Encoding.FLOAT}.get(tag)
    if encoding is None or bits not in _BITS[encoding]:
        raise MediaRejected(ENCODING, f"format {tag:#06x} with {bits} bits")
    if not limits.rates[0] <= rate <= limits.rates[1]:
        raise MediaRejected(RATE, f"{rate} Hz")
    if not 1 <= channels <= limits.max_channels:
        raise MediaRejected(CHANNELS, f"{channels} channels")
    if block != channels * bits // 8 or byte_rate != rate * block:
        raise MediaRejected(CONTRADICTORY, "block size or byte rate do not follow from the format")
    return encoding, bits, rate, channels


def _with_samples(found: tuple[Encoding, int, int, int], start: int, size: int, limits: WavLimits) -> WavHeader:
    encoding, bits, rate, channels = found
    frames, rest = divmod(size, channels * bits // 8)
    if rest:
        raise MediaRejected(CONTRADICTORY, "the samples end in the middle of one")
    if not frames:
        raise MediaRejected(EMPTY, "no samples")
    header = WavHeader(encoding, bits, rate, channels, start, frames)
    if header.seconds > limits.max_seconds:
        raise MediaRejected(TOO_LONG, f"{header.seconds:.1f} s, at most {limits.max_seconds:g}")
    return header
