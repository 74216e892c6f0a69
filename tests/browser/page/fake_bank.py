"""A server that plays the kiosk's contract from a script, so that the page can be brought to every screen.

It holds one visit whose View a test sets with `show`. `refuse` queues problems for a route; everything received is kept
for the test to look at.
"""

import asyncio
import hashlib
import json
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_decode

from devhost.setup.emulators import MODULES
from tests.browser.page.contract import View, accounts, default_config, first_view, iso, pin_view, voice_view
from tests.browser.page.page_files import page_file

VISIT_TOKEN = "visit-token-for-tests"
TELLER_TOKEN = "teller-token-for-tests"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
QR = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><rect width="29" height="29" fill="#fff"/>'
    '<path d="M4 4h7v7h-7zM18 4h7v7h-7zM4 18h7v7h-7zM13 13h3v3h-3zM18 18h3v7h4v-3h-7z"/></svg>'
)

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeBank:
    """One kiosk's server. `walks` makes it go through a whole visit by itself."""

    def __init__(self) -> None:
        self.config = default_config()
        self.view: View = first_view()
        self.walks = False
        self.analyses = True
        self.reachable = True
        self.delay = 0.0
        self.ahead = 0.0  # seconds that a test lets pass, here and on the page
        self.correct_code = "123456"
        self.app_set_up = False
        self.accounts = accounts()
        self.key: dict[str, str] | None = None
        self.starts: list[dict[str, Any]] = []
        self.signatures: list[bool] = []
        self.frames: list[tuple[float, int, tuple[int, int]]] = []
        self.most_unanalysed = 0
        self.clips: list[tuple[str, bytes]] = []
        self.calls: list[tuple[str, str, Any]] = []
        self.polls: list[float] = []
        self.frame_tokens: list[str] = []
        self.poll_tokens: list[str] = []
        self.refused_at: list[float] = []
        self.accepted_leads_to: View = voice_view()
        self.forgotten = False
        self.withdrawals: dict[str, dict[str, Any]] = {}
        self.refusals: dict[str, deque[tuple[int, str, float | None]]] = defaultdict(deque)

    # what a test does

    def show(self, **changes: Any) -> None:
        """Changes the View as the server would: with a higher version."""
        self.view = self.view | changes | {"version": self.view["version"] + 1}

    def refuse(self, route: str, status: int, code: str, retry_after: float | None = None) -> None:
        """The next request to this route gets this problem."""
        self.refusals[route].append((status, code, retry_after))

    def called(self, route: str) -> list[Any]:
        """Bodies of the requests that reached a route."""
        return [body for _, name, body in self.calls if name == route]

    # routes

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Unreachable, slow, refusing or answering; every answer carries the server's time."""
        if not self.reachable and request.path.startswith("/api/"):
            if request.transport:
                request.transport.abort()
            return web.Response()
        if self.delay:
            await asyncio.sleep(self.delay)
        refused = self.refused(request)
        response = refused or await handler(request)
        response.headers["X-Server-Time"] = str(int((time.time() + self.ahead) * 1000))
        return response

    def refused(self, request: web.Request) -> web.Response | None:
        queue = self.refusals.get(f"{request.method} {request.path}") or self.refusals.get(
            request.path.rsplit("/", 1)[-1]
        )
        if not queue:
            return None
        status, code, retry_after = queue.popleft()
        self.refused_at.append(time.monotonic())
        return problem(status, code, retry_after)

    async def page(self, request: web.Request) -> web.Response:
        return page_file(request, "index.html")

    async def file(self, request: web.Request) -> web.Response:
        return page_file(request, request.match_info["path"])

    async def axe_source(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(MODULES / "axe-core" / "axe.min.js")

    async def blank(self, _: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>blank</title>", content_type="text/html")

    async def get_config(self, _: web.Request) -> web.Response:
        return web.json_response(self.config)

    async def pair(self, request: web.Request) -> web.Response:
        body = await self.body(request, "pair")
        if body["code"] != "PAIR-1":
            return problem(403, "bad_pairing_code")
        self.key = body["publicKey"]
        return web.json_response({"kiosk": "K7", "name": "Shibuya Station", "timeZone": "Asia/Tokyo"}, status=201)

    async def start(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self.signatures.append(self.signed(request, raw))
        self.starts.append(json.loads(raw))
        if len(self.starts) > 1:  # what a test has shown before the first start came stays
            self.view = first_view()
        return web.json_response({"token": VISIT_TOKEN, "session": self.view}, status=201)

    def signed(self, request: web.Request, raw: bytes) -> bool:
        """Whether the request carries the paired key's signature over exactly this body."""
        kiosk, at = request.headers["X-Kiosk"], request.headers["X-Kiosk-Time"]
        nonce = request.headers["X-Kiosk-Nonce"]
        text = "\n".join(["POST", "/api/sessions", kiosk, at, nonce, hashlib.sha256(raw).hexdigest()])
        signature = base64url_decode(request.headers["X-Kiosk-Signature"].encode())
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        key = ECAlgorithm(ECAlgorithm.SHA256).from_jwk(json.dumps(self.key))
        assert isinstance(key, ec.EllipticCurvePublicKey)
        try:
            key.verify(encode_dss_signature(r, s), text.encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return len(base64url_decode(nonce.encode())) == 16 and abs(int(at) / 1000 - time.time()) < 60

    async def frame(self, request: web.Request) -> web.Response:
        jpeg = await request.read()
        self.frame_tokens.append(token_of(request))
        if jpeg[:3] != b"\xff\xd8\xff":
            return problem(415, "not_an_image")
        self.frames.append((time.monotonic(), len(jpeg), jpeg_size(jpeg)))
        seq = len(self.frames)
        self.most_unanalysed = max(self.most_unanalysed, seq - self.view["analysedSeq"])
        return web.json_response({"seq": seq, "at": iso(0)}, status=202)

    async def get_view(self, request: web.Request) -> web.Response:
        self.polls.append(time.monotonic())
        self.poll_tokens.append(token_of(request))
        if self.forgotten or self.poll_tokens[-1] not in (VISIT_TOKEN, TELLER_TOKEN):
            return problem(401, "not_allowed")
        if self.analyses:
            self.view["analysedSeq"] = len(self.frames)
        if self.walks:
            self.walk()
        etag = f'"{self.view["version"]}-{self.view["analysedSeq"]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.json_response(self.view, headers={"ETag": etag})

    def walk(self) -> None:
        """The next step of a visit in which everything goes well."""
        if self.view["state"] == "identifying" and len(self.frames) >= 2:
            self.show(**pin_view())
        elif self.view["state"] == "voice" and self.clips:
            self.show(state="granted", voice=None, factors=dict.fromkeys(("face", "pin", "voice"), "passed"))

    async def pin(self, request: web.Request) -> web.Response:
        body = await self.body(request, "pin")
        accepted = body["code"] == self.correct_code
        if accepted:
            self.show(**self.accepted_leads_to)
        else:
            self.show(pin=self.view["pin"] | {"attemptsLeft": self.view["pin"]["attemptsLeft"] - 1})
        return web.json_response({"accepted": accepted, "session": self.view})

    async def voice(self, request: web.Request) -> web.Response:
        self.clips.append((request.query["attempt"], await request.read()))
        return web.json_response({"attempt": int(request.query["attempt"])}, status=202)

    async def handoff(self, request: web.Request) -> web.Response:
        await self.body(request, "handoff")
        self.show(state="handed_off", teller={"locked": False})
        return web.json_response({"token": "handoff.jwt.token"})

    async def input(self, request: web.Request) -> web.Response:
        await self.body(request, "input")
        return web.Response(status=204)

    async def language(self, request: web.Request) -> web.Response:
        body = await self.body(request, "language")
        self.show(language=body["language"])
        return web.json_response(self.view)

    async def details(self, request: web.Request) -> web.Response:
        await self.body(request, "details")
        self.show(enrolment={"step": "capture", "taken": 0, "needed": 4, "pose": "straight"})
        return web.json_response(self.view)

    async def action(self, request: web.Request) -> web.Response:
        name = request.match_info["action"]
        if name.startswith("authenticator"):
            return await self.authenticator(request)
        await self.body(request, name)
        follow: dict[str, View] = {
            "retry": {"state": "identifying", "options": []},
            "claim": {"state": "claiming", "options": []},
            "assistance": {"state": "assistance", "options": []},
            "enrolment": {"state": "enrolling", "options": [], "enrolment": {"step": "details"}},
            "more-time": {"expiresAt": iso(300), "canExtend": False},
        }
        if name in ("pin/send", "pin/resend"):
            follow[name] = pin_view(resendAt=iso(30), sendsLeft=1)
        self.show(**follow[name])
        return web.json_response(self.view)

    async def authenticator(self, request: web.Request) -> web.Response:
        """Set up, confirmed with `correct_code`, told and removed, at the teller and while registering alike."""
        if request.method == "GET":
            return web.json_response({"setUp": self.app_set_up})
        if request.method == "DELETE":
            self.app_set_up = False
            return web.Response(status=204)
        if not request.path.endswith("/confirm"):
            self.calls.append(("POST", "authenticator", request.path))
            return web.json_response({"secret": SECRET, "uri": "otpauth://totp/x", "qr": QR}, status=201)
        body = await self.body(request, "authenticator/confirm")
        self.app_set_up = body["code"] == self.correct_code
        return web.json_response({"confirmed": self.app_set_up})

    async def end(self, request: web.Request) -> web.Response:
        self.calls.append((request.method, "end", None))
        return web.Response(status=204)

    async def open_teller(self, request: web.Request) -> web.Response:
        await self.body(request, "open")
        return web.json_response({"tellerToken": TELLER_TOKEN, **self.teller()}, status=201)

    async def get_teller(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Teller-Token") != TELLER_TOKEN:
            return problem(401, "not_allowed")
        return web.json_response(self.teller())

    def teller(self) -> dict[str, Any]:
        customer = {"name": "Ana Example", "givenName": "Ana"}
        return {
            "session": self.view,
            "customer": customer,
            "accounts": self.accounts,
            "quickCash": "70.00",
            "cash": {"least": "10.00", "most": "500.00", "step": "10.00"},
        }

    async def withdraw(self, request: web.Request) -> web.Response:
        body = await self.body(request, "withdraw")
        if body["key"] in self.withdrawals:
            return web.json_response({"receipt": self.withdrawals[body["key"]]})
        account = next(one for one in self.accounts if one["id"] == body["account"])
        left = float(account["balance"]) - float(body["amount"])
        if left < 0:
            return problem(409, "insufficient_funds")
        account["balance"] = f"{left:.2f}"
        receipt = {"id": "r1", "account": account["id"], "amount": body["amount"], "balance": account["balance"]}
        self.withdrawals[body["key"]] = receipt | {"at": iso(0), "reference": "K7-4F2Q-1"}
        return web.json_response({"receipt": self.withdrawals[body["key"]]}, status=201)

    async def body(self, request: web.Request, route: str) -> Any:
        body = await request.json()
        self.calls.append((request.method, route, body))
        return body


def token_of(request: web.Request) -> str:
    """The visit's or the teller's."""
    return request.headers.get("X-Visit-Token") or request.headers.get("X-Teller-Token") or ""


def problem(status: int, code: str, retry_after: float | None = None) -> web.Response:
    """An error as the function app shapes it."""
    body: dict[str, Any] = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": ""}
    headers = {}
    if retry_after is not None:
        body["retryAfter"] = retry_after
        headers["Retry-After"] = str(int(retry_after))
    return web.Response(status=status, text=json.dumps(body), content_type="application/problem+json", headers=headers)


def jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height from the start-of-frame segment."""
    at = 2
    while at < len(jpeg):
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        if marker in (0xC0, 0xC1, 0xC2):
            return int.from_bytes(jpeg[at + 7 : at + 9]), int.from_bytes(jpeg[at + 5 : at + 7])
        at += 2 + length
    raise ValueError("no frame in this JPEG")
