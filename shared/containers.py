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


SESSIONS = Container("sessions", "kioskDay")
SESSION_LOG = Container("session_log", "session", ("seq", "at"))
VISITS = Container("visits", "scope", ("at",))
MEDIA_INDEX = Container("media_index", "kioskDay", ("at",))
PEOPLE = Container("people", "id", ("nameKey", "createdAt"))
TEMPLATES = Container("templates", "person", ("createdAt",))
KIOSKS = Container("kiosks", "id", ("name",))
LIMITS = Container("limits", "id")
AUDIT = Container("audit", "day", ("at",))

ALL = (SESSIONS, SESSION_LOG, VISITS, MEDIA_INDEX, PEOPLE, TEMPLATES, KIOSKS, LIMITS, AUDIT)
