"""Read a torch checkpoint with numpy alone, through an unpickler that can build nothing but tensors and plain values.

Both layouts: the zip of torch ≥ 1.6 (`data.pkl` beside one file a storage) and the legacy stream (three headers, the
object, the list of storage keys, then each storage as an int64 count and its raw little-endian numbers).
Source: torch/serialization.py.
"""

import io
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Tensor = NDArray[Any]
type Storage = Callable[[str, str], Tensor]
"""Gives the flat numbers of a storage, by its key and numpy type."""

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
NUMPY_TYPE = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}


class BadCheckpoint(Exception):
    """Not a checkpoint, or one that asks for more than tensors."""


@dataclass(frozen=True, slots=True)
class _Lazy:
    """A tensor before its storage is read: where it begins and how it steps, in elements."""

    key: str
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuild_tensor(
    storage: tuple[str, str], offset: int, shape: Sequence[int], strides: Sequence[int], *_: object
) -> _Lazy:
    return _Lazy(storage[0], storage[1], offset, tuple(shape), tuple(strides))


def _rebuild_parameter(tensor: _Lazy, *_: object) -> _Lazy:
    return tensor


ALLOWED: Mapping[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor"): _rebuild_tensor,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
    ("torch._utils", "_rebuild_parameter"): _rebuild_parameter,
    **{("torch", name): name for name in NUMPY_TYPE},
}


class _TensorUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return ALLOWED[module, name]
        except KeyError:
            raise BadCheckpoint(f"the checkpoint asks for {module}.{name}, which is not on the list") from None

    def persistent_load(self, pid: Any) -> tuple[str, str]:
        kind, storage, key, *_ = pid
        if kind != "storage":
            raise BadCheckpoint(f"unknown persistent object {kind!r}")
        return str(key), NUMPY_TYPE[storage]


def read_checkpoint(data: bytes) -> dict[str, Tensor]:
    """The tensors by dotted name. Raises BadCheckpoint."""
    try:
        tensors = _read_zip(data) if data[:2] == b"PK" else _read_legacy(data)
    except (pickle.UnpicklingError, zipfile.BadZipFile, struct.error, EOFError, KeyError, ValueError) as error:
        raise BadCheckpoint(f"the checkpoint cannot be read: {error}") from error
    return tensors


def _read_zip(data: bytes) -> dict[str, Tensor]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = archive.namelist()[0].split("/")[0]
        top = _TensorUnpickler(io.BytesIO(archive.read(f"{root}/data.pkl"))).load()
        return _flatten(top, lambda key, dtype: np.frombuffer(archive.read(f"{root}/data/{key}"), dtype))


def _read_legacy(data: bytes) -> dict[str, Tensor]:
    stream = io.BytesIO(data)
    magic, _protocol, _system, top, keys = (_TensorUnpickler(stream).load() for _ in range(5))
    if magic != LEGACY_MAGIC:
        raise BadCheckpoint("not a torch checkpoint")
    types = {lazy.key: lazy.dtype for lazy in _lazies(top).values()}
    storages: dict[str, Tensor] = {}
    for key in keys:
        (count,) = struct.unpack("<q", stream.read(8))
        dtype = np.dtype(types[str(key)])
        storages[str(key)] = np.frombuffer(stream.read(count * dtype.itemsize), dtype, count)
    return _flatten(top, lambda key, _dtype: storages[key])


def _lazies(value: object, name: str = "") -> dict[str, _Lazy]:
    """Every tensor in nested mappings and lists, under its dotted name; plain values are left out."""
    if isinstance(value, _Lazy):
        return {name: value}
    children: Sequence[tuple[object, object]] = ()
    if isinstance(value, Mapping):
        children = list(value.items())
    elif isinstance(value, list | tuple):
        children = list(enumerate(value))
    found: dict[str, _Lazy] = {}
    for key, child in children:
        found |= _lazies(child, f"{name}.{key}" if name else str(key))
    return found


def _flatten(top: object, storage: Storage) -> dict[str, Tensor]:
    return {name: _materialise(lazy, storage(lazy.key, lazy.dtype)) for name, lazy in _lazies(top).items()}


def _materialise(lazy: _Lazy, numbers: Tensor) -> Tensor:
    """Copy the tensor out of its storage, after checking that it lies inside."""
    last = lazy.offset + sum((size - 1) * stride for size, stride in zip(lazy.shape, lazy.strides, strict=True))
    if min((lazy.offset, *lazy.strides, *lazy.shape)) < 0 or (0 not in lazy.shape and last >= numbers.size):
        raise BadCheckpoint("a tensor reaches outside its storage")
    steps = [stride * numbers.itemsize for stride in lazy.strides]
    return np.lib.stride_tricks.as_strided(numbers[lazy.offset :], lazy.shape, steps).copy()
