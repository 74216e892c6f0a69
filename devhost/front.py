"""The HTTP side of the host: finds the function of a request, checks its key, invokes it, shapes the answer."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http.cookies import SimpleCookie
from urllib.parse import quote

from aiohttp import web
from azure.functions.meta import Datum

from devhost.console import query_names
from devhost.keys import Keys
from devhost.routing import Route
from devhost.triggers import Runner, text
from devhost.worker import Function, InvocationFailed

MAX_BODY_BYTES = 104_857_600  # FUNCTIONS_REQUEST_BODY_SIZE_LIMIT's default
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "content-length", "server", "date"}
_COOKIE_ATTRIBUTES = {
    "Expires": "expires",
    "Max-Age": "max-age",
    "Domain": "domain",
    "Path": "path",
    "SameSite": "samesite",
}
_QUIET = ("/admin/host/", "/dev/phone", "/api/health", "/runtime/webhooks/")  # polls, and what has a line of its own
_log = logging.getLogger("devhost.http")

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Front:
    """Answers the requests of HTTP triggers."""

    def __init__(self, runner: Runner, functions: Iterable[Function], keys: Keys) -> None:
        self._runner, self._keys = runner, keys
        prefix = runner.configuration.route_prefix
        self._homepage_disabled = runner.configuration.flag("AzureWebJobsDisableHomepage")
        self._routes = [
            (
                Route(f"{prefix}/{function.trigger.get('route') or function.name}", function.trigger.get("methods")),
                function,
            )
            for function in functions
            if function.kind == "httpTrigger"
        ]

    async def handle(self, request: web.Request) -> web.Response:
        path = request.rel_url.raw_path
        if path == "/" and not self._homepage_disabled:
            return web.Response(text="Your Functions app is up and running.")
        for route, function in self._routes:
            parameters = route.match(request.method, path)
            if parameters is not None:
                return await self._call(request, function, parameters)
        if path == "/":
            return web.Response(status=204)
        return web.Response(status=404)  # a wrong method, too: the real host does not answer 405

    async def _call(self, request: web.Request, function: Function, parameters: dict[str, str]) -> web.Response:
        level = str(function.trigger.get("authLevel", "function")).lower()
        if not self._keys.allow_function(given_key(request), function.name, level):
            return web.Response(status=401)
        if self._runner.configuration.disabled(function.name):
            return web.Response(status=404)
        body = await _body(request)
        if body is None:
            return web.Response(status=500)
        http = Datum(
            {
                "method": text(request.method),
                "url": text(f"{request.scheme}://{request.host}{request.rel_url}"),
                "headers": _joined((name.lower(), value) for name, value in request.headers.items()),
                # The real host drops a query parameter with an empty value.
                "query": {name: value for name, value in _joined(request.query.items()).items() if value.value},
                "params": {name: text(value) for name, value in parameters.items()},
                "body": Datum(body, "bytes"),
            },
            "http",
        )
        metadata = {name: text(value) for name, value in parameters.items()}
        try:
            returned = await self._runner.run(function, {function.trigger["name"]: http}, metadata, subject="http")
        except InvocationFailed:
            return web.Response(status=500)
        return _response(returned)


def _route(prefix: str, function: Function) -> Route:
    template = function.trigger.get("route") or function.name
    return Route(f"{prefix}/{template}", function.trigger.get("methods"))


def given_key(request: web.Request) -> str | None:
    return request.headers.get("x-functions-key") or request.query.get("code")


@web.middleware
async def log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line a request. Query values are left out, for they may be keys; polls that change nothing are for DEBUG."""
    begun, status = time.perf_counter(), 500
    try:
        answer = await handler(request)
        status = answer.status
        return answer
    except web.HTTPException as error:
        status = error.status
        raise
    except asyncio.CancelledError:
        status = 499  # the caller left
        raise
    finally:
        quiet = status == 304 or request.path.startswith(_QUIET)
        colour = "red" if status >= 500 else "yellow" if status >= 400 else "green" if request.method != "GET" else ""
        _log.log(
            logging.DEBUG if quiet and status < 400 else logging.INFO,
            "%s %s%s %d (%.1f ms)",
            request.method,
            request.path,
            query_names(request.query),
            status,
            (time.perf_counter() - begun) * 1000,
            extra={"colour": colour},
        )


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, Datum]:
    """Repeated names become one value with commas, as .NET's StringValues are turned into text."""
    together: dict[str, list[str]] = {}
    for name, value in pairs:
        together.setdefault(name, []).append(value)
    return {name: text(",".join(values)) for name, values in together.items()}


async def _body(request: web.Request) -> bytes | None:
    """The body; None if it is too large, which the real host answers with 500 (azure-functions-host issue 10519).

    A body without Content-Length is dropped, as the real host drops it.
    """
    if not request.content_length:
        return b""
    if request.content_length > MAX_BODY_BYTES:
        return None
    return await request.read()


def _response(returned: Datum | None) -> web.Response:
    if returned is None or returned.value is None:
        return web.Response(status=200)
    if returned.type != "http":  # a function may return a plain str
        return web.Response(text=str(returned.value), content_type="text/plain")
    value: Mapping[str, Datum] = returned.value
    body = value["body"].value if value["body"] else b""
    response = web.Response(
        status=int(value["status_code"].value), body=body.encode() if isinstance(body, str) else body
    )
    headers: Mapping[str, Datum] = returned.value["headers"]
    for name, header in headers.items():
        if name.lower() not in _HOP_BY_HOP:
            response.headers[name] = str(header.value)
    cookies: Iterable[SimpleCookie] = returned.value.get("cookies") or ()
    for cookie in cookies:
        for line in _cookie_lines(cookie):
            response.headers.add("Set-Cookie", line)
    return response


def _cookie_lines(cookie: SimpleCookie) -> Iterable[str]:
    for name, morsel in cookie.items():
        parts = [f"{name}={quote(morsel.value, safe='')}"]  # ASP.NET escapes the value
        parts += [f"{shown}={morsel[key]}" for shown, key in _COOKIE_ATTRIBUTES.items() if morsel[key]]
        parts += [shown for shown, key in (("Secure", "secure"), ("HttpOnly", "httponly")) if morsel[key]]
        yield "; ".join(parts)
