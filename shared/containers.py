"""The document containers: names, partition keys and the composite indexes their queries need (DESIGN.md, Data).

The infrastructure template creates exactly these; a test keeps both in step.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Container:
    """`partition_key` is the field that holds the partition; `orders` are the fields queries sort by."""

    name: str
    partition_key: str
    orders: tuple[str, ...] = ()

    def keyset(self, order_by: str) -> tuple[str, ...]:
        """The fields that bring documents into one total order, whatever they have in common."""
        return tuple(dict.fromkeys((order_by, "id", self.partition_key)))

    @property
    def composite_indexes(self) -> tuple[tuple[str, ...], ...]:
        """What Cosmos DB must index to sort by each keyset, ascending and descending alike."""
        return tuple(keys for keys in map(self.keyset, ("id", *self.orders)) if len(keys) > 1)


SESSIONS = Container("sessions", "kioskDay")
SESSION_LOG = Container("session_log", "session", ("seq", "at"))
VISITS = Container("visits", "scope", ("at",))
MEDIA_INDEX = Container("media_index", "kioskDay", ("at",))
PEOPLE = Container("people", "id", ("nameKey", "createdAt"))
TEMPLATES = Container("templates", "person", ("createdAt", "seq"))
KIOSKS = Container("kiosks", "id", ("name",))
LIMITS = Container("limits", "id")
AUDIT = Container("audit", "day", ("at",))
LEDGER = Container("ledger", "customer")  # the demo bank's: filled under the local host only, empty where deployed
ATTENTION = Container("attention", "state", ("at",))
HOLDS = Container("holds", "subject", ("at",))
HOUSEKEEPING = Container("housekeeping", "id")  # how far each timer has come
SEARCHES = Container("searches", "id")
EXPORTS = Container("exports", "export")
STRANGERS = Container("strangers", "day", ("at",))  # empty unless a setting allows search by face for strangers

_CUSTOMERS = (SESSIONS, SESSION_LOG, VISITS, MEDIA_INDEX, PEOPLE, TEMPLATES, KIOSKS, LIMITS, LEDGER)
_SECURITY = (AUDIT, ATTENTION, HOLDS, HOUSEKEEPING, SEARCHES, STRANGERS, EXPORTS)
ALL = (*_CUSTOMERS, *_SECURITY)
