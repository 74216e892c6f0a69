"""One function app, hosted: its functions, their triggers, the HTTP server, and the drain at the end."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aiohttp import web
from azure.functions.meta import Datum

from devhost.admin import Admin
from devhost.blobs import BlobTriggers
from devhost.configuration import Configuration
from devhost.front import MAX_BODY_BYTES, Front, Handler, log_requests
from devhost.keys import load_keys
from devhost.phone import PREFIX as PHONE
from devhost.phone import phone_application
from devhost.queue_trigger import queue_trigger
from devhost.queues import QueueLimits
from devhost.storage_clients import HOME, StorageClients
from devhost.timers import TimerTrigger
from devhost.triggers import Listener
from devhost.worker import Function, InvocationFailed, Worker

_GLANCE = 0.01  # seconds between looks at what still runs
_log = logging.getLogger("devhost.host")


@dataclass(frozen=True, slots=True)
class Options:
    """`lease`: seconds until the message of a host that died comes back. `grace`: seconds a drain may take."""

    state: Path
    require_keys: bool
    lease: int
    grace: float


class Host:
    """One app, served until `stop`. Raises IndexingFailed or ConfigurationError from `start`."""

    def __init__(self, configuration: Configuration, options: Options) -> None:
        self.configuration, self._options = configuration, options
        self._worker = Worker(configuration.app)
        self._clients = StorageClients(configuration)
        self._listeners: list[Listener] = []
        self._running = self._requests = 0
        self._draining = False

    async def start(self, listening: socket.socket) -> None:
        functions = await self._worker.start()
        keys = load_keys(self._options.state, (f.name for f in functions), enforced=self._options.require_keys)
        live = [function for function in functions if not self.configuration.disabled(function.name)]
        blobs, timers = self._blob_triggers(live), self._timers(live)
        limits = QueueLimits.read(self.configuration, self._options.lease)
        self._listeners = [*timers.values(), *([blobs] if blobs else [])]
        for function in live:
            if function.kind == "queueTrigger":
                client = partial(self._clients.queue, str(function.trigger["connection"]))
                self._listeners.append(queue_trigger(self, function, client, limits))
        for listener in self._listeners:
            await listener.start()
        self._admin = Admin(self, functions, keys, blobs, timers)
        await self._serve(Front(self, functions, keys), listening)
        _announce(functions, self.configuration, listening)

    async def stop(self) -> bool:
        """Drain: new requests get 503, what runs finishes. False if a function is running still."""
        self._draining = True
        self._admin.state = "Stopping"
        try:
            async with asyncio.timeout(self._options.grace):
                await asyncio.gather(*(listener.stop() for listener in self._listeners))
                while self._running or self._requests:
                    await asyncio.sleep(_GLANCE)
                # A function that exceeded functionTimeout may still hold a thread, and a thread cannot be ended.
                threads = threading.Thread(target=self._worker.stop, daemon=True)
                threads.start()
                while threads.is_alive():
                    await asyncio.sleep(_GLANCE)
        except TimeoutError:
            _log.error("Not everything finished within %g s", self._options.grace)
            return False
        await self._runner.cleanup()
        await self._clients.close()
        return True

    async def run(
        self, function: Function, inputs: Mapping[str, Datum], metadata: Mapping[str, Datum], *, subject: str
    ) -> Datum | None:
        self._running += 1
        begun, limit = time.perf_counter(), self.configuration.function_timeout
        try:
            async with asyncio.timeout(limit):
                returned = await self._worker.invoke(function, inputs, metadata)
        except TimeoutError as error:
            _log.error("%s exceeded functionTimeout (%s s) on %s", function.name, limit, subject)
            raise InvocationFailed("functionTimeout exceeded") from error
        except InvocationFailed as error:
            _log.error("%s failed in %s on %s\n%s", function.name, _since(begun), subject, error.stack.rstrip())
            raise
        finally:
            self._running -= 1
        level = logging.DEBUG if function.kind == "httpTrigger" else logging.INFO
        _log.log(level, "%s done in %s on %s", function.name, _since(begun), subject, extra={"colour": "cyan"})
        return returned

    async def attempt(
        self, function: Function, inputs: Mapping[str, Datum], metadata: Mapping[str, Datum], *, subject: str
    ) -> bool:
        try:
            await self.run(function, inputs, metadata, subject=subject)
        except InvocationFailed:
            return False
        return True

    def _blob_triggers(self, functions: list[Function]) -> BlobTriggers | None:
        subscribers = [function for function in functions if function.kind == "blobTrigger"]
        if not subscribers:
            return None
        limits = QueueLimits.for_blobs(self.configuration, self._options.lease)
        return BlobTriggers(self, subscribers, self._clients.blobs, partial(self._clients.queue, HOME), limits)

    def _timers(self, functions: list[Function]) -> dict[str, TimerTrigger]:
        timers = [function for function in functions if function.kind == "timerTrigger"]
        return {function.name: TimerTrigger(self, function, self._options.state / "timers") for function in timers}

    async def _serve(self, front: Front, listening: socket.socket) -> None:
        application = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[log_requests, self._count_requests])
        application.on_response_prepare.append(_leave_no_server_header)
        application.add_subapp(PHONE, phone_application())
        application.add_routes(self._admin.routes())
        application.router.add_route("*", "/{path:.*}", front.handle)
        self._runner = web.AppRunner(application, access_log=None, handle_signals=False)
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()

    @web.middleware
    async def _count_requests(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._draining and not request.path.startswith(PHONE):  # what still runs may have to send a message
            return web.Response(status=503, headers={"Retry-After": "2"})
        self._requests += 1
        try:
            return await handler(request)
        finally:
            self._requests -= 1


async def _leave_no_server_header(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.popall("Server", None)


def _since(begun: float) -> str:
    return f"{(time.perf_counter() - begun) * 1000:.1f} ms"


def _announce(functions: list[Function], configuration: Configuration, listening: socket.socket) -> None:
    where = _address(listening)
    for function in functions:
        trigger = function.trigger
        detail = str(trigger.get("path") or trigger.get("queueName") or trigger.get("schedule") or "")
        if function.kind == "httpTrigger":
            methods = ",".join(trigger.get("methods") or ["any"])
            detail = "/".join(filter(None, (where, configuration.route_prefix, trigger.get("route") or function.name)))
            detail = f"[{methods}] {detail}"
        state = " (disabled)" if configuration.disabled(function.name) else ""
        _log.info("%s: %s %s%s", function.name, function.kind, detail, state)
    _log.info("ready at %s with %d functions", where, len(functions), extra={"colour": "green"})


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
