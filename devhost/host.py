"""The local Functions host: `python -m devhost.host --app DIR`. Runs one app on Microsoft's worker library."""

import argparse
import asyncio
import logging
import os
import socket
import sys
from collections.abc import MutableMapping
from pathlib import Path

from devhost.configuration import ConfigurationError, process_environment, read_configuration
from devhost.console import start_logging
from devhost.functions_host import Host, Options
from devhost.stopping import StopRequest
from devhost.worker import IndexingFailed

_log = logging.getLogger("devhost.host")


def _bind(host: str, port: int) -> socket.socket:
    """Take the port before the app is loaded, so that a taken one is told at once. Raises OSError."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if os.name != "nt":  # on Windows this option would let two processes share the port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    return listening


def _like_func(environment: MutableMapping[str, str], port: int) -> None:
    """The variables that `func start` sets for its worker."""
    environment.setdefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
    environment.setdefault("FUNCTIONS_WORKER_RUNTIME", "python")
    environment.setdefault("WEBSITE_HOSTNAME", f"localhost:{port}")


async def serve(app: Path, bind: str, port: int, options: Options, *, follow_stdin: bool) -> int:
    """Run until asked to stop. Returns the exit code."""
    stop = StopRequest(follow_stdin=follow_stdin)
    try:
        listening = _bind(bind, port)
    except OSError as error:
        _log.error("Port %d (the Functions host's) cannot be used: %s", port, error.strerror)
        return 2
    environment = process_environment()
    try:
        host = Host(read_configuration(app, environment), options)
        _like_func(environment, listening.getsockname()[1])
        await host.start(listening)
    except (IndexingFailed, ConfigurationError, ValueError) as error:
        _log.error("The app cannot start. %s\n%s", error, getattr(error, "stack", ""))
        return 1
    await stop.wait()
    _log.info("stopping: running invocations finish")
    return 0 if await host.stop() else 3


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m devhost.host", description=__doc__)
    parser.add_argument("--app", type=Path, default=Path(), help="folder of function_app.py and host.json")
    parser.add_argument("--port", type=int, default=7071)
    parser.add_argument("--bind", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--state", type=Path, help="folder for keys and timers (default: .atm/host in the app)")
    parser.add_argument("--require-keys", action="store_true", help="check keys; `func start` does not, by default")
    parser.add_argument("--log", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    parser.add_argument("--lease", type=int, default=6, help="seconds until a dead host's message returns")
    parser.add_argument("--grace", type=float, default=30, help="seconds that a drain may take")
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input ends, too")
    given = parser.parse_args(argv)
    app = given.app.resolve()
    state = (given.state or app / ".atm" / "host").resolve()
    start_logging(given.log)
    options = Options(state, given.require_keys, max(1, given.lease), given.grace)
    code = asyncio.run(serve(app, given.bind, given.port, options, follow_stdin=given.stop_with_stdin))
    if code == 3:  # threads of functions that would not end are still running: do not wait for them
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
