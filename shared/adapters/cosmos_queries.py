"""A `Query` as Cosmos DB's SQL, with every value a parameter. Names were let pass by `document_rules`."""

from dataclasses import dataclass, field

from shared.adapters.cursors import Place
from shared.ports import Json, Query


@dataclass(frozen=True, slots=True)
class Statement:
    text: str
    parameters: list[dict[str, object]]


@dataclass(slots=True)
class _Conditions:
    parts: list[str] = field(default_factory=list)
    parameters: list[dict[str, object]] = field(default_factory=list)

    def parameter(self, value: Json) -> str:
        name = f"@p{len(self.parameters)}"
        self.parameters.append({"name": name, "value": value})
        return name

    def add(self, name: str, sign: str, value: Json) -> None:
        self.parts.append(f"{_field(name)} {sign} {self.parameter(value)}")

    def text(self) -> str:
        return " AND ".join(self.parts) or "true"


def page(query: Query, place: Place | None) -> Statement:
    conditions = _conditions(query)
    keys = query.container.keyset(query.order_by)
    if place is not None:
        conditions.parts.append(_after(conditions, keys, place, "<" if query.descending else ">"))
    direction = "DESC" if query.descending else "ASC"
    order = ", ".join(f"{_field(key)} {direction}" for key in keys)
    return Statement(f"SELECT * FROM c WHERE {conditions.text()} ORDER BY {order}", conditions.parameters)


def number_of(query: Query) -> Statement:
    conditions = _conditions(query)
    return Statement(f"SELECT VALUE COUNT(1) FROM c WHERE {conditions.text()}", conditions.parameters)


def _field(name: str) -> str:
    return f'c["{name}"]'


def _conditions(query: Query) -> _Conditions:
    conditions = _Conditions()
    for name, wanted in query.where.items():
        conditions.add(name, "=", wanted)
    if query.range is not None and query.range.low is not None:
        conditions.add(query.range.field, ">=", query.range.low)
    if query.range is not None and query.range.high is not None:
        conditions.add(query.range.field, "<", query.range.high)
    if query.order_by != "id":
        ordered = _field(query.order_by)
        conditions.parts.append(f"IS_DEFINED({ordered}) AND NOT IS_NULL({ordered})")
    return conditions


def _after(conditions: _Conditions, keys: tuple[str, ...], place: Place, sign: str) -> str:
    """Lexicographic comparison, spelled out: SQL of Cosmos DB compares no tuples.

    The first field is compared alone as well, so that its range index bounds the search.
    """
    names = [conditions.parameter(value) for value in place]
    later = f"{_field(keys[-1])} {sign} {names[-1]}"
    for key, name in reversed(list(zip(keys[:-1], names[:-1], strict=True))):
        later = f"({_field(key)} {sign} {name} OR ({_field(key)} = {name} AND {later}))"
    return later if len(keys) == 1 else f"{_field(keys[0])} {sign}= {names[0]} AND {later}"
