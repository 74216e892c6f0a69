"""`PoisonQueues` on Azure Queue Storage (and Azurite): messages that the host gave up on, looked at and not taken.

The host names such a queue after its own with `-poison` (host.json, extensions.blobs.poisonBlobThreshold).
"""

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueServiceClient

from shared.domain.errors import Unavailable
from shared.domain.recording import parse_recording
from shared.ports import PoisonMessage

_POISON = "-poison"
_MOST = 32  # the service's limit for one call
_HIDDEN = 30  # seconds that a message stays hidden while it is looked at for removal
_PATIENCE: dict[str, Any] = {"connection_timeout": 2, "read_timeout": 5, "retry_total": 1, "initial_backoff": 1}
"""Seconds, and how often it is tried again."""


class AzurePoisonQueues:
    def __init__(self, service: QueueServiceClient) -> None:
        self._service = service

    @classmethod
    def with_connection_string(cls, text: str) -> "AzurePoisonQueues":
        return cls(QueueServiceClient.from_connection_string(text, **_PATIENCE))

    @classmethod
    def with_identity(cls, account_url: str, credential: TokenCredential) -> "AzurePoisonQueues":
        return cls(QueueServiceClient(account_url, credential, **_PATIENCE))

    def waiting(self) -> tuple[PoisonMessage, ...]:
        found: list[PoisonMessage] = []
        try:
            for queue in self._queues():
                for message in queue.peek_messages(max_messages=_MOST):
                    blob, session = _about(str(message.content))
                    found.append(PoisonMessage(queue.queue_name, str(message.id), blob, session))
        except AzureError as error:
            raise Unavailable("storage") from error
        return tuple(found)

    def discard(self, sessions: frozenset[str]) -> int:
        removed = 0
        try:
            for queue in self._queues():
                for message in queue.receive_messages(messages_per_page=_MOST, visibility_timeout=_HIDDEN):
                    if _about(str(message.content))[1] in sessions:
                        queue.delete_message(message)
                        removed += 1
        except AzureError as error:
            raise Unavailable("storage") from error
        return removed

    def _queues(self) -> Iterator[QueueClient]:
        for queue in self._service.list_queues():
            if str(queue.name).endswith(_POISON):
                client = self._service.get_queue_client(str(queue.name))
                try:
                    client.get_queue_properties()
                except ResourceNotFoundError:
                    continue
                yield client


def _about(content: str) -> tuple[str | None, str | None]:
    """The recording and the visit a blob trigger's message is about; neither for any other message."""
    try:
        told = json.loads(content if content.lstrip().startswith("{") else base64.b64decode(content, validate=True))
    except (ValueError, binascii.Error):
        return None, None
    name = told.get("BlobName") if isinstance(told, dict) else None
    recording = parse_recording(name) if isinstance(name, str) else None
    return (str(recording), recording.session) if recording else (None, None)
