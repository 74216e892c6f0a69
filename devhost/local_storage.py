"""Azurite and local Event Grid together: every finished write is told, whatever was killed when."""

import asyncio
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob.aio import BlobServiceClient

from devhost.accesslog import finished_write
from devhost.azurite import Azurite, AzuriteOptions
from devhost.configuration import DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY
from devhost.courier import Courier
from devhost.cursor import LOOK_BACK, Cursor, Position, read_position
from devhost.eventgrid import Event, Profile, Subscription, events_of

# AZURITE_ACCOUNTS=name:key[;...] is Azurite's own way to give it another account.
_ACCOUNTS = f"{DEVELOPMENT_ACCOUNT}:{DEVELOPMENT_KEY}"
_SAVE_SECONDS = 5
_LAST_DELIVERIES_SECONDS = 2
_log = logging.getLogger("devhost.storage")


@dataclass(frozen=True, slots=True)
class EventOptions:
    webhook: str
    keys: Path | None
    subscriptions: tuple[Subscription, ...]
    profile: Profile
    seed: int | None


class LocalStorage:
    """Azurite, and local Event Grid behind it. Raises AzuriteFailed from `start`."""

    def __init__(self, azurite: AzuriteOptions, events: EventOptions) -> None:
        self._events = events
        self._azurite = Azurite(azurite)
        self._file = azurite.folder / "events.json"
        self._endpoint = f"http://{azurite.host}:{azurite.blob_port}"
        self._account, _, self._key = (os.environ.get("AZURITE_ACCOUNTS") or _ACCOUNTS).split(";")[0].partition(":")
        self._random = Random(events.seed)  # noqa: S311 (delays, not secrets)
        self._courier = Courier(events.webhook, events.keys, self._account, self._endpoint, self._on_delivery)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self._azurite.wait_for_folder()
        begun = _now()
        before = read_position(self._file) or Position(begun, clean=True)
        self._cursor = Cursor(self._file, begun if before.clean else before.since)
        if not before.clean:
            self._cursor.opened("comparison", before.since)
        self._cursor.save(begun)  # before anything can be written
        await self._azurite.start()
        await self._courier.start()
        self._reading = asyncio.create_task(self._read_log())
        self._tasks = [asyncio.create_task(self._keep_position())]
        if not before.clean:
            self._tasks.append(asyncio.create_task(self._compare(before.since, begun)))

    async def ended(self) -> None:
        """Returns if Azurite ends by itself."""
        await asyncio.wait([self._reading])

    async def stop(self) -> None:
        """Close Azurite first, so that the log is complete; then try for a moment to deliver what is left."""
        self._azurite.ask_to_close()
        await asyncio.wait([self._reading])
        await self._azurite.close()
        deadline = asyncio.get_running_loop().time() + _LAST_DELIVERIES_SECONDS
        while self._cursor.undelivered and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._courier.stop()
        self._cursor.close(_now())

    async def _read_log(self) -> None:
        async for line in self._azurite.lines():
            write = finished_write(line)
            if write and write.account == self._account:
                self._tell(write.container, write.name, write.api, _now())

    def _tell(self, container: str, name: str, api: str, written: datetime) -> None:
        for event in events_of(self._events.subscriptions, container, name, api, written):
            self._cursor.opened(event.id, written)
            for delay in self._events.profile.delays(self._random):
                self._courier.send(event, delay)

    def _on_delivery(self, event: Event) -> None:
        self._cursor.delivered(event.id, _now())

    async def _keep_position(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_SECONDS)
            self._cursor.save(_now())

    async def _compare(self, since: datetime, until: datetime) -> None:
        """Find what was written but perhaps not delivered, when the process before this one was killed."""
        found = 0
        for container in sorted({subscription.container for subscription in self._events.subscriptions}):
            try:
                found += await self._compare_container(container, since, until)
            except AzureError as error:
                _log.error("%s could not be compared: %s", container, type(error).__name__)
                return  # the cursor stays where it is, so the next start looks again
        self._cursor.delivered("comparison", _now())
        _log.info("%d blobs written before the last end are told again", found)

    async def _compare_container(self, container: str, since: datetime, until: datetime) -> int:
        credential = {"account_name": self._account, "account_key": self._key}
        found = 0
        async with BlobServiceClient(f"{self._endpoint}/{self._account}", credential=credential) as service:
            try:
                async for blob in service.get_container_client(container).list_blobs():
                    written = blob.last_modified
                    if written and since - LOOK_BACK <= written <= until:
                        self._tell(container, str(blob.name), "PutBlob", max(written, since))
                        found += 1
            except ResourceNotFoundError:
                return 0
        return found


def _now() -> datetime:
    return datetime.now(UTC)
