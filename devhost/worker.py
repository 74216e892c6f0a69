"""Drives azure-functions-runtime, Microsoft's Python worker library, in this process: index an app, invoke it."""

import json
import os
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import azure_functions_runtime as runtime
from azure.functions.meta import Datum
from azure_functions_runtime.native_invocation import invocation_request_native

from devhost.messages import PROTOS, request

type Binding = dict[str, Any]


class IndexingFailed(Exception):
    """The app could not be loaded; `stack` is the traceback of the cause."""

    def __init__(self, message: str, stack: str = "") -> None:
        super().__init__(message)
        self.stack = stack


class InvocationFailed(Exception):
    """The function raised (or could not be entered); `stack` is its traceback."""

    def __init__(self, message: str, stack: str = "") -> None:
        super().__init__(message)
        self.stack = stack


@dataclass(frozen=True, slots=True)
class Function:
    id: str
    name: str
    bindings: tuple[Binding, ...]

    @property
    def trigger(self) -> Binding:
        return next(binding for binding in self.bindings if str(binding["type"]).lower().endswith("trigger"))

    @property
    def kind(self) -> str:
        return str(self.trigger["type"])


class Worker:
    """One app. A process holds one worker, since the library keeps its registry in module globals."""

    def __init__(self, app: Path) -> None:
        self._app = app

    async def start(self) -> list[Function]:
        """Index the app. Returns its functions in the real host's order: by name, case ignored.

        Raises IndexingFailed.
        """
        if not (self._app / "function_app.py").is_file():
            raise IndexingFailed(f"No function_app.py in {self._app}.")
        if str(self._app) not in sys.path:
            sys.path.insert(0, str(self._app))
        os.chdir(self._app)
        runtime.start_threadpool_executor()
        started = await runtime.worker_init_request(
            request(worker_init_request=SimpleNamespace(capabilities={}, function_app_directory=str(self._app)))
        )
        _require_success(started.result)
        if "HttpUri" in started.capabilities:
            raise IndexingFailed("The app uses HTTP streaming, which the local host does not offer.")
        answer = await runtime.functions_metadata_request(request())
        found = [self._function(metadata) for metadata in answer.function_metadata_results or ()]
        return sorted(found, key=lambda function: function.name.lower())

    async def invoke(
        self,
        function: Function,
        inputs: Mapping[str, Datum],
        metadata: Mapping[str, Datum],
        invocation_id: str | None = None,
    ) -> Datum | None:
        """Run one invocation and return the value of its return binding. Raises InvocationFailed."""
        done, returned, _outputs, error, stack = await invocation_request_native(
            invocation_id or str(uuid.uuid4()), function.id, list(inputs.items()), dict(metadata)
        )
        if not done:
            raise InvocationFailed(str(error), str(stack))
        return cast(Datum | None, returned)

    def stop(self) -> None:
        """Wait for the threads of sync functions and end them."""
        runtime.stop_threadpool_executor()

    def _function(self, metadata: Any) -> Function:
        function = Function(
            str(metadata.function_id), str(metadata.name), tuple(json.loads(raw) for raw in metadata.raw_bindings)
        )
        _require_supported(function, retries=metadata.retry_options is not None)
        return function


def _require_supported(function: Function, *, retries: bool) -> None:
    """The local host knows four triggers and no other binding than HTTP's return. Better no start than a surprise."""
    allowed = {"httpTrigger", "http", "blobTrigger", "queueTrigger", "timerTrigger"}
    kinds = [str(binding["type"]) for binding in function.bindings]
    if foreign := sorted(set(kinds) - allowed):
        raise IndexingFailed(f"{function.name} uses {', '.join(foreign)}, which the local host does not offer.")
    if retries:
        raise IndexingFailed(f"{function.name} has a retry policy, which the local host does not offer.")
    if function.kind == "blobTrigger" and str(function.trigger.get("source", "")).lower() != "eventgrid":
        raise IndexingFailed(f"{function.name} must declare source=EventGrid: Flex Consumption supports nothing else.")


def _require_success(result: Any) -> None:
    if result.status != PROTOS.StatusResult.Success:
        raise IndexingFailed(str(result.exception.message), str(result.exception.stack_trace))
