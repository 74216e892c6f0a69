"""Storage clients by the name of their connection, made once and closed together."""

import asyncio
from typing import Any

from azure.storage.blob.aio import BlobServiceClient
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from devhost.configuration import Configuration

HOME = "AzureWebJobsStorage"  # the connection that holds the host's own queues
# Listeners look again by themselves: a call that fails should say so soon.
_PATIENCE: dict[str, Any] = {"retry_total": 1, "initial_backoff": 1, "connection_timeout": 5, "read_timeout": 30}


class StorageClients:
    """Raises ConfigurationError for a connection that is not set, ValueError for a malformed one."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._blobs: dict[str, BlobServiceClient] = {}
        self._queues: dict[str, QueueServiceClient] = {}

    def blobs(self, connection: str) -> BlobServiceClient:
        if connection not in self._blobs:
            text = self._configuration.connection(connection)
            self._blobs[connection] = BlobServiceClient.from_connection_string(text, **_PATIENCE)
        return self._blobs[connection]

    def queue(self, connection: str, name: str) -> QueueClient:
        if connection not in self._queues:
            text = self._configuration.connection(connection)
            self._queues[connection] = QueueServiceClient.from_connection_string(text, **_PATIENCE)
        return self._queues[connection].get_queue_client(name)

    async def close(self) -> None:
        closing = [client.close() for client in self._blobs.values()]
        await asyncio.gather(*closing, *(client.close() for client in self._queues.values()))
