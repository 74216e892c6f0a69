"""What every `Documents` adapter refuses before it speaks to its store, and the binding of a cursor to its query."""

import hashlib
import json
import re
from collections.abc import Mapping

from shared.containers import Container
from shared.domain.errors import BadRequest, TooLarge
from shared.ports import Body, Json, Query, Range

MAX_BYTES = 2_000_000
"""Of a body as JSON in UTF-8: Cosmos DB's item limit is 2 MB, its own fields included (its service quotas page)."""

MAX_PAGE = 1_000
"""Documents on one page: at most a few RU a document, and a page stays far below Cosmos DB's 4 MB per response."""

MAX_ALSO = 8
"""Fields set beside a counter: a patch of Cosmos DB has at most ten operations (counter and lifetime are two)."""

_FORBIDDEN = re.compile(r"[/\\?#\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


def check_key(*keys: str) -> None:
    """Partitions and ids. In a document's URL in Cosmos DB a dot segment or an outer space would not survive."""
    for key in keys:
        if not 1 <= len(key) <= 255 or key in {".", ".."} or key != key.strip() or _FORBIDDEN.search(key):
            raise BadRequest("bad_id")


def check_field(name: str) -> str:
    """Field names become part of a query's text, so nothing but a plain word passes."""
    if not _FIELD.fullmatch(name):
        raise BadRequest("bad_field")
    return name


def check_query(query: Query) -> None:
    if query.partition is not None:
        check_key(query.partition)
    for name in (*query.where, query.order_by, *([query.range.field] if query.range else [])):
        check_field(name)
    if query.order_by not in ("id", *query.container.orders):
        raise BadRequest("bad_order", f"{query.container.name} has no index for this order")
    if any(isinstance(value, str) and _SURROGATE.search(value) for value in _values(query)):
        raise BadRequest("bad_value", "text that is not Unicode")
    if not 1 <= query.limit <= MAX_PAGE:
        raise BadRequest("bad_limit")


def _values(query: Query) -> tuple[object, ...]:
    span = (query.range.low, query.range.high) if query.range else ()
    return (*query.where.values(), *span)


def encode(container: Container, body: Body) -> bytes:
    """The body as compact JSON. Raises TooLarge, and BadRequest("bad_body") for what not every store keeps."""
    if any(is_reserved(container, name) for name in body):
        raise BadRequest("bad_body", "a body holds neither the id, the partition nor a store's own fields")
    try:
        data = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise BadRequest("bad_body", "the body is not JSON") from error
    if len(data) > MAX_BYTES:
        raise TooLarge("a document is larger than 2 MB")
    return data


def is_reserved(container: Container, name: str) -> bool:
    return name in {"id", "ttl", container.partition_key} or name.startswith("_")


def check_counting(container: Container, field: str, also: Mapping[str, Json]) -> None:
    """A counter's field, and what is set beside it."""
    if is_reserved(container, check_field(field)):
        raise BadRequest("bad_field")
    if len(also) > MAX_ALSO or field in also:
        raise BadRequest("bad_body", f"at most {MAX_ALSO} fields are set beside a counter")
    encode(container, {check_field(name): value for name, value in also.items()})


def check_counter(value: object) -> int:
    """The counter's present value."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRequest("bad_field", "the field does not hold a whole number")
    return value


def binding(query: Query) -> str:
    """What makes two queries the same list: everything but the page size and the cursor."""
    span: Range | None = query.range
    parts = [
        query.container.name,
        query.partition,
        sorted(query.where.items()),
        [span.field, span.low, span.high] if span else None,
        query.order_by,
        query.descending,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
