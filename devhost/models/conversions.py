"""From a package's member to the file the engines load, by the name the lock file uses.

Converters are imported when needed: an offline second run must not pay for importing onnx.
"""

from collections.abc import Callable

from devhost.models.problem import ModelsProblem


def convert(name: str, data: bytes) -> bytes:
    if name not in CONVERSIONS:
        raise ModelsProblem(f"models.lock.json names the conversion {name!r}, which does not exist.")
    return CONVERSIONS[name](data)


def _as_is(data: bytes) -> bytes:
    return data


def _sface(data: bytes) -> bytes:
    from devhost.models.sface import sface_to_onnx

    return sface_to_onnx(data)


def _yunet(data: bytes) -> bytes:
    from devhost.models.yunet import free_size

    return free_size(data)


def _minifasnet(data: bytes) -> bytes:
    from devhost.models.minifasnet import minifasnet_to_onnx

    return minifasnet_to_onnx(data)


def _campplus(data: bytes) -> bytes:
    from devhost.models.campplus import campplus_to_onnx

    return campplus_to_onnx(data)


CONVERSIONS: dict[str, Callable[[bytes], bytes]] = {
    "as-is": _as_is,
    "sface": _sface,
    "yunet": _yunet,
    "minifasnet": _minifasnet,
    "campplus": _campplus,
}
