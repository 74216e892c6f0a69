"""`atm.py verify-audit`: proves that the audit is as it was written, or names the first entry that is not.

On the stack that runs here, on the stores of one that does not (its storage is started meanwhile), or, with
AzureWebJobsStorage in the environment, on whatever that and the app's other settings name.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from devhost.claim import Claim, running_in
from devhost.demo.people import open_app
from devhost.ports import APP_PORT, BLOB_PORT, QUEUE_PORT, any_free_port
from devhost.setup.emulators import MODULES, Emulators, installed_emulators
from devhost.setup.node import ensure_node
from devhost.setup.places import STATE
from devhost.setup.progress import Progress
from devhost.stack.child import Child
from devhost.stack.environment import Addresses, app_environment
from devhost.stack.options import StackOptions
from devhost.stack.prepared import Prepared
from devhost.stack.processes import storage_command
from devhost.stack.readiness import wait_for_ports
from shared.services.audit.verify import Verified

_READY_SECONDS = 60
_STOP_SECONDS = 5


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py verify-audit", description=__doc__)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, help="first day, UTC (2026-11-22)")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last day")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--state", type=Path, default=STATE, help="state folder of the stack")
    parser.add_argument("--blob-port", type=int, default=BLOB_PORT, help="of the stack that runs")
    arguments = parser.parse_args(argv)
    with _stores(StackOptions(state=arguments.state, quiet=True), arguments.blob_port) as environment:
        found = open_app(environment).audit_verify.run(arguments.first, arguments.last)
    print(_as_json(found) if arguments.json else _in_words(found))
    return 0 if found.ok else 1


@contextmanager
def _stores(options: StackOptions, blob_port: int) -> Iterator[dict[str, str]]:
    if "AzureWebJobsStorage" in os.environ or "AzureWebJobsStorage__blobServiceUri" in os.environ:
        yield dict(os.environ)
    elif running_in(options.data):
        yield app_environment(options, _addresses(blob_port, QUEUE_PORT), Path("models"))
    else:
        with _storage(options) as addresses:
            yield app_environment(options, addresses, Path("models"))


@contextmanager
def _storage(options: StackOptions) -> Iterator[Addresses]:
    """The stack's storage alone, on ports of its own; nobody starts the stack meanwhile."""
    progress = Progress(quiet=True)
    node = ensure_node(progress)
    addresses = _addresses(any_free_port(), any_free_port())
    claim = Claim(options.data)
    claim.take()
    try:
        with installed_emulators(Emulators.STORAGE, node, progress):
            command = storage_command(options, Prepared(node, MODULES, Path("models")), addresses)
            child = Child("Storage", command, dict(os.environ), options.logs / "verify-audit.log")
            child.start()
            try:
                wait_for_ports(child, [addresses.blobs, addresses.queues], _READY_SECONDS)
                yield addresses
            finally:
                child.stop(_STOP_SECONDS)
    finally:
        claim.release()


def _addresses(blobs: int, queues: int) -> Addresses:
    return Addresses(APP_PORT, blobs, queues, APP_PORT)


def _in_words(found: Verified) -> str:
    seen = f"{found.checked} entries in {found.days} days"
    waiting = f" {found.waiting} entries wait for their seal." if found.waiting else ""
    if found.ok and not found.days:
        return f"Nothing of the audit has been sealed yet.{waiting}"
    if found.broken is None:
        return f"The audit is unbroken: {seen} are as they were written.{waiting}"
    where = f"{found.broken.day} {found.broken.entry or ''}".rstrip()
    return f"The audit is BROKEN at {where}: {found.broken.why.replace('_', ' ')}. Before it, {seen} are sound."


def _as_json(found: Verified) -> str:
    broken = found.broken
    told = {"day": broken.day, "entry": broken.entry, "why": broken.why} if broken else None
    counts = {"checked": found.checked, "days": found.days, "waiting": found.waiting}
    return json.dumps({"ok": found.ok, **counts, "firstBroken": told})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
