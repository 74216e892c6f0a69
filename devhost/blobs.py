"""Blob triggers with source EventGrid, as the real host runs them: every event goes through one storage queue.

The path of the binding does not filter: what does not fit it only lacks the path's parameters. The ETag is not
compared. A message for an unknown function or a blob that is gone is dropped.
"""

import json
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from azure.core.exceptions import ResourceNotFoundError
from azure.functions.meta import Datum
from azure.storage.blob import BlobProperties
from azure.storage.blob.aio import BlobServiceClient
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from devhost.queues import QueueLimits, QueueListener
from devhost.triggers import Runner, as_json, text
from devhost.worker import Function

POISON_QUEUE = "webjobs-blobtrigger-poison"
_FUNCTION_ID = "Host.Functions."
_AT_ONCE = "AtOnce"  # marks a message whose first try began as it was put into the queue
_log = logging.getLogger("devhost.blob")


class BadEvent(Exception):
    """An event without the fields that the webhook reads."""


@dataclass(frozen=True, slots=True)
class _Subscriber:
    function: Function
    service: BlobServiceClient
    pattern: re.Pattern[str]


class BlobTriggers:
    """All blob triggers of an app, their queue and its listener."""

    def __init__(
        self,
        runner: Runner,
        functions: Iterable[Function],
        service: Callable[[str], BlobServiceClient],
        queue: Callable[[str], QueueClient],
        limits: QueueLimits,
    ) -> None:
        self._runner = runner
        resolve = runner.configuration.resolve
        self._subscribers = {
            f"{_FUNCTION_ID}{function.name}": _Subscriber(
                function,
                service(str(function.trigger["connection"])),
                path_pattern(resolve(str(function.trigger["path"]))),
            )
            for function in functions
        }
        name = f"azure-webjobs-blobtrigger-{runner.configuration.host_id}"
        self._listener = QueueListener(queue(name), queue(POISON_QUEUE), self._handle, limits, _begun_at_once)

    async def start(self) -> None:
        await self._listener.start()

    async def stop(self) -> None:
        await self._listener.stop()

    async def enqueue(self, function_id: str, events: list[dict[str, Any]]) -> None:
        """Queue what the webhook was sent, and begin on it unless the hands are full. Raises BadEvent."""
        for message in [_message(function_id, event) for event in events]:
            if self._listener.has_room:
                await self._listener.put_and_begin(json.dumps({**message, _AT_ONCE: True}).encode())
            else:
                await self._listener.put(json.dumps(message).encode())

    async def run_by_hand(self, function: Function, path: str) -> None:
        """`path` is container/blob."""
        container, _, blob = path.partition("/")
        await self._run(self._subscribers[f"{_FUNCTION_ID}{function.name}"], container, blob)

    async def _handle(self, _message: QueueMessage, body: bytes) -> bool:
        message = json.loads(body)
        subscriber = self._subscribers.get(message["FunctionId"])
        if subscriber is None:
            _log.warning("An event for the unknown function %s was dropped", message["FunctionId"])
            return True
        return await self._run(subscriber, message["ContainerName"], message["BlobName"])

    async def _run(self, subscriber: _Subscriber, container: str, name: str) -> bool:
        blob = subscriber.service.get_blob_client(container, name)
        try:
            download = await blob.download_blob()
            content = await download.readall()
        except ResourceNotFoundError:
            _log.warning("%s: %s/%s is gone, its event was dropped", subscriber.function.name, container, name)
            return True
        fits = subscriber.pattern.fullmatch(name)
        metadata = {
            "BlobTrigger": text(f"{container}/{name}"),
            "Uri": as_json(blob.url.partition("?")[0]),
            "Properties": as_json(_properties(download.properties)),
            "Metadata": as_json(download.properties.metadata or {}),
            **{key: text(value) for key, value in (fits.groupdict() if fits else {}).items()},
        }
        function = subscriber.function
        value = Datum(content, "bytes")
        if str(function.trigger.get("dataType", "")).upper() == "STRING":
            value = text(content.decode())
        return await self._runner.attempt(
            function, {function.trigger["name"]: value}, metadata, subject=f"{container}/{name}"
        )


def _begun_at_once(body: bytes) -> int:
    try:
        message = json.loads(body)
    except ValueError:
        return 0
    return int(isinstance(message, dict) and message.get(_AT_ONCE) is True)


def path_pattern(path: str) -> re.Pattern[str]:
    """The pattern of a binding's path after its container: 'box/{dir}/{name}.{ext}' has dir, name and ext."""
    _, _, rest = path.partition("/")
    parts = re.split(r"(\{\w+\})", rest)
    pattern = "".join(f"(?P<{part[1:-1]}>.+)" if part[:1] == "{" else re.escape(part) for part in parts)
    return re.compile(pattern or ".*", re.DOTALL)


def blob_of_url(url: str) -> tuple[str, str]:
    """(container, blob name). The account is the first part of the path when the host is an address, as Azurite's."""
    split = urlsplit(url)
    path = unquote(split.path).lstrip("/")
    host = split.hostname or ""
    if host == "localhost" or re.fullmatch(r"[\d.]+|.*:.*", host):
        path = path.partition("/")[2]
    container, _, name = path.partition("/")
    return container, name


def _message(function_id: str, event: dict[str, Any]) -> dict[str, str]:
    try:
        data = event["data"]
        container, name = blob_of_url(data["url"])
        kind = str(data["blobType"])
    except (KeyError, TypeError) as error:
        raise BadEvent("An event needs data.url and data.blobType.") from error
    return {
        "Type": "BlobTrigger",
        "FunctionId": function_id,
        "BlobType": kind,
        "ContainerName": container,
        "BlobName": name,
        "ETag": f'"{data.get("eTag", "")}"',
    }


def _properties(properties: BlobProperties) -> dict[str, Any]:
    content = properties.content_settings
    return {
        "LastModified": properties.last_modified,
        "CreatedOn": properties.creation_time,
        "BlobType": 0,  # .NET's BlobType.Block
        "ContentLength": properties.size,
        "ContentType": content.content_type,
        "ContentEncoding": content.content_encoding,
        "ContentDisposition": content.content_disposition,
        "CacheControl": content.cache_control,
        "ETag": properties.etag,
    }
