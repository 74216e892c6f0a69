"""Fixtures for the real things storage is tested against: Azurite and the Cosmos DB emulator, one each a test session.

COSMOS_TEST_ENDPOINT and COSMOS_TEST_KEY name an account, or Microsoft's emulator, to test against instead.
"""

import base64
import os
import secrets
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue

import pytest

from devhost.cosmos import KEY, emulator_command, endpoint
from devhost.setup.emulators import Emulators, install_emulators
from devhost.setup.node import ensure_node
from devhost.setup.progress import Progress

_READY = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Azurite:
    """A blob store of its own, with an account and a key nobody else has."""

    folder: Path
    port: int = field(default_factory=free_port)
    key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(64)).decode())
    log: list[str] = field(default_factory=list)

    @property
    def connection_string(self) -> str:
        address = f"http://127.0.0.1:{self.port}/tests"
        return f"DefaultEndpointsProtocol=http;AccountName=tests;AccountKey={self.key};BlobEndpoint={address};"

    def start(self) -> None:
        node, modules = installed(Emulators.STORAGE)
        program = modules / "azurite" / "dist" / "src" / "blob" / "main.js"
        options = ["--skipApiVersionCheck", "--disableTelemetry", "--blobPort", str(self.port)]
        self.process = subprocess.Popen(
            [node, program, *options, "--location", self.folder],
            env={**os.environ, "AZURITE_ACCOUNTS": f"tests:{self.key}"},
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_for_line(self.process, "successfully listens", self.log)

    def stop(self) -> None:
        """In order: Azurite keeps what it knows of blobs in memory and saves it every 5 s and when it ends."""
        self.process.terminate()
        self.process.wait(10)


@dataclass
class Cosmos:
    """An address that speaks Cosmos DB's API; the emulator if `process` is there."""

    endpoint: str
    key: str
    process: "subprocess.Popen[str] | None" = None

    @classmethod
    def start(cls) -> "Cosmos":
        port = free_port()
        process = subprocess.Popen(
            emulator_command(*installed(Emulators.ALL), port),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_for_line(process, "listening", [])
        return cls(endpoint(port), KEY, process)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()


def installed(wanted: Emulators) -> tuple[Path, Path]:
    """The node program and the folder of modules."""
    progress = Progress(quiet=True)
    node = ensure_node(progress)
    return node.program, install_emulators(wanted, node, progress)


def wait_for_line(process: "subprocess.Popen[str]", words: str, log: list[str]) -> None:
    """Until the process prints a line with these words; afterwards its output goes on into `log`."""
    lines: Queue[str] = Queue()

    def follow() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            log.append(line.rstrip())
            lines.put(line)

    threading.Thread(target=follow, daemon=True).start()
    try:
        while words not in lines.get(timeout=_READY):
            pass
    except Empty:
        process.kill()
        pytest.fail(f"not ready after {_READY:.0f} s: {log}")


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    server = Azurite(tmp_path_factory.mktemp("azurite"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def cosmos() -> Iterator[Cosmos]:
    named = os.environ.get("COSMOS_TEST_ENDPOINT")
    server = Cosmos(named, os.environ.get("COSMOS_TEST_KEY", KEY)) if named else Cosmos.start()
    yield server
    server.stop()
