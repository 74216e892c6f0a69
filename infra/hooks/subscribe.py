"""After each deployment: the Event Grid subscriptions of events.bicep, repeated until their validation passes.

Event Grid validates an address by calling it, and the blob extension makes its key when the host first runs, so the
first tries of a new app may fail. Deploying them again changes nothing.
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from infra.hooks.az import Answer, Az, az, insist, needed, run, say

TEMPLATE = Path(__file__).parents[1] / "events.bicep"
DELAYS = (10, 15, 20, 30, 30, 45, 60, 60, 60, 60)
"""Seconds between the tries: six and a half minutes in all, and a role may take five to reach every place."""
HOPELESS = ("AuthorizationFailed", "az login", "ResourceGroupNotFound", "InvalidSubscriptionId", "BCP")


def subscribe(az: Az, wake: Callable[[], None], wait: Callable[[float], None] | None = None) -> None:
    """Raises HookFailed."""
    command = ["deployment", "group", "create", "--only-show-errors", "--output", "none"]
    command += ["--name", "face-atm-events", "--resource-group", needed("AZURE_RESOURCE_GROUP")]
    command += ["--template-file", str(TEMPLATE), "--parameters"]
    command += [f"functionName={needed('AZURE_FUNCTION_NAME')}"]
    command += [f"storageName={needed('AZURE_STORAGE_NAME')}"]
    command += [f"topicName={needed('AZURE_EVENT_TOPIC_NAME')}"]

    def step() -> Answer:
        wake()
        return az(command)

    waiting = {} if wait is None else {"wait": wait}
    insist(step, hopeless=HOPELESS, delays=DELAYS, say=say, **waiting)
    say("Event Grid feeds the blob triggers.")


def wake_app() -> None:
    """Any answer will do: it means the host runs."""
    address = needed("ATM_ADDRESS")
    if not address.startswith("https://"):
        return
    try:
        urllib.request.urlopen(f"{address}/api/health", timeout=60).close()  # noqa: S310 - https only, see above
    except (urllib.error.URLError, OSError):
        say("the app does not answer yet")


if __name__ == "__main__":
    raise SystemExit(run(lambda: subscribe(az, wake_app)))
