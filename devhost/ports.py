"""Which TCP ports the local stack listens on, and who has the ones that are taken."""

import os
import socket
from collections.abc import Callable, Iterator

from devhost.setup.problem import SetupProblem

LOOPBACK = "127.0.0.1"
APP_PORT = 7071  # what `func start` takes
BLOB_PORT = 10000  # Azurite's own
QUEUE_PORT = 10001
DOCUMENTS_PORT = 8081  # the Cosmos DB emulator's own
PHONE_PORT = 7072
NEIGHBOURS = 50
"""How many ports after the usual one are tried before the operating system is asked for any."""


class Ports:
    """Chooses a port for each name, never the same twice. Raises SetupProblem when a demanded port is taken."""

    def __init__(self, report: Callable[[str, str], None], *, usual: bool = True) -> None:
        """`usual` False takes any free port, so that several stacks stand side by side. `report`: name, sentence."""
        self._report, self._usual = report, usual
        self._chosen: set[int] = set()

    def choose(self, name: str, usual: int, demanded: int | None = None) -> int:
        if demanded is not None:
            if not self._is_free(demanded):
                raise SetupProblem(f"{taken(demanded)}. Stop it, or name another one with --port.")
            return self._keep(demanded)
        if not self._usual:
            return self._keep(any_free_port())
        port = next(filter(self._is_free, range(usual, usual + NEIGHBOURS)), None) or any_free_port()
        if port != usual:
            self._report(name, f"{taken(usual)}; using {port}")
        return self._keep(port)

    def _is_free(self, port: int) -> bool:
        return port not in self._chosen and is_free(port)

    def _keep(self, port: int) -> int:
        self._chosen.add(port)
        return port


def is_free(port: int) -> bool:
    """Whether a server could listen there. Asked twice, since macOS lets two listen where one has all addresses."""
    with socket.socket() as probe:
        if probe.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket() as probe:
        if os.name == "nt":
            probe.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", 0), 1)
        else:  # without it the closing connections of an earlier server would count as somebody's
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def taken(port: int) -> str:
    who = holder(port)
    return f"port {port} is taken by {who}" if who else f"port {port} is taken by another program"


def holder(port: int) -> str | None:
    """`name (process 123)` of whoever listens there; None where the system does not tell (macOS: others' processes)."""
    try:
        import psutil
    except ImportError:  # `doctor` runs before the environment is made
        return None
    try:
        for pid in _listeners(port):
            return f"{psutil.Process(pid).name()} (process {pid})"
    except psutil.Error:
        pass
    return None


def _listeners(port: int) -> Iterator[int]:
    import psutil

    for connection in psutil.net_connections(kind="tcp"):
        listens = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
        if listens and connection.pid:
            yield connection.pid
