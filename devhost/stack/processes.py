"""The command lines of a stack's processes."""

import shutil
import sys
from pathlib import Path

from devhost import cosmos
from devhost.setup.problem import SetupProblem
from devhost.stack.environment import Addresses
from devhost.stack.options import StackOptions
from devhost.stack.prepared import Prepared


def documents_command(prepared: Prepared, port: int) -> list[str]:
    return cosmos.emulator_command(prepared.node.program, prepared.modules, port)


def storage_command(options: StackOptions, prepared: Prepared, addresses: Addresses) -> list[str]:
    """Azurite, and the events of what is written to it."""
    command = [sys.executable, "-m", "devhost.storage", "--stop-with-stdin", "--profile", options.profile]
    command += ["--state", str(options.data / "storage")]
    command += ["--node", str(prepared.node.program), "--node-modules", str(prepared.modules)]
    command += ["--blob-port", str(addresses.blobs), "--queue-port", str(addresses.queues)]
    command += ["--webhook", f"http://127.0.0.1:{addresses.app}/runtime/webhooks/blobs"]
    if not options.use_func:  # `func start` checks no keys
        command += ["--keys", str(_host_state(options) / "keys.json")]
    for subscription in options.subscriptions:
        command += ["--subscription", subscription]
    return command


def host_command(options: StackOptions, addresses: Addresses) -> list[str]:
    """The local Functions host, or Azure Functions Core Tools. Raises SetupProblem if those are not there."""
    if options.use_func:
        program = shutil.which("func")
        if program is None:
            raise SetupProblem("--func needs Azure Functions Core Tools: `func` is not on PATH.")
        return [program, "start", "--port", str(addresses.app)]
    command = [sys.executable, "-m", "devhost.host", "--stop-with-stdin", "--require-keys"]
    command += ["--app", str(options.app), "--state", str(_host_state(options))]
    return [*command, "--port", str(addresses.app)]


def phone_command(addresses: Addresses) -> list[str]:
    """The dev phone beside `func start`; the local host has it among its own pages."""
    return [sys.executable, "-m", "devhost.phone", "--port", str(addresses.phone)]


def _host_state(options: StackOptions) -> Path:
    return options.data / "host"
