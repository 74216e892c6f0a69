"""Storage queues as the real host listens to them: lease, run, delete; five tries, then the poison queue."""

import asyncio
import base64
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from devhost.configuration import Configuration, seconds

MAX_TRIES = 5  # host.json, extensions.queues.maxDequeueCount and extensions.blobs.poisonBlobThreshold
SHORTEST_POLL, LONGEST_POLL = 0.1, 2.0  # seconds between looks at an idle queue
_LONGER = 2  # times the first lease: each renewed one
_LARGEST_RECEIVE = 32  # the service's limit for one call
_log = logging.getLogger("devhost.queue")

type Handle = Callable[[QueueMessage, bytes], Awaitable[bool]]
type Uncounted = Callable[[bytes], int]


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How a queue is worked on. `lease` is how long a message of a dead host stays hidden, in seconds."""

    batch: int = 16
    threshold: int = 8  # new messages are fetched once no more than this many are being worked on
    max_tries: int = MAX_TRIES
    retry_delay: int = 0
    lease: int = 6
    encoded: bool = True  # message text is base64

    @classmethod
    def read(cls, configuration: Configuration, lease: int) -> "QueueLimits":
        options = configuration.extension("queues")
        batch = min(int(options.get("batchsize", 16)), _LARGEST_RECEIVE)
        return cls(
            batch=batch,
            threshold=int(options.get("newbatchthreshold", batch // 2)),
            max_tries=int(options.get("maxdequeuecount", MAX_TRIES)),
            retry_delay=int(seconds(options.get("visibilitytimeout", "00:00:00")) or 0),
            lease=lease,
            encoded=str(options.get("messageencoding", "base64")).lower() == "base64",
        )

    @classmethod
    def for_blobs(cls, configuration: Configuration, lease: int) -> "QueueLimits":
        """The blob triggers' own queue: extensions.blobs says how many at a time and how often."""
        options = configuration.extension("blobs")
        at_a_time = int(options.get("maxdegreeofparallelism", 8 * (os.cpu_count() or 1)))
        batch = min(_LARGEST_RECEIVE, at_a_time // 2 + 1)
        tries = int(options.get("poisonblobthreshold", MAX_TRIES))
        return cls(batch=batch, threshold=max(0, at_a_time - batch), max_tries=tries, lease=lease)


class QueueListener:
    """Works on one queue. A message is leased while its handler runs, so no other host sees it; a message that
    fails is offered again, and after `max_tries` goes to the poison queue. `uncounted` says how many tries of a
    message its dequeue count does not show.
    """

    def __init__(
        self,
        queue: QueueClient,
        poison: QueueClient,
        handle: Handle,
        limits: QueueLimits,
        uncounted: Uncounted = lambda _: 0,
    ) -> None:
        self._queue, self._poison, self._handle, self._limits = queue, poison, handle, limits
        self._uncounted = uncounted
        self._wake = asyncio.Event()
        self._held: dict[str, str] = {}  # message id -> the receipt that deletes it
        self._tasks: set[asyncio.Task[None]] = set()
        self._polling: asyncio.Task[None] | None = None
        self._stopping = False
        self._behind = False  # messages are known to wait in the queue

    async def start(self) -> None:
        self._polling = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        self._stopping = True
        self.wake()
        if self._polling:
            await asyncio.wait([self._polling])  # not cancelled: what a fetch under way brings is worked on
        while self._tasks:
            await asyncio.wait(self._tasks)

    def wake(self) -> None:
        """Look at once: a message has just been put in."""
        self._wake.set()

    @property
    def has_room(self) -> bool:
        """Whether work can begin at once; while messages wait in the queue, new ones get in line."""
        limit = self._limits.batch + self._limits.threshold
        return not self._stopping and not self._behind and len(self._tasks) < limit

    async def put(self, content: bytes) -> None:
        """Add a message and look at once. Raises AzureError when the storage does not answer."""
        self._behind = True
        await _send(self._queue, self._encode(content))
        self.wake()

    async def put_and_begin(self, content: bytes) -> None:
        """Add a message that is leased from birth and work on it at once: that spares fetching it.

        Once this host has died, it becomes visible like any other; this first try is not in its dequeue count.
        """
        self._take(await _send(self._queue, self._encode(content), visibility_timeout=self._limits.lease))

    async def _poll(self) -> None:
        pause = SHORTEST_POLL
        while True:
            while len(self._tasks) > self._limits.threshold:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._stopping:
                return
            self._wake.clear()
            received = await self._receive()
            pause = SHORTEST_POLL if received else min(pause * 1.5, LONGEST_POLL)
            if received < self._limits.batch and not self._wake.is_set():  # nothing more is there
                self._behind = False
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause)

    async def _receive(self) -> int:
        """Fetch one batch and start on it. Returns how many messages came."""
        batch, received = self._limits.batch, 0
        pages = self._queue.receive_messages(
            max_messages=batch, messages_per_page=batch, visibility_timeout=self._limits.lease
        ).by_page()
        try:
            async for message in await anext(pages):
                received += 1
                self._take(message)
        except StopAsyncIteration:
            pass
        except ResourceNotFoundError:
            await _create(self._queue)
        except AzureError as error:
            _log.warning("%s: %s", self._queue.queue_name, _first_line(error))
        return received

    def _take(self, message: QueueMessage) -> None:
        mine = message.id in self._held
        self._held[message.id] = str(message.pop_receipt)
        if mine:
            return  # a late renewal let it reappear while its handler runs here: one handler is enough
        task = asyncio.create_task(self._work_on(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work_on(self, message: QueueMessage) -> None:
        renewal = asyncio.create_task(self._keep_leased(message.id))
        try:
            body = self._decode(message.content)
            tries = (message.dequeue_count or 0) + self._uncounted(body)
            done = await self._try(message, body, tries)
        finally:
            renewal.cancel()
            await asyncio.wait([renewal])
        try:
            await self._settle(message, done, tries)
        except ResourceNotFoundError:
            _log.warning("%s: a message was taken over by another host", self._queue.queue_name)
        except AzureError as error:
            _log.warning("%s: %s; the message will come back", self._queue.queue_name, _first_line(error))
        finally:
            self._held.pop(message.id, None)

    async def _try(self, message: QueueMessage, body: bytes, tries: int) -> bool:
        """False if it failed, or has been tried too often already by hosts that died over it."""
        if tries > self._limits.max_tries:
            return False
        try:
            return await self._handle(message, body)
        except Exception:
            _log.exception("%s: a message could not be handled", self._queue.queue_name)
            return False

    async def _settle(self, message: QueueMessage, done: bool, tries: int) -> None:
        limits, receipt = self._limits, self._held[message.id]
        if not done and tries < limits.max_tries:
            await self._queue.update_message(message.id, receipt, visibility_timeout=limits.retry_delay)
            self.wake()
            return
        if not done:
            _log.error(
                "%s: tried %d times, moved to %s", self._queue.queue_name, limits.max_tries, self._poison.queue_name
            )
            await _send(self._poison, message.content)
        await self._queue.delete_message(message.id, receipt)

    async def _keep_leased(self, identifier: str) -> None:
        lease = self._limits.lease
        while True:
            await asyncio.sleep(lease / 3)
            longer = _LONGER * self._limits.lease  # what waits in crowds is asked about less often
            try:
                held = self._held[identifier]
                renewed = await self._queue.update_message(identifier, held, visibility_timeout=longer)
                self._held[identifier] = str(renewed.pop_receipt)
                lease = longer
                _log.debug("%s: lease renewed", self._queue.queue_name)
            except ResourceNotFoundError:
                continue  # it reappeared; if this host fetches it again, it brings the new receipt
            except AzureError as error:
                _log.warning("%s: lease not renewed: %s", self._queue.queue_name, _first_line(error))

    def _decode(self, content: str) -> bytes:
        """What is not base64 is taken as it is: it will fail in the handler, and end on the poison queue."""
        if not self._limits.encoded:
            return content.encode()
        try:
            return base64.b64decode(content, validate=True)
        except ValueError:
            return content.encode()

    def _encode(self, content: bytes) -> str:
        return base64.b64encode(content).decode() if self._limits.encoded else content.decode()


async def _send(queue: QueueClient, content: str, visibility_timeout: int = 0) -> QueueMessage:
    try:
        return await queue.send_message(content, visibility_timeout=visibility_timeout)
    except ResourceNotFoundError:
        await _create(queue)
        return await queue.send_message(content, visibility_timeout=visibility_timeout)


async def _create(queue: QueueClient) -> None:
    with contextlib.suppress(ResourceExistsError):
        await queue.create_queue()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
