"""A `Query` as SQLite's SQL: conditions, order and the place a page starts from.

Names reach the text only after `document_rules` let them pass as plain words; values are always parameters.
"""

from shared.adapters.cursors import Place
from shared.adapters.sqlite_tables import LIVE
from shared.containers import Container
from shared.ports import Query

type Value = str | int | float | None


def page(query: Query, now: float, place: Place | None) -> tuple[str, tuple[Value, ...]]:
    """Rows of (partition, id, body, etag, place…), one more than the page holds."""
    keys = [_column(query.container, name) for name in query.container.keyset(query.order_by)]
    conditions, values = _conditions(query, now)
    if place is not None:
        conditions += f" AND ({', '.join(keys)}) {'<' if query.descending else '>'} ({', '.join('?' * len(place))})"
        values += place
    direction = " DESC" if query.descending else ""
    order = ", ".join(key + direction for key in keys)
    return (
        f'SELECT partition, id, body, etag, {", ".join(keys)} FROM "{query.container.name}" WHERE {conditions}'
        f" ORDER BY {order} LIMIT {query.limit + 1}"
    ), values


def number_of(query: Query, now: float) -> tuple[str, tuple[Value, ...]]:
    conditions, values = _conditions(query, now)
    return f'SELECT COUNT(*) FROM "{query.container.name}" WHERE {conditions}', values


def _column(container: Container, field: str) -> str:
    if field in container.orders:
        return f'"by_{field}"'
    if field == "id":
        return "id"
    return "partition" if field == container.partition_key else f"json_extract(body, '$.{field}')"


def _conditions(query: Query, now: float) -> tuple[str, tuple[Value, ...]]:
    parts, values = [LIVE, f"{_column(query.container, query.order_by)} IS NOT NULL"], [now]  # type: tuple[list[str], list[Value]]
    if query.partition is not None:
        parts.append("partition = ?")
        values.append(query.partition)
    for name, wanted in query.where.items():
        parts.append(_equals(_column(query.container, name), name, wanted))
        values.append(wanted)
    span = query.range
    for sign, bound in ((">=", span.low), ("<", span.high)) if span else ():
        if span and bound is not None:
            parts.append(f"{_column(query.container, span.field)} {sign} ?")
            values.append(bound)
    return " AND ".join(parts), tuple(values)


def _equals(column: str, name: str, wanted: str | int | float | bool) -> str:
    """SQLite reads JSON's true as 1: the JSON type keeps `True` and 1 apart."""
    if isinstance(wanted, str):
        return f"{column} = ?"
    kinds = "'true', 'false'" if isinstance(wanted, bool) else "'integer', 'real'"
    return f"{column} = ? AND json_type(body, '$.{name}') IN ({kinds})"
