"""The dev phone: every text message the app sends, on a page at /dev/phone. Kept in memory, for this machine only.

The host mounts it; `python -m devhost.phone --port N` serves it alone, for use beside `func start`.
"""

import argparse
import logging
import secrets
import sys
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from devhost.console import start_logging
from devhost.loopback import is_local

PREFIX = "/dev/phone"
MAX_MESSAGES = 500  # the oldest make room
MAX_NUMBERS = 200
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

type Number = Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{6,14}$")]
type Mode = Literal["deliver", "delay", "unknown", "undeliverable"]
type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sending(_Strict):
    """What the app posts. `id` is its own name for the message: the same id is never a second message."""

    to: Number
    text: str = Field(min_length=1, max_length=1600)
    id: str = Field(min_length=1, max_length=200)


class Switch(_Strict):
    """How a number behaves. `unknown`: the message is taken, but the connection ends without an answer."""

    to: Number
    mode: Mode = "deliver"
    seconds: float = Field(default=5, ge=0, le=600)


@dataclass(frozen=True, slots=True)
class Message:
    sid: str
    to: str
    text: str
    sent: datetime
    visible_at: float  # of the phone's clock
    undeliverable: bool


class Phone:
    """All numbers of the dev phone. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._messages: OrderedDict[str, Message] = OrderedDict()  # by the sender's id, oldest first
        self._switches: OrderedDict[str, Switch] = OrderedDict()

    def switch_of(self, number: str) -> Switch:
        return self._switches.get(number) or Switch(to=number)

    def set_switch(self, switch: Switch) -> None:
        self._switches[switch.to] = switch
        self._switches.move_to_end(switch.to)
        while len(self._switches) > MAX_NUMBERS:
            self._switches.popitem(last=False)

    def send(self, sending: Sending) -> Message:
        known = self._messages.get(sending.id)
        if known:
            return known
        switch = self.switch_of(sending.to)
        message = Message(
            sid=f"SM{secrets.token_hex(16)}",
            to=sending.to,
            text=sending.text,
            sent=datetime.now(UTC),
            visible_at=self._clock() + (switch.seconds if switch.mode == "delay" else 0),
            undeliverable=switch.mode == "undeliverable",
        )
        self._messages[sending.id] = message
        while len(self._messages) > MAX_MESSAGES:
            self._messages.popitem(last=False)
        return message

    def status(self, message: Message) -> str:
        """Twilio's words: queued, delivered or undelivered."""
        if message.undeliverable:
            return "undelivered"
        return "delivered" if message.visible_at <= self._clock() else "queued"

    def find(self, sid: str) -> Message | None:
        return next((message for message in self._messages.values() if message.sid == sid), None)

    def inbox(self, to: str | None = None) -> list[Message]:
        """What has arrived or is known not to arrive, newest first; one number's or everybody's."""
        wanted = [message for message in self._messages.values() if to is None or message.to == to]
        return [message for message in reversed(wanted) if self.status(message) != "queued"]

    def numbers(self) -> list[Switch]:
        """The numbers written to or set, the latest first."""
        seen = dict.fromkeys([*(m.to for m in reversed(self._messages.values())), *reversed(self._switches)])
        return [self.switch_of(number) for number in seen]


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
