"""Supervises the processes of a local stack: storage with its events, the Functions host, and what was asked beside."""

import shutil
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from devhost.claim import Claim
from devhost.ports import APP_PORT, BLOB_PORT, DOCUMENTS_PORT, PHONE_PORT, QUEUE_PORT, Ports
from devhost.setup.problem import SetupProblem
from devhost.setup.progress import Progress
from devhost.stack.child import Child
from devhost.stack.environment import Addresses, app_environment, connection_string
from devhost.stack.options import StackOptions
from devhost.stack.prepared import Prepared, prepare
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

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
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

    def _start(self, prepared: Prepared) -> None:
        self._addresses = self._choose_ports()
        self._environment = app_environment(self.options, self._addresses, prepared.models)
        begun = time.monotonic()
        storage = self._storage(prepared)
        self._launch(storage)
        wait_for_ports(storage, (self._addresses.blobs, self._addresses.queues), READY_SECONDS)
        where = f"blobs {self._addresses.blobs}, queues {self._addresses.queues}, events {self.options.profile}"
        self.progress.done("Storage", where, time.monotonic() - begun)
        if self.options.use_func:
            self._launch(self._phone())
        self.host = self._host()
        self._children.append(self.host)
        self.start_host()
        self._claim.tell(self.url)

    def start_host(self) -> None:
        begun = time.monotonic()
        self.host.start()
        wait_for_answer(self.host, self.url + self.options.ready_path, READY_SECONDS)
        self.progress.done("Host", self.url, time.monotonic() - begun)

    def kill_host(self) -> None:
        """End the host as a crash would. It stays down until `start_host`, unless `watch` runs."""
        self.host.kill()

    def restart_host(self) -> None:
        self.host.stop(DRAIN_SECONDS)
        self.start_host()

    def watch(self) -> None:
        """Return never: start a host that dies again, a bounded number of times. Raises SetupProblem after that."""
        left = self.options.restarts
        while True:
            time.sleep(_WATCH_SECONDS)
            for child in self._children:
                if child.exit_code is None:
                    continue
                if child is not self.host or not left:
                    raise SetupProblem(died(child))
                left -= 1
                self.progress.warn("Host", f"{died(child)}\nStarting it again ({left} more times).")
                self.start_host()

    def stop(self) -> None:
        """Within STOP_SECONDS: the host drains, then the others close, then whatever is left is ended."""
        deadline = time.monotonic() + STOP_SECONDS
        for child in reversed(self._children):
            left = max(0.1, deadline - time.monotonic())
            child.stop(min(DRAIN_SECONDS, left))
        self._children.clear()
        self._claim.release()

    def _launch(self, child: Child) -> None:
        self._children.append(child)
        child.start()

    def _choose_ports(self) -> Addresses:
        options = self.options
        ports = Ports(self.progress.warn, usual=options.usual_ports)
        app = ports.choose("Host", APP_PORT, options.port)
        return Addresses(
            app,
            ports.choose("Storage", BLOB_PORT),
            ports.choose("Storage", QUEUE_PORT),
            ports.choose("Dev phone", PHONE_PORT) if options.use_func else app,
            ports.choose("Documents", DOCUMENTS_PORT) if options.documents == "cosmos" else None,
        )

    def _storage(self, prepared: Prepared) -> Child:
        command = [sys.executable, "-m", "devhost.storage", "--stop-with-stdin", "--profile", self.options.profile]
        command += ["--state", str(self.options.data / "storage")]
        command += ["--node", str(prepared.node.program), "--node-modules", str(prepared.modules)]
        command += ["--blob-port", str(self._addresses.blobs), "--queue-port", str(self._addresses.queues)]
        command += ["--webhook", f"http://127.0.0.1:{self._addresses.app}/runtime/webhooks/blobs"]
        if not self.options.use_func:  # `func start` checks no keys
            command += ["--keys", str(self._host_state / "keys.json")]
        for subscription in self.options.subscriptions:
            command += ["--subscription", subscription]
        return Child("Storage", command, self._environment, self.options.logs / "storage.log")

    def _host(self) -> Child:
        if self.options.use_func:
            command = [_core_tools(), "start", "--port", str(self._addresses.app)]
        else:
            command = [sys.executable, "-m", "devhost.host", "--stop-with-stdin", "--require-keys"]
            command += ["--app", str(self.options.app), "--state", str(self._host_state)]
            command += ["--port", str(self._addresses.app)]
        log, mirror = self.options.logs / "host.log", not self.options.quiet
        return Child("Host", command, self._environment, log, folder=self.options.app, mirror=mirror)

    def _phone(self) -> Child:
        command = [sys.executable, "-m", "devhost.phone", "--port", str(self._addresses.phone)]
        return Child("Dev phone", command, self._environment, self.options.logs / "phone.log")

    @property
    def _host_state(self) -> Path:
        return self.options.data / "host"


def _core_tools() -> str:
    program = shutil.which("func")
    if program is None:
        raise SetupProblem("--func needs Azure Functions Core Tools: `func` is not on PATH.")
    return program
