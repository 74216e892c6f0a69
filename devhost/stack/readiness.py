"""Waits for a process by its own word, and not longer than it lives."""

import http.client
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence

from devhost.ports import LOOPBACK
from devhost.setup.problem import SetupProblem
from devhost.stack.child import Child

_POLL_SECONDS = 0.05


def wait_for_ports(child: Child, ports: Sequence[int], within: float) -> None:
    """Until all of them accept connections. Raises SetupProblem if the child ends or is late."""
    _wait(child, lambda: None if all(map(_accepts, ports)) else "It does not listen yet.", within)


def wait_for_answer(child: Child, url: str, within: float) -> None:
    """Until a GET of `url` answers 200. Raises SetupProblem with the last answer if the child ends or is late."""
    _wait(child, lambda: _problem(url), within)


def _wait(child: Child, problem: Callable[[], str | None], within: float) -> None:
    deadline = time.monotonic() + within
    while True:
        if child.exit_code is not None:
            raise SetupProblem(died(child))
        last = problem()
        if last is None:
            return
        if time.monotonic() > deadline:
            raise SetupProblem(f"{child.name} was not ready within {within:.0f} s. {last}\nIts log: {child.log}")
        time.sleep(_POLL_SECONDS)


def died(child: Child) -> str:
    last = child.last_lines()
    shown = "" if child.mirrored else f" Its last lines:\n\n{last}\n"
    return f"{child.name} ended with exit code {child.exit_code}.{shown}\nThe whole log: {child.log}"


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _problem(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 (an address made here)
            return None if answer.status == 200 else f"{url} answered {answer.status}."
    except urllib.error.HTTPError as error:
        return f"{url} answered {error.code}: {error.read(2000).decode('utf-8', 'replace')}"
    except (OSError, http.client.HTTPException):
        return f"{url} does not answer."
