"""Supervises the processes of a local stack: storage with its events, the Functions host, and what was asked beside."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, Self

from devhost.claim import Claim
from devhost.ports import APP_PORT, BLOB_PORT, DOCUMENTS_PORT, PHONE_PORT, QUEUE_PORT, Ports
from devhost.setup.problem import SetupProblem
from devhost.setup.progress import Progress
from devhost.stack.child import Child
from devhost.stack.environment import Addresses, app_environment, connection_string
from devhost.stack.options import StackOptions
from devhost.stack.prepared import Prepared, prepare
from devhost.stack.processes import documents_command, host_command, phone_command, storage_command
from devhost.stack.readiness import died, wait_for_answer, wait_for_ports

READY_SECONDS = 90  # the first start compiles every module and loads the models, on a laptop that is busy
STOP_SECONDS = 4.5
DRAIN_SECONDS = 2.5  # of these, what the host has for the invocations that run
_WATCH_SECONDS = 0.2


class Stack:
    """Started by `with` or `start`; `stop` ends every process it started and nothing else. Raises SetupProblem."""

    def __init__(self, options: StackOptions | None = None) -> None:
        self.options = options or StackOptions()
        self.progress = Progress(quiet=self.options.quiet)
        self._claim = Claim(self.options.data)
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return self._addresses.url

    @property
    def phone_url(self) -> str:
        return self._addresses.phone_url

    @property
    def storage_connection(self) -> str:
        return connection_string(self._addresses.blobs, self._addresses.queues)

    @property
    def environment(self) -> dict[str, str]:
        """The app's settings, for a test that opens the same stores."""
        return dict(self._environment)

    @property
    def host_log(self) -> Path:
        return self._host.log

    def pages(self) -> dict[str, str]:
        """What a person may open."""
        return {
            "Kiosk": f"{self.url}/",
            "Dev phone": self.phone_url,
            "Console": f"{self.url}/console/",
            "Health": self.url + self.options.ready_path,
            "Logs": str(self.options.logs),
        }

    def start(self) -> None:
        prepared = prepare(self.options, self.progress)
        self._claim.take()
        try:
            self._start(prepared)
        except BaseException:
            self.stop()
            raise

    def start_host(self) -> None:
        """Its log is shown from when it is ready: before, only what keeps it from starting is of interest."""
        begun = time.monotonic()
        self.progress.passing("Host", "starting")
        self._host.mirrored = False
        self._host.start()
        wait_for_answer(self._host, self.url + self.options.ready_path, READY_SECONDS)
        self.progress.done("Host", self.url, time.monotonic() - begun)
        self._host.mirrored = not self.options.quiet

    def kill_host(self) -> None:
        """End the host as a crash would. It stays down until `start_host`, unless `watch` runs."""
        self._host.kill()

    def restart_host(self) -> None:
        self._host.stop(DRAIN_SECONDS)
        self.start_host()

    def watch(self) -> NoReturn:
        """Start the host again when it dies, a bounded number of times. Raises SetupProblem after that."""
        left = self.options.restarts
        while True:
            time.sleep(_WATCH_SECONDS)
            for child in self._children:
                if child.exit_code is None:
                    continue
                if child is not self._host or not left:
                    raise SetupProblem(died(child))
                left -= 1
                self.progress.warn("Host", f"{died(child)}\n  Starting it again ({left} more times).")
                self.start_host()

    def stop(self) -> None:
        """Within STOP_SECONDS: the host drains, then the others close, then whatever is left is ended."""
        begun = time.monotonic()
        deadline = begun + STOP_SECONDS
        if self._children:
            self.progress.passing("Stopping", "")
        for child in reversed(self._children):
            child.stop(max(0.1, min(DRAIN_SECONDS, deadline - time.monotonic())))
        if self._children:
            self.progress.done("Stopped", "every process that was started", time.monotonic() - begun)
        self._children.clear()
        self._claim.release()

    def _start(self, prepared: Prepared) -> None:
        options = self.options
        where = self._addresses = self._choose_ports()
        self._environment = app_environment(options, where, prepared.models)
        if where.documents is not None:
            command = documents_command(prepared, where.documents)
            self._start_child("Documents", command, [where.documents], f"Cosmos DB emulator {where.documents}")
        said = f"blobs {where.blobs}, queues {where.queues}, events {options.profile}"
        self._start_child("Storage", storage_command(options, prepared, where), [where.blobs, where.queues], said)
        if options.use_func:
            self._start_child("Phone", phone_command(where), [where.phone], self.phone_url)
        self._host = self._child("Host", host_command(options, where), folder=options.app)
        self.start_host()
        self._claim.tell(self.url)

    def _start_child(self, name: str, command: Sequence[str], ports: Sequence[int], said: str) -> None:
        begun = time.monotonic()
        self.progress.passing(name, "starting")
        child = self._child(name, command)
        child.start()
        wait_for_ports(child, ports, READY_SECONDS)
        self.progress.done(name, said, time.monotonic() - begun)

    def _child(self, name: str, command: Sequence[str], *, folder: Path | None = None) -> Child:
        log = self.options.logs / f"{name.lower()}.log"
        child = Child(name, command, self._environment, log, folder=folder)
        self._children.append(child)
        return child

    def _choose_ports(self) -> Addresses:
        options = self.options
        ports = Ports(self.progress.warn, usual=options.usual_ports)
        app = ports.choose("Host", APP_PORT, options.port)
        return Addresses(
            app,
            ports.choose("Storage", BLOB_PORT),
            ports.choose("Storage", QUEUE_PORT),
            ports.choose("Phone", PHONE_PORT) if options.use_func else app,
            ports.choose("Documents", DOCUMENTS_PORT) if options.documents == "cosmos" else None,
        )
