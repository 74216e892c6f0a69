"""Fixtures for the real things storage is tested against: Azurite and the Cosmos DB emulator, one each a test session.

Both are Node programs. `atm.py` installs them in `.atm/node`; NODE_MODULES names another folder that holds them.
"""

import base64
import os
import secrets
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue

import pytest

ROOT = Path(__file__).parents[2]
_READY = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def node_modules() -> Path:
    folder = Path(os.environ.get("NODE_MODULES") or ROOT / ".atm" / "node" / "node_modules")
    if not folder.is_dir():
        pytest.fail("Azurite and the Cosmos DB emulator are missing: `python3 atm.py doctor` says how to get them")
    return folder


def node() -> str:
    return shutil.which("node") or pytest.fail("Node is missing: `python3 atm.py doctor` says how to get it")


@dataclass
class Azurite:
    """A blob store of its own, with an account and a key nobody else has."""

    folder: Path
    port: int = field(default_factory=free_port)
    key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(64)).decode())
    log: list[str] = field(default_factory=list)

    @property
    def connection_string(self) -> str:
        endpoint = f"http://127.0.0.1:{self.port}/tests"
        return f"DefaultEndpointsProtocol=http;AccountName=tests;AccountKey={self.key};BlobEndpoint={endpoint};"

    def start(self) -> None:
        program = node_modules() / "azurite" / "dist" / "src" / "blob" / "main.js"
        options = ["--skipApiVersionCheck", "--disableTelemetry", "--blobPort", str(self.port)]
        self.process = subprocess.Popen(
            [node(), str(program), *options, "--location", str(self.folder)],
            env={**os.environ, "AZURITE_ACCOUNTS": f"tests:{self.key}"},
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_for_line(self.process, "successfully listens", self.log)

    def stop(self) -> None:
        """In order: Azurite keeps what it knows of blobs in memory and saves it every 5 s and when it ends."""
        self.process.terminate()
        self.process.wait(10)


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
