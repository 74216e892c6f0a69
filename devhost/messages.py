"""The few message types that Microsoft's worker library asks of its host at start, as plain objects.

The library is handed a namespace of protobuf classes (FunctionRpc) when it is told to index an app. Only their
names and fields matter to it, so attribute bags do; invocations go the library's native way and need none.
"""

from types import SimpleNamespace
from typing import Any


class _Message(SimpleNamespace):
    """Every keyword is a field."""


class _BindingInfo(_Message):
    undefined, out, inout = 0, 1, 2


class _StatusResult(_Message):
    Failure, Success, Cancelled = 0, 1, 2


PROTOS = SimpleNamespace(
    BindingInfo=_BindingInfo,
    StatusResult=_StatusResult,
    **{
        name: type(name, (_Message,), {})
        for name in (
            "FunctionLoadResponse",
            "FunctionMetadataResponse",
            "RpcException",
            "RpcFunctionMetadata",
            "RpcRetryOptions",
            "WorkerInitResponse",
            "WorkerMetadata",
        )
    },
)


def request(**content: Any) -> SimpleNamespace:
    """A request envelope as the library expects it."""
    properties = {"host": "127.0.0.1", "protos": PROTOS}
    return SimpleNamespace(request=SimpleNamespace(**content), properties=properties)
