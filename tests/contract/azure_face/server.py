"""The played Face service over HTTP. It refuses what the description does not allow, and misbehaves when told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.contract.azure_face.description import Request, Violation
from tests.contract.azure_face.eyes import Eyes
from tests.contract.azure_face.service import Service

KEY = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Trouble:
    """What happens to one request instead of its answer. `done`: the service has done it all the same.

    `status` 0 cuts the connection without a word; `seconds` passes before anything is said.
    """

    status: int = 0
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    done: bool = False
    seconds: float = 0.0
    body: bytes | None = None


class FaceServer:
    """`asked` are the operations in the order they came, refused ones included; `violations` must stay empty."""

    def __init__(self, eyes: Eyes) -> None:
        self.service = Service(eyes)
        self.url = ""
        self.asked: list[str] = []
        self.texts: list[str] = []
        self.violations: list[str] = []
        self.stopping = threading.Event()
        self._troubles: dict[str, list[Trouble]] = {}
        self._lock = threading.Lock()

    def trouble(self, operation: str, *troubles: Trouble) -> None:
        """The next requests for an operation (the end of its name; "" for any) go wrong so, one after another."""
        self._troubles.setdefault(operation, []).extend(troubles)

    def forgive(self) -> None:
        """Nothing goes wrong from now on."""
        self._troubles.clear()

    def count(self, operation: str) -> int:
        return sum(asked.endswith(operation) for asked in self.asked)

    def handle(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> "tuple[Trouble | None, int, Any]":
        """What goes wrong, and the answer that goes out if nothing does."""
        try:
            request = Request(method, target, headers, body)
        except (Violation, ValueError) as violation:
            self.violations.append(str(violation))
            return None, 400, {"error": {"code": "BadArgument", "message": "not as described"}}
        with self._lock:
            self.asked.append(request.operation)
            self.texts += [target, "" if request.image else body.decode()]
            trouble = self._next(request.operation)
            if trouble is not None and not trouble.done:
                return trouble, 0, None
            if headers.get("Ocp-Apim-Subscription-Key") != KEY and headers.get("Authorization") != f"Bearer {KEY}":
                return None, 401, {"error": {"code": "401", "message": "Access denied."}}
            return trouble, *self.service.answer(request)

    def _next(self, operation: str) -> Trouble | None:
        for end, waiting in self._troubles.items():
            if operation.endswith(end) and waiting:
                return waiting.pop(0)
        return None


@contextmanager
def playing(eyes: Eyes) -> Iterator[FaceServer]:
    server = FaceServer(eyes)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(server)) as http:
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server
        finally:
            server.stopping.set()
            http.shutdown()


def _handler(server: FaceServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            trouble, status, answer = server.handle(
                self.command, self.path, {k.title(): v for k, v in self.headers.items()}, body
            )
            if trouble is None:
                where = (
                    {"operation-Location": f"{server.url}{self.path}ing"} if status == 202 else {}
                )  # train → training
                self._say(status, b"" if answer is None else json.dumps(answer).encode(), where)
                return
            server.stopping.wait(trouble.seconds)
            if trouble.status == 0:
                self.close_connection = True
                return
            error = json.dumps({"error": {"code": trouble.code, "message": "as told"}}).encode()
            self._say(trouble.status, trouble.body if trouble.body is not None else error, trouble.headers)

        def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            try:
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the caller gave up

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815  # the names the library looks for

        def log_message(self, *args: Any) -> None:
            """Silent."""

    return Handler
