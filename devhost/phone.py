"""The dev phone: every text message the app sends, on a page at /dev/phone. Kept in memory, for this machine only.

The host mounts it; `python -m devhost.phone --port N` serves it alone, for use beside `func start`.
"""

import argparse
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from pydantic import ValidationError

from devhost.console import start_logging
from devhost.inbox import Phone, Sending, Switch
from devhost.loopback import is_local

PREFIX = "/dev/phone"
_MAX_BODY_BYTES = 16_384
_PAGE = Path(__file__).parent / "phone_page"
_FILES = {"": "index.html", "phone.js": "phone.js", "phone.css": "phone.css"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def phone_application() -> web.Application:
    """The phone as a sub-application. Whoever is not on this machine gets 404."""
    phone = Phone(time.monotonic)
    application = web.Application(middlewares=[_local_only])
    application.add_routes(_Pages(phone).routes())
    return application


class _Pages:
    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    def routes(self) -> list[web.RouteDef]:
        pages = [web.get(f"/{name}", self._page) for name in _FILES] + [web.get("", self._to_page)]
        return [
            *pages,
            web.post("/messages", self._send),
            web.get("/messages", self._inbox),
            web.get("/messages/{sid}", self._status),
            web.get("/numbers", self._numbers),
            web.put("/numbers", self._set_switch),
        ]

    async def _to_page(self, request: web.Request) -> web.Response:
        raise web.HTTPMovedPermanently(f"{request.path}/")

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(_PAGE / _FILES[request.path.rpartition("/")[2]])

    async def _send(self, request: web.Request) -> web.Response:
        sending = Sending.model_validate_json(await request.read())
        message = self._phone.send(sending)
        if self._phone.switch_of(sending.to).mode == "unknown" and request.transport:
            request.transport.abort()
        return web.json_response({"sid": message.sid, "status": self._phone.status(message)}, status=201)

    async def _inbox(self, request: web.Request) -> web.Response:
        listed = [
            {
                "sid": message.sid,
                "to": message.to,
                "text": message.text,
                "sent": message.sent.isoformat(),
                "status": self._phone.status(message),
            }
            for message in self._phone.inbox(request.query.get("to"))
        ]
        return web.json_response({"messages": listed})

    async def _status(self, request: web.Request) -> web.Response:
        message = self._phone.find(request.match_info["sid"])
        if message is None:
            raise web.HTTPNotFound
        return web.json_response({"sid": message.sid, "status": self._phone.status(message)})

    async def _numbers(self, _request: web.Request) -> web.Response:
        return web.json_response({"numbers": [switch.model_dump() for switch in self._phone.numbers()]})

    async def _set_switch(self, request: web.Request) -> web.Response:
        self._phone.set_switch(Switch.model_validate_json(await request.read()))
        return web.Response(status=204)


@web.middleware
async def _local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not is_local(request):
        return web.Response(status=404)
    if (request.content_length or 0) > _MAX_BODY_BYTES:
        return web.Response(status=413)
    try:
        response = await handler(request)
    except ValidationError as error:
        fields = sorted({".".join(map(str, problem["loc"])) or "body" for problem in error.errors()})
        return web.json_response({"error": f"Not valid: {', '.join(fields)}"}, status=400)
    response.headers.update(_HEADERS)
    return response


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m devhost.phone", description=__doc__)
    parser.add_argument("--port", type=int, default=7072)
    given = parser.parse_args(argv)
    start_logging("INFO")
    application = web.Application()
    application.add_subapp(PREFIX, phone_application())
    logging.getLogger("devhost.phone").info("the dev phone is at http://127.0.0.1:%d%s/", given.port, PREFIX)
    web.run_app(application, host="127.0.0.1", port=given.port, print=None, access_log=None)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
