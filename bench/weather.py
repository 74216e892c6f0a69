"""A proxy that stands between the app and what it depends on, and behaves as badly as it is told to."""

import asyncio
import re
import threading
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any, Self

import aiohttp
from aiohttp import web
from yarl import URL

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """Shares are probabilities a request. `cut`: the connection ends, half of the times after the work was done."""

    delay_s: tuple[float, float] = (0.0, 0.0)
    cut: float = 0.0
    throttle: float = 0.0
    throttle_status: int = 503
    corrupt: float = 0.0


CALM = Weather()


class Proxy:
    """HTTP to the port `upstream` of this machine, in a thread of its own. `weather` may change at any time.

    With `upstream_tls` it speaks https there, and believes any certificate: that of an emulator.
    """

    def __init__(self, seed: int) -> None:
        self.weather = CALM
        self.upstream, self.upstream_tls = 0, False
        self.port = 0
        self.harm: Counter[str] = Counter()
        self._random = Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _start(self) -> None:
        self._client = aiohttp.ClientSession(auto_decompress=False, timeout=aiohttp.ClientTimeout(total=60))
        server = web.Application(client_max_size=32 * 2**20)
        server.router.add_route("*", "/{rest:.*}", self._pass_on)
        self._runner = web.AppRunner(server, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        await self._runner.cleanup()
        await self._client.close()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        weather, chance = self.weather, self._random.random
        try:
            body = await request.read()
        except ConnectionError:  # the app died in the middle of its sentence
            return web.Response(status=400)
        if weather.delay_s[1]:
            await asyncio.sleep(self._random.uniform(*weather.delay_s))
        if chance() < weather.throttle:
            return self._harmed("throttled", self._busy(weather))
        cut = chance() < weather.cut
        if cut and chance() < 0.5:
            return self._cut(request)
        answer = await self.answer(request, body)
        if cut:
            return self._cut(request)
        if chance() < weather.corrupt and isinstance(answer.body, bytes) and answer.body:
            spoiled = bytearray(answer.body)
            for _ in range(1 + len(spoiled) // 2000):
                spoiled[self._random.randrange(len(spoiled))] ^= 0x55
            return self._harmed(
                "corrupted", web.Response(body=bytes(spoiled), status=answer.status, headers=answer.headers)
            )
        return answer

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        """What the upstream says."""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        scheme = "https" if self.upstream_tls else "http"
        url = URL(f"{scheme}://127.0.0.1:{self.upstream}{request.raw_path}", encoded=True)
        try:
            async with self._client.request(
                request.method, url, data=body or None, headers=headers, skip_auto_headers=["Content-Type"], ssl=False
            ) as answer:  # a header more and the signature would not hold
                content = self._at_home(await answer.read())
                kept: dict[str, Any] = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP}
                if request.method == "HEAD" and "Content-Length" in answer.headers:
                    kept["Content-Length"] = answer.headers["Content-Length"]
                return web.Response(body=content, status=answer.status, headers=kept)
        except aiohttp.ClientError:
            return web.Response(status=502)

    def _at_home(self, content: bytes) -> bytes:
        """A database account tells where it lives: that is here."""
        there = re.compile(rb"https?://[\w.]+:%d/" % self.upstream)
        return there.sub(b"http://127.0.0.1:%d/" % self.port, content) if self.upstream_tls else content

    def _busy(self, weather: Weather) -> web.Response:
        headers = {"Retry-After": "1", "x-ms-error-code": "ServerBusy"}
        return web.Response(status=weather.throttle_status, headers=headers)

    def _cut(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return self._harmed("cut", web.Response(status=500))

    def _harmed(self, how: str, answer: web.Response) -> web.Response:
        self.harm[how] += 1
        return answer


class Telephone(Proxy):
    """A dev phone that outlives the host: it keeps what was sent, and counts how often each message was."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.asked: Counter[str] = Counter()
        self._messages: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        del body  # read again below, as JSON
        if request.method == "GET":
            to = request.query.get("to")
            return web.json_response({"messages": [m for m in reversed(self._messages) if m["to"] == to]})
        sending = await request.json()
        self.asked[sending["id"]] += 1
        sid = f"SM{len(self._messages):032x}"
        self._messages.append({"sid": sid, "to": sending["to"], "text": sending["text"]})
        return web.json_response({"sid": sid, "status": "queued"}, status=201)

    def code(self, phone: str) -> str | None:
        """Of the last message to a number; not asked over the network: the customer looks at their own phone."""
        found = [m["text"][:6] for m in self._messages if m["to"] == phone and m["text"][:6].isdigit()]
        return found[-1] if found else None

    def count(self, phone: str) -> int:
        return sum(m["to"] == phone for m in self._messages)
