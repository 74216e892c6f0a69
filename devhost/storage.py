"""Local storage: `python -m devhost.storage`. Runs Azurite and plays Event Grid for what is written to it.

Works with the local host and with `func start` alike: both have the webhook.
"""

import argparse
import asyncio
import logging
import os
import shutil
import sys
from pathlib import Path

from devhost.azurite import AzuriteFailed, AzuriteOptions, find_script
from devhost.console import start_logging
from devhost.eventgrid import PROFILES, Subscription
from devhost.local_storage import EventOptions, LocalStorage
from devhost.stopping import StopRequest

_NODE_MODULES = Path(".atm/node/node_modules")
_log = logging.getLogger("devhost.storage")


async def serve(azurite: AzuriteOptions, events: EventOptions, *, follow_stdin: bool) -> int:
    """Run until asked to stop. Returns the exit code."""
    stop = StopRequest(follow_stdin=follow_stdin)
    storage = LocalStorage(azurite, events)
    try:
        await storage.start()
    except AzuriteFailed as error:
        _log.error("%s", error)
        return 1
    _log.info("ready: blobs on port %d, queues on port %d", azurite.blob_port, azurite.queue_port)
    waiting = [asyncio.create_task(stop.wait()), asyncio.create_task(storage.ended())]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    asked = waiting[0].done()
    if not asked:
        _log.error("Azurite ended by itself")
    await storage.stop()
    return 0 if asked else 1


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m devhost.storage", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder that holds the data")
    parser.add_argument("--node", default=os.environ.get("NODE") or shutil.which("node") or "node")
    parser.add_argument(
        "--node-modules",
        type=Path,
        default=Path(".atm/node/node_modules"),
        help="the folder that azurite is in",
    )
    parser.add_argument("--blob-port", type=int, default=10000)
    parser.add_argument("--queue-port", type=int, default=10001)
    parser.add_argument("--webhook", default="http://127.0.0.1:7071/runtime/webhooks/blobs")
    parser.add_argument("--keys", type=Path, help="the host's keys.json, when the host checks keys")
    parser.add_argument(
        "--subscription",
        dest="subscriptions",
        type=Subscription.parse,
        action="append",
        default=[],
        metavar="FUNCTION=CONTAINER[:BEGINS[:ENDS]]",
        help="blobs of CONTAINER whose name begins and ends so go to FUNCTION; may be repeated",
    )
    parser.add_argument("--profile", choices=sorted(PROFILES), default="fast")
    parser.add_argument("--seed", type=int, help="makes the profile's delays and duplicates repeatable")
    parser.add_argument("--log", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input ends, too")
    given = parser.parse_args(argv)
    start_logging(given.log)
    script = find_script(given.node_modules.resolve())
    if not script.is_file():
        parser.error(f"There is no azurite in {given.node_modules}.")
    azurite = AzuriteOptions(given.node, script, given.state.resolve(), given.blob_port, given.queue_port)
    events = EventOptions(given.webhook, given.keys, tuple(given.subscriptions), PROFILES[given.profile], given.seed)
    return asyncio.run(serve(azurite, events, follow_stdin=given.stop_with_stdin))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
