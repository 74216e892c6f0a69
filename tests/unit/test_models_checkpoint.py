"""A torch checkpoint is read without torch, and nothing but tensors comes out of it, whatever it asks for."""

import io
import pickle
import struct
import zipfile
from typing import Any

import numpy as np
import pytest

from devhost.models.checkpoint import LEGACY_MAGIC, BadCheckpoint, read_checkpoint

NUMBERS = np.arange(12, dtype="<f4")


class Global:
    """Pickles as a bare reference to module.name, without the module being there."""

    def __init__(self, module: str, name: str, *arguments: object) -> None:
        self.module, self.name, self.arguments = module, name, arguments


class Storage:
    def __init__(self, kind: str, key: str, count: int) -> None:
        self.pid = ("storage", Global("torch", kind), key, "cpu", count)


PythonPickler: Any = pickle._Pickler  # its opcodes can be written by hand


class Writer(PythonPickler):  # type: ignore[misc]
    def persistent_id(self, thing: object) -> Any:
        return thing.pid if isinstance(thing, Storage) else None

    def save(self, thing: Any, save_persistent_id: bool = True) -> None:
        if not isinstance(thing, Global):
            super().save(thing, save_persistent_id)
            return
        self.write(pickle.GLOBAL + f"{thing.module}\n{thing.name}\n".encode())
        if thing.arguments:
            super().save(thing.arguments)
            self.write(pickle.REDUCE)


def pickled(thing: object) -> bytes:
    buffer = io.BytesIO()
    Writer(buffer, 2).dump(thing)
    return buffer.getvalue()


def tensor(shape: tuple[int, ...], strides: tuple[int, ...], offset: int = 0, kind: str = "FloatStorage") -> Global:
    storage = Storage(kind, "0", NUMBERS.size)
    return Global("torch._utils", "_rebuild_tensor_v2", storage, offset, shape, strides, False, {})


def legacy(top: object) -> bytes:
    head = pickle.dumps(LEGACY_MAGIC, 2) + pickle.dumps(1001, 2) + pickle.dumps({}, 2)
    return head + pickled(top) + pickle.dumps(["0"], 2) + struct.pack("<q", NUMBERS.size) + NUMBERS.tobytes()


def zipped(top: object) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("net/data.pkl", pickled(top))
        archive.writestr("net/data/0", NUMBERS.tobytes())
    return buffer.getvalue()


@pytest.mark.parametrize("layout", [legacy, zipped])
def test_tensors_come_out_by_name_in_their_shapes(layout: Any) -> None:
    read = read_checkpoint(
        layout({"conv": {"weight": tensor((3, 4), (4, 1))}, "bias": tensor((4,), (1,), 8), "epoch": 7})
    )
    assert set(read) == {"conv.weight", "bias"}
    np.testing.assert_array_equal(read["conv.weight"], NUMBERS.reshape(3, 4))
    np.testing.assert_array_equal(read["bias"], NUMBERS[8:])


@pytest.mark.parametrize("layout", [legacy, zipped])
def test_a_transposed_tensor_follows_its_strides(layout: Any) -> None:
    read = read_checkpoint(layout({"w": tensor((4, 3), (1, 4))}))
    np.testing.assert_array_equal(read["w"], NUMBERS.reshape(3, 4).T)


def test_a_scalar_and_an_empty_tensor_are_tensors_too() -> None:
    read = read_checkpoint(zipped({"one": tensor((), (), 5), "none": tensor((0, 4), (4, 1))}))
    assert read["one"] == 5
    assert read["none"].shape == (0, 4)


@pytest.mark.parametrize("layout", [legacy, zipped])
@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("subprocess", "Popen"),
        ("torch", "load"),
        ("torch._utils", "_rebuild_device_tensor_from_numpy"),
        ("collections", "defaultdict"),
    ],
)
def test_anything_but_tensors_is_refused_before_it_is_called(layout: Any, module: str, name: str) -> None:
    with pytest.raises(BadCheckpoint, match=f"{module}.{name}"):
        read_checkpoint(layout({"w": Global(module, name, "echo harm")}))


@pytest.mark.parametrize(
    ("shape", "strides", "offset"),
    [
        ((13,), (1,), 0),
        ((3, 5), (5, 1), 0),
        ((4,), (1,), 9),
        ((2,), (1,), -1),
        ((2,), (-1,), 1),
        ((2, 2), (10**9, 1), 0),
    ],
)
def test_a_tensor_that_reaches_outside_its_numbers_is_refused(
    shape: tuple[int, ...], strides: tuple[int, ...], offset: int
) -> None:
    with pytest.raises(BadCheckpoint):
        read_checkpoint(zipped({"w": tensor(shape, strides, offset)}))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no archive", b"no pickle", pickle.dumps({"magic": 1})])
def test_other_bytes_are_no_checkpoint(data: bytes) -> None:
    with pytest.raises(BadCheckpoint):
        read_checkpoint(data)
