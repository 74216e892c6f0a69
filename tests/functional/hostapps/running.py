"""Runs the local host and the local storage as a developer does: as processes, each in a folder of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient, QueueServiceClient

from devhost.configuration import DEVELOPMENT_STORAGE
from devhost.setup.places import NODE

ROOT = Path(__file__).parents[3]
APPS = Path(__file__).parent
PATIENCE = 60.0  # seconds; reached only when something is broken


def free_ports(count: int) -> list[int]:
    """Ports that are free now, all different."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def wait_until[T](probe: Callable[[], T], what: str) -> T:
    """The first true result of `probe`."""
    deadline = time.monotonic() + PATIENCE
    while not (result := probe()):
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {PATIENCE:.0f} s in vain for {what}")
        time.sleep(0.01)
    return result


@dataclass
class Running:
    """One process; what it says is in `log`."""

    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.command],
                cwd=ROOT,
                env={**os.environ, "NO_COLOR": "1", **self.environment},
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def wait_for_words(self, words: str, *, times: int = 1) -> None:
        def said() -> bool:
            text = self.log.read_text(encoding="utf-8")
            assert text.count(words) >= times or self.process.poll() is None, text
            return text.count(words) >= times

        wait_until(said, f"{words!r} in {self.log}")

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
        return self._end()

    def kill(self) -> None:
        """As a crash: SIGKILL."""
        self.process.kill()
        self._end()

    def _end(self) -> int:
        code = self.process.wait(PATIENCE)
        if self.process.stdin:
            self.process.stdin.close()
        return code

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")


class RunningHost(Running):
    """The local host with an app of this folder; its functions write their journal."""

    def __init__(self, app: str, folder: Path, *options: str, environment: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (self.port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.state, self.journal = folder / "state", folder / "journal.jsonl"
        command = ["devhost.host", "--stop-with-stdin", "--app", str(APPS / app)]
        command += ["--port", str(self.port), "--state", str(self.state)]
        own = {"JOURNAL": str(self.journal), **(environment or {})}
        super().__init__([*command, *options], folder / "host.log", own)
        self._starts = 0

    def start(self) -> None:
        super().start()
        self._starts += 1
        self.wait_for_words("ready at", times=self._starts)

    def entries(self, function: str) -> list[dict[str, Any]]:
        """What this function has written, so far."""
        if not self.journal.exists():
            return []
        lines = self.journal.read_text(encoding="utf-8").splitlines(keepends=True)
        whole = [json.loads(line) for line in lines if line.endswith("\n")]  # the last may be half written
        return [entry for entry in whole if entry["function"] == function]

    def request(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """An iterable body is sent in chunks, without Content-Length."""
        return requests.request(method, self.url + path, data=body, headers=headers, timeout=PATIENCE)


class RunningStorage(Running):
    """Azurite and local Event Grid."""

    def __init__(self, folder: Path, webhook: str, *options: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.blob_port, self.queue_port = free_ports(2)
        modules = Path(os.environ.get("NODE_MODULES") or NODE / "node_modules")
        node = shutil.which("node") or "node"
        command = ["devhost.storage", "--state", str(folder / "azurite"), "--node", node, "--stop-with-stdin"]
        command += ["--node-modules", str(modules), "--webhook", f"{webhook}/runtime/webhooks/blobs"]
        command += ["--blob-port", str(self.blob_port), "--queue-port", str(self.queue_port)]
        super().__init__([*command, *options], folder / "storage.log")
        self.connection = DEVELOPMENT_STORAGE.replace(":10000/", f":{self.blob_port}/").replace(
            ":10001/", f":{self.queue_port}/"
        )
        self._starts = 0

    def start(self) -> None:
        super().start()
        self._starts += 1
        self.wait_for_words("ready: blobs", times=self._starts)

    def blobs(self) -> BlobServiceClient:
        return BlobServiceClient.from_connection_string(self.connection)

    def queue(self, name: str) -> QueueClient:
        return QueueServiceClient.from_connection_string(self.connection).get_queue_client(name)
