"""The fake bank's routes, served in a thread of their own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from tests.browser.page.fake_bank import FakeBank, Handler

SESSION = "/api/sessions/{id}"
ROUTES = (
    ("GET", "/", FakeBank.page),
    ("GET", "/kiosk/{path:.+}", FakeBank.file),
    ("GET", "/test/axe.js", FakeBank.axe_source),
    ("GET", "/test/blank", FakeBank.blank),
    ("GET", "/api/kiosk/config", FakeBank.get_config),
    ("POST", "/api/kiosks/pair", FakeBank.pair),
    ("POST", "/api/sessions", FakeBank.start),
    ("POST", SESSION + "/frames", FakeBank.frame),
    ("GET", SESSION, FakeBank.get_view),
    ("POST", SESSION + "/pin", FakeBank.pin),
    ("POST", SESSION + "/voice", FakeBank.voice),
    ("POST", SESSION + "/handoff", FakeBank.handoff),
    ("POST", SESSION + "/input", FakeBank.input),
    ("PUT", SESSION + "/enrolment/details", FakeBank.details),
    ("PUT", SESSION + "/language", FakeBank.language),
    ("POST", SESSION + "/{action:.+}", FakeBank.action),
    ("DELETE", SESSION, FakeBank.end),
    ("POST", "/api/teller/open", FakeBank.open_teller),
    ("GET", "/api/teller", FakeBank.get_teller),
    ("POST", "/api/teller/withdrawals", FakeBank.withdraw),
    ("DELETE", "/api/teller", FakeBank.end),
    ("GET", "/api/teller/authenticator", FakeBank.authenticator),
    ("POST", "/api/teller/authenticator", FakeBank.authenticator),
    ("DELETE", "/api/teller/authenticator", FakeBank.authenticator),
    ("POST", "/api/teller/authenticator/confirm", FakeBank.authenticator),
)
"""The routes of the contract, and the page."""


class Served:
    """Runs the routes in a thread of its own while the test drives the browser.

    `bank` may be exchanged between two tests: the address stays, and with it what the browser has in its cache.
    """

    def __init__(self, bank: FakeBank) -> None:
        self.bank = bank
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.url = ""

    def __enter__(self) -> "Served":
        self.thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self.open(), self.loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def application(self) -> web.Application:
        def to(method: Callable[[FakeBank, web.Request], Awaitable[web.StreamResponse]]) -> Handler:
            async def handler(request: web.Request) -> web.StreamResponse:
                bank = self.bank
                return await bank.answer(request, partial(method, bank))

            return handler

        app = web.Application(client_max_size=4_000_000)
        app.add_routes([web.route(verb, path, to(method)) for verb, path, method in ROUTES])
        return app

    async def open(self) -> str:
        self.runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        port = self.runner.addresses[0][1]
        return f"http://localhost:{port}"
