"""Documents as Cosmos DB keeps them, and the patch that counts in one.

A lifetime is kept twice: as the service's own `ttl`, which removes the document, and as the exact moment in
`_expires`, since `ttl` counts from the last write and in whole seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from shared.adapters.document_rules import is_reserved
from shared.containers import Container
from shared.ports import Body, Document, Json

type Item = Mapping[str, Any]

_EXPIRES = "_expires"


@dataclass(frozen=True, slots=True)
class Patch:
    """`only` is the filter predicate under which the changes are made."""

    changes: list[dict[str, Any]]
    only: str


def item_of(container: Container, partition: str, id: str, body: Body, ttl: int | None, now: float) -> dict[str, Any]:
    """`now` in seconds since 1970, like all moments here."""
    item: dict[str, Any] = {**body, "id": id, container.partition_key: partition}
    if ttl is not None:
        item |= {_EXPIRES: now + ttl, "ttl": _service_ttl(ttl)}
    return item


def document_of(container: Container, item: Item) -> Document:
    body = {name: item[name] for name in item if not is_reserved(container, name)}
    return Document(item[container.partition_key], item["id"], body, item["_etag"])


def seconds_left(item: Item, now: float) -> float | None:
    """None for a document that does not expire."""
    return None if _EXPIRES not in item else max(0.0, float(item[_EXPIRES]) - now)


def has_expired(item: Item, now: float) -> bool:
    return seconds_left(item, now) == 0.0


def counting(item: Item, field: str, by: int, at_most: int | None, also: Mapping[str, Json], now: float) -> Patch:
    """Adds to `field` if the bound allows it and the document's life is still the one of `item`.

    The lifetime is set to what is left of it: any write would begin it anew.
    """
    changes: list[dict[str, Any]] = [{"op": "set", "path": f"/{name}", "value": also[name]} for name in also]
    changes.append({"op": "incr", "path": f"/{field}", "value": by})
    conditions = [f"c.{_EXPIRES} = {item[_EXPIRES]!r}" if _EXPIRES in item else f"NOT IS_DEFINED(c.{_EXPIRES})"]
    if (left := seconds_left(item, now)) is not None:
        changes.append({"op": "set", "path": "/ttl", "value": _service_ttl(left)})
    if at_most is not None:
        conditions.append(f'(NOT IS_DEFINED(c["{field}"]) OR c["{field}"] <= {at_most - by})')
    return Patch(changes, f"FROM c WHERE {' AND '.join(conditions)}")


def _service_ttl(left: float) -> int:
    """The service drops fractions of the time of writing: one more second, or it would remove too early."""
    return max(1, ceil(left)) + 1
