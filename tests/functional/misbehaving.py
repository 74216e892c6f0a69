"""A small HTTP server that answers as told, or not at all, and remembers what it was asked."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

type Behaviour = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class MisbehavingServer:
    behaviour: Behaviour
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def wait_until_asked(self, asked: Callable[[], list[Asked]]) -> None:
        """A caller may have given up before its request arrived; the test's own time-out ends one that never comes."""
        while not asked():
            self.stopping.wait(0.01)

    def _answer(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as stream:
            method, path, _ = stream.readline().decode().split()
            lines = (line.decode().rstrip() for line in iter(stream.readline, b"\r\n"))
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = stream.read(int(headers.get("content-length", 0))).decode()
            self.asked.append(Asked(method, path, headers, body))
            with suppress(OSError):  # the caller gave up
                self.behaviour(client, self.stopping)


@contextmanager
def serving(behaviour: Behaviour, kind: type[MisbehavingServer] = MisbehavingServer) -> Iterator[MisbehavingServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = kind(behaviour, f"http://127.0.0.1:{listener.getsockname()[1]}")
        threading.Thread(target=server.serve, args=(listener,), daemon=True).start()
        try:
            yield server
        finally:
            server.stopping.set()


def answering(status: int, content: object) -> Behaviour:
    body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
    return raw(b"HTTP/1.1 %d -\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


def raw(data: bytes) -> Behaviour:
    return lambda client, _: client.sendall(data)


def silent(_client: socket.socket, stopping: threading.Event) -> None:
    stopping.wait()


def cut(_client: socket.socket, _stopping: threading.Event) -> None:
    """Closes the connection without a word."""


def dripping(client: socket.socket, stopping: threading.Event) -> None:
    """An answer that always moves and never ends."""
    client.sendall(b"HTTP/1.1 201 -\r\nX-Drip: ")
    while not stopping.wait(0.05):
        client.sendall(b".")


def endless(client: socket.socket, stopping: threading.Event) -> None:
    client.sendall(b"HTTP/1.1 201 -\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not stopping.is_set():
        client.sendall(b"1000\r\n" + b" " * 4096 + b"\r\n")
