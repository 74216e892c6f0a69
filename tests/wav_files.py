"""WAV files of any make, for the tests: honest ones, and ones with any byte of their header changed."""

import struct

import numpy as np
from numpy.typing import NDArray

type Samples = NDArray[np.floating]

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def encode(samples: Samples, kind: int, bits: int) -> bytes:
    """Samples in [-1, 1], interleaved where two-dimensional (frames, channels)."""
    if kind == FLOAT:
        return bytes(samples.astype(f"<f{bits // 8}").tobytes())
    whole = np.clip(np.round(samples.astype(np.float64) * 2 ** (bits - 1)), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if bits == 24:
        return bytes(whole.astype("<i4").reshape(-1, 1).view(np.uint8)[:, :3].tobytes())
    return bytes(whole.astype(f"<i{bits // 8}").tobytes())


def format_chunk(kind: int, bits: int, rate: int, channels: int, *, extensible: bool = False) -> bytes:
    block = channels * bits // 8
    fields = struct.pack("<HHIIHH", EXTENSIBLE if extensible else kind, channels, rate, rate * block, block, bits)
    if extensible:
        fields += struct.pack("<HHI", 22, bits, 0) + struct.pack("<H", kind) + GUID_TAIL
    return chunk(b"fmt ", fields)


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(body) if size is None else size) + body + b"\0" * (len(body) % 2)


def riff(*chunks: bytes, size: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def wav(samples: Samples, rate: int = 16_000, bits: int = 16, kind: int = PCM, *, extensible: bool = False) -> bytes:
    channels = samples.shape[1] if samples.ndim == 2 else 1
    return riff(
        format_chunk(kind, bits, rate, channels, extensible=extensible), chunk(b"data", encode(samples, kind, bits))
    )


def tone(seconds: float, rate: int = 16_000, hertz: float = 440.0, level: float = 0.5) -> NDArray[np.float64]:
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
