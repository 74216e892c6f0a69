"""Carries events to the host's blob webhook: at once or after a delay, again and again until the host takes them."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import aiohttp

from devhost.eventgrid import Event
from devhost.keys import read_webhook_key

_CARRIERS = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0  # seconds between tries while the host is down
_NEVER_RETRIED = (400, 413)  # as Event Grid, which dead-letters these at once
_TIMEOUT = aiohttp.ClientTimeout(total=30)
_log = logging.getLogger("devhost.events")


class Courier:
    """Delivers each event handed to it at least once. `delivered` is told of each delivery.

    While the host does not answer, all carriers pause together, so that waiting costs a few requests a second
    whatever the number of events.
    """

    def __init__(
        self,
        webhook: str,
        keys: Path | None,
        account: str,
        endpoint: str,
        delivered: Callable[[Event], None],
    ) -> None:
        self._webhook, self._keys = webhook, keys
        self._account, self._endpoint = account, endpoint
        self._delivered = delivered
        self._due: asyncio.Queue[Event] = asyncio.Queue()
        self._open = asyncio.Event()
        self._open.set()
        self._pause = _FIRST_PAUSE
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        self._tasks = [asyncio.create_task(self._carry()) for _ in range(_CARRIERS)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    def send(self, event: Event, delay: float = 0) -> None:
        if delay:
            asyncio.get_running_loop().call_later(delay, self._due.put_nowait, event)
        else:
            self._due.put_nowait(event)

    async def _carry(self) -> None:
        while True:
            event = await self._due.get()
            await self._open.wait()
            if await self._post(event):
                self._pause = _FIRST_PAUSE
                self._delivered(event)
            else:
                self._due.put_nowait(event)
                self._wait_for_host()

    def _wait_for_host(self) -> None:
        if not self._open.is_set():
            return
        self._open.clear()
        asyncio.get_running_loop().call_later(self._pause, self._open.set)
        if self._pause == _FIRST_PAUSE:
            _log.warning("The host does not take events; they are kept and tried again")
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    async def _post(self, event: Event) -> bool:
        query = {"functionName": f"Host.Functions.{event.function}"}
        key = read_webhook_key(self._keys) if self._keys else None
        if key:
            query["code"] = key
        headers = {"aeg-event-type": "Notification", "aeg-subscription-name": event.function.upper()}
        body = [event.body(self._account, self._endpoint)]
        try:
            async with self._session.post(self._webhook, params=query, json=body, headers=headers) as answer:
                await answer.read()
                if answer.status in _NEVER_RETRIED:
                    _log.error("%s/%s was refused (%d) and is dropped", event.container, event.name, answer.status)
                if answer.ok or answer.status in _NEVER_RETRIED:
                    return True
                _log.debug("%s/%s: the webhook answered %d", event.container, event.name, answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _log.debug("%s/%s: %s", event.container, event.name, type(error).__name__)
        return False
