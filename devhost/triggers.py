"""What a trigger needs from the host: its configuration and one way to run a function."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from azure.functions.meta import Datum

from devhost.configuration import Configuration
from devhost.worker import Function


class Runner(Protocol):
    """Runs functions, one log line each."""

    configuration: Configuration

    async def run(
        self, function: Function, inputs: Mapping[str, Datum], metadata: Mapping[str, Datum], *, subject: str
    ) -> Datum | None:
        """Raises InvocationFailed; `subject` says in the log what the invocation is about."""

    async def attempt(
        self, function: Function, inputs: Mapping[str, Datum], metadata: Mapping[str, Datum], *, subject: str
    ) -> bool:
        """The same; False if it failed (which has been logged)."""


class Listener(Protocol):
    """A source of invocations that the host starts and, draining, stops."""

    async def start(self) -> None: ...

    async def stop(self) -> None:
        """Take no new work and wait for the running work."""


def text(value: str) -> Datum:
    return Datum(value, "string")


def as_json(value: Any) -> Datum:
    return Datum(json.dumps(value, default=_plain), "json")


def utc(moment: datetime | None) -> str:
    return moment.isoformat().replace("+00:00", "Z") if moment else ""


def _plain(value: Any) -> str:
    return utc(value) if isinstance(value, datetime) else str(value)
