"""A queue store of its own for a test, with an account and a key nobody else has."""

import base64
import os
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from devhost.setup.emulators import Emulators
from tests.functional.storage import free_port, installed, wait_for_line


@dataclass
class AzuriteQueues:
    folder: Path
    port: int = field(default_factory=free_port)
    key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(64)).decode())
    log: list[str] = field(default_factory=list)

    @property
    def connection_string(self) -> str:
        address = f"http://127.0.0.1:{self.port}/tests"
        return f"DefaultEndpointsProtocol=http;AccountName=tests;AccountKey={self.key};QueueEndpoint={address};"

    def start(self) -> None:
        node, modules = installed(Emulators.STORAGE)
        program = modules / "azurite" / "dist" / "src" / "queue" / "main.js"
        options = ["--skipApiVersionCheck", "--disableTelemetry", "--queuePort", str(self.port)]
        self.process = subprocess.Popen(
            [node, program, *options, "--location", self.folder],
            env={**os.environ, "AZURITE_ACCOUNTS": f"tests:{self.key}"},
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_for_line(self.process, "successfully listens", self.log)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
