"""What the real host serves beside functions: /admin/... and the blob webhook that Event Grid posts to."""

import asyncio
import json
import time
from typing import Any

from aiohttp import web

from devhost.blobs import BadEvent, BlobTriggers
from devhost.front import given_key
from devhost.keys import Keys
from devhost.loopback import from_another_site
from devhost.timers import TimerTrigger
from devhost.triggers import Runner, text
from devhost.worker import Function

_MAX_WEBHOOK_BYTES = 1_048_576  # Event Grid's largest delivery


class Admin:
    """The control endpoints of one host."""

    def __init__(
        self,
        runner: Runner,
        functions: list[Function],
        keys: Keys,
        blobs: BlobTriggers | None,
        timers: dict[str, TimerTrigger],
    ) -> None:
        self._runner, self._keys, self._blobs, self._timers = runner, keys, blobs, timers
        self._functions = {function.name.lower(): function for function in functions}
        self._started = time.monotonic()
        self._by_hand: set[asyncio.Task[None]] = set()
        self.state = "Running"

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/admin/host/ping", self._ping),
            web.get("/admin/host/status", self._status, allow_head=False),
            web.get("/admin/functions", self._list, allow_head=False),
            web.post("/admin/functions/{name}", self._run),
            web.post("/runtime/webhooks/blobs", self._webhook),
        ]

    async def _ping(self, _request: web.Request) -> web.Response:
        return web.Response()

    async def _status(self, request: web.Request) -> web.Response:
        self._require_admin(request)
        return web.json_response(
            {
                "id": self._runner.configuration.host_id,
                "state": self.state,
                "version": "4.local",
                "processUptime": int((time.monotonic() - self._started) * 1000),
            }
        )

    async def _list(self, request: web.Request) -> web.Response:
        self._require_admin(request)
        listed = [
            {
                "name": function.name,
                "isDisabled": self._runner.configuration.disabled(function.name),
                "config": {"bindings": list(function.bindings)},
            }
            for function in self._functions.values()
        ]
        return web.json_response(listed)

    async def _run(self, request: web.Request) -> web.Response:
        """Start a function with `{"input": ...}`: a queue message, a blob's container/name, nothing for a timer."""
        self._require_admin(request)
        function = self._functions.get(request.match_info["name"].lower())
        if function is None:
            return web.Response(status=404)
        content = await _json(request)
        given = content.get("input") if isinstance(content, dict) else None
        if function.kind == "httpTrigger":
            return web.json_response({"message": "An HTTP function is run by a request to its route."}, status=400)
        task = asyncio.create_task(self._start(function, given if isinstance(given, str) else json.dumps(given)))
        self._by_hand.add(task)
        task.add_done_callback(self._by_hand.discard)
        return web.Response(status=202)

    async def _start(self, function: Function, given: str) -> None:
        if function.kind == "timerTrigger":
            await self._timers[function.name].fire()
        elif function.kind == "blobTrigger" and self._blobs:
            await self._blobs.run_by_hand(function, given)
        else:
            inputs = {function.trigger["name"]: text(given)}
            await self._runner.attempt(function, inputs, {"Id": text("by hand")}, subject="by hand")

    async def _webhook(self, request: web.Request) -> web.Response:
        """https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema"""
        if from_another_site(request):
            return web.Response(status=403)
        if not self._keys.allow_webhook(given_key(request)):
            return web.Response(status=401)
        kind = request.headers.get("aeg-event-type", "")
        if self._blobs is None:
            return web.Response(status=404)
        if kind == "Unsubscribe":
            return web.Response(status=202)
        events = await _json(request)
        if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
            return web.Response(status=400)
        if kind == "SubscriptionValidation":
            return _validation(events)
        if kind != "Notification":
            return web.Response(status=400)
        try:
            await self._blobs.enqueue(request.query.get("functionName", ""), events)
        except BadEvent as error:
            return web.Response(status=400, text=str(error))
        return web.Response(status=202)

    def _require_admin(self, request: web.Request) -> None:
        if from_another_site(request):
            raise web.HTTPForbidden
        if not self._keys.allow_admin(given_key(request)):
            raise web.HTTPUnauthorized


def _validation(events: list[dict[str, Any]]) -> web.Response:
    try:
        code = events[0]["data"]["validationCode"]
    except (IndexError, KeyError, TypeError):
        return web.Response(status=400)
    return web.json_response({"validationResponse": code})


async def _json(request: web.Request) -> Any:
    """The body as JSON; None if it is none or too large."""
    if (request.content_length or 0) > _MAX_WEBHOOK_BYTES:
        return None
    try:
        return json.loads(await request.read())
    except ValueError:
        return None
