"""Event Grid, as far as blob triggers see it: subscriptions with subject filters, and delivery at least once.

https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage has the event,
https://learn.microsoft.com/azure/event-grid/delivery-and-retry the delivery.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from urllib.parse import quote

_TOPIC = "/subscriptions/local/resourceGroups/local/providers/Microsoft.Storage/storageAccounts/"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Blobs of `container` whose name begins and ends so reach `function`. Letter case is ignored, as in Azure."""

    function: str
    container: str
    begins: str = ""
    ends: str = ""

    @classmethod
    def parse(cls, text: str) -> "Subscription":
        """FUNCTION=CONTAINER[:BEGINS[:ENDS]]. Raises ValueError."""
        function, _, rest = text.partition("=")
        container, _, filters = rest.partition(":")
        begins, _, ends = filters.partition(":")
        if not function or not container:
            raise ValueError(f"Not of the form FUNCTION=CONTAINER[:BEGINS[:ENDS]]: {text}")
        return cls(function, container, begins, ends)

    def wants(self, container: str, name: str) -> bool:
        lower = name.lower()
        fits = lower.startswith(self.begins.lower()) and lower.endswith(self.ends.lower())
        return container == self.container and fits


@dataclass(frozen=True, slots=True)
class Event:
    """One write, told to one subscription. Its id stays the same however often it is delivered."""

    id: str
    function: str
    container: str
    name: str
    api: str
    written: datetime

    def body(self, account: str, endpoint: str) -> dict[str, Any]:
        """The event in Event Grid's schema; `endpoint` is the storage's address, as http://127.0.0.1:10000."""
        return {
            "id": self.id,
            "topic": _TOPIC + account,
            "subject": f"/blobServices/default/containers/{self.container}/blobs/{self.name}",
            "eventType": "Microsoft.Storage.BlobCreated",
            "eventTime": self.written.isoformat().replace("+00:00", "Z"),
            "data": {
                "api": self.api,
                "blobType": "BlockBlob",
                "url": f"{endpoint}/{account}/{self.container}/{quote(self.name)}",
            },
            "dataVersion": "",
            "metadataVersion": "1",
        }


def events_of(
    subscriptions: Sequence[Subscription], container: str, name: str, api: str, written: datetime
) -> list[Event]:
    """One event for each subscription that wants this write."""
    return [
        Event(str(uuid.uuid4()), subscription.function, container, name, api, written)
        for subscription in subscriptions
        if subscription.wants(container, name)
    ]


@dataclass(frozen=True, slots=True)
class Profile:
    """How long events are under way, in seconds, and how often one comes twice (probability).

    Differing delays are what makes events overtake each other.
    """

    shortest: float
    longest: float
    duplicates: float

    def delays(self, random: Random) -> list[float]:
        """When to deliver one event: once, or more often."""
        times = 2 if random.random() < self.duplicates else 1
        return [random.uniform(self.shortest, self.longest) for _ in range(times)]


# `cloud` is what an application has to expect of Azure, not a measurement: about a second, duplicates, no order.
PROFILES = {"fast": Profile(0, 0, 0), "cloud": Profile(0.3, 1.7, 0.2)}
