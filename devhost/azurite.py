"""Azurite as a child process: one at a time per folder, stopped so that it saves, its access log as lines."""

import asyncio
import contextlib
import json
import logging
import os
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psutil

_CHILD = Path(__file__).parent / "azurite_child.cjs"
_LISTENING = ("Azurite Blob service is successfully listening", "Azurite Queue service is successfully listening")
START_SECONDS = 60  # a cold disk and a busy machine included
CLOSE_SECONDS = 6
_LONGEST_LINE = 1_048_576
_log = logging.getLogger("devhost.azurite")


class AzuriteFailed(Exception):
    """Azurite did not start; the message says why."""


@dataclass(frozen=True, slots=True)
class AzuriteOptions:
    """`node` and `script` are the programs (script: azurite's dist/src/azurite.js); `folder` holds the data."""

    node: str
    script: Path
    folder: Path
    blob_port: int
    queue_port: int
    host: str = "127.0.0.1"


class Azurite:
    """A running Azurite. Its pipe on standard input is its life line: see azurite_child.cjs."""

    def __init__(self, options: AzuriteOptions) -> None:
        self._options = options
        self._owner = options.folder / "owner.json"
        self._process: asyncio.subprocess.Process | None = None
        self._early: list[str] = []  # lines that came while it was starting

    async def wait_for_folder(self) -> None:
        """The Azurite of a storage process that was killed may still be saving: wait for its end.

        Raises AzuriteFailed if the folder is in use.
        """
        self._options.folder.mkdir(parents=True, exist_ok=True)
        deadline = asyncio.get_running_loop().time() + CLOSE_SECONDS
        while (pid := self._living_owner()) is not None:
            if asyncio.get_running_loop().time() > deadline:
                raise AzuriteFailed(f"{self._options.folder} is in use by the process {pid}.")
            await asyncio.sleep(0.05)

    async def start(self) -> None:
        """Returns once both services listen. Raises AzuriteFailed."""
        options = self._options
        arguments = [str(_CHILD), str(options.script), "--location", str(options.folder), "--loose"]
        arguments += ["--blobHost", options.host, "--blobPort", str(options.blob_port)]
        arguments += ["--queueHost", options.host, "--queuePort", str(options.queue_port), "--tablePort", "0"]
        arguments += ["--skipApiVersionCheck", "--disableTelemetry"]
        pipe = asyncio.subprocess.PIPE
        # A group of its own: Ctrl-C in the terminal must not end the storage before the host has drained.
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        try:
            self._process = await asyncio.create_subprocess_exec(
                options.node,
                *arguments,
                stdin=pipe,
                stdout=pipe,
                stderr=asyncio.subprocess.STDOUT,
                limit=_LONGEST_LINE,
                start_new_session=os.name != "nt",
                creationflags=flags,
            )
        except OSError as error:
            raise AzuriteFailed(f"{options.node} cannot be run: {error.strerror}") from error
        self._take_ownership(self._process.pid)
        try:
            await asyncio.wait_for(self._wait_until_listening(), START_SECONDS)
        except TimeoutError:
            await self.close()
            raise AzuriteFailed(f"Azurite did not start within {START_SECONDS} s.") from None

    async def lines(self) -> AsyncIterator[str]:
        """Its output, line by line, until it ends."""
        while self._early:
            yield self._early.pop(0)
        output = self._running.stdout
        while output:
            try:
                raw = await output.readline()
            except ValueError:
                continue  # longer than any request line that names a blob
            if not raw:
                return
            yield raw.decode(errors="replace").rstrip()

    def ask_to_close(self) -> None:
        """It saves, closes its output and ends."""
        if self._running.stdin:
            self._running.stdin.close()

    async def close(self) -> None:
        """Wait for the end, by force after CLOSE_SECONDS. Its output must have been read to the end."""
        self.ask_to_close()
        try:
            await asyncio.wait_for(self._running.wait(), CLOSE_SECONDS)
        except TimeoutError:
            _log.warning("Azurite did not close in time and was ended")
            with contextlib.suppress(ProcessLookupError):
                self._running.kill()
            await self._running.wait()
        self._owner.unlink(missing_ok=True)

    @property
    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("Azurite has not been started")
        return self._process

    async def _wait_until_listening(self) -> None:
        awaited, said = set(_LISTENING), []
        async for line in self.lines():
            said.append(line)
            awaited = {text for text in awaited if not line.startswith(text)}
            if not awaited:
                self._early = said
                return
        await self._running.wait()
        raise AzuriteFailed("Azurite ended at once: " + " / ".join(said[-3:]))

    def _living_owner(self) -> int | None:
        try:
            noted = json.loads(self._owner.read_text(encoding="utf-8"))
            process = psutil.Process(noted["pid"])
            same = abs(process.create_time() - noted["started"]) < 1 and process.status() != psutil.STATUS_ZOMBIE
            return int(noted["pid"]) if same else None
        except (OSError, ValueError, KeyError, psutil.Error):
            return None

    def _take_ownership(self, pid: int) -> None:
        with contextlib.suppress(psutil.Error):
            noted = {"pid": pid, "started": psutil.Process(pid).create_time()}
            self._owner.write_text(json.dumps(noted), encoding="utf-8")


def find_script(modules: Path) -> Path:
    """Azurite's entry below a node_modules folder."""
    return modules / "azurite" / "dist" / "src" / "azurite.js"
