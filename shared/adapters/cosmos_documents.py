"""`Documents` in Azure Cosmos DB for NoSQL (or an emulator of it), through `azure-cosmos`."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any, cast

from azure.core import MatchConditions
from azure.core.credentials import TokenCredential
from azure.cosmos import ContainerProxy

from shared.adapters.cosmos_connection import CosmosConnection
from shared.adapters.cosmos_errors import typed_errors
from shared.adapters.cosmos_items import Item, Patch, counting, document_of, has_expired, item_of, seconds_left
from shared.adapters.cosmos_queries import Statement, number_of, page
from shared.adapters.cursors import Cursors
from shared.adapters.document_rules import (
    binding,
    check_counter,
    check_counting,
    check_key,
    check_query,
    encode,
)
from shared.adapters.sending import within
from shared.containers import ALL, Container
from shared.domain.errors import AlreadyExists, LimitReached, LostRace, NotFound, Unavailable
from shared.ports import Body, Clock, Document, Json, Page, Query

_TRIES = 20  # each lost to another caller's write

type OnCharge = Callable[[str, float], None]


class CosmosDocuments:
    """`timeout`: seconds one request may take in all, the SDK's repetitions included. `on_charge` is told each
    operation's name and the request units it cost.

    An expired document is never read; one that the service has not removed yet (two seconds at most) can still be
    replaced and deleted by who holds its ETag.
    """

    def __init__(
        self,
        endpoint: str,
        credential: str | TokenCredential,
        clock: Clock,
        cursors: Cursors,
        *,
        database: str = "atm",
        verify_tls: bool = True,
        timeout: float = 5.0,
        on_charge: OnCharge = lambda _operation, _units: None,
    ) -> None:
        self._connection = CosmosConnection(endpoint, credential, database, verify_tls, timeout)
        self._clock = clock
        self._cursors = cursors
        self._timeout = timeout
        self._on_charge = on_charge

    def ensure_containers(self, containers: tuple[Container, ...] = ALL) -> None:
        self._connection.ensure(containers)

    def get(self, container: Container, partition: str, id: str) -> Document | None:
        check_key(partition, id)
        item = self._read(container, partition, id)
        return None if item is None else document_of(container, item)

    def create(self, container: Container, partition: str, id: str, body: Body, *, ttl: int | None = None) -> Document:
        check_key(partition, id)
        encode(container, body)
        item = item_of(container, partition, id, body, ttl, self._now())
        try:
            return self._create(container, item)
        except AlreadyExists:
            if not self._remove_expired(container, partition, id):
                raise
        return self._create(container, item)

    def replace(
        self, container: Container, partition: str, id: str, body: Body, etag: str, *, ttl: int | None = None
    ) -> Document:
        check_key(partition, id)
        encode(container, body)
        item = item_of(container, partition, id, body, ttl, self._now())
        condition = _if_unchanged(etag)
        try:
            written = self._run("replace", container, lambda c, o: c.replace_item(id, item, **condition, **o))
        except NotFound as error:
            raise LostRace(f"{container.name} document gone") from error
        return document_of(container, written)

    def delete(self, container: Container, partition: str, id: str, etag: str | None = None) -> bool:
        check_key(partition, id)
        condition = {} if etag is None else _if_unchanged(etag)
        try:
            self._run("delete", container, lambda c, o: c.delete_item(id, partition, **condition, **o))
        except NotFound:
            return False
        return True

    def increment(
        self,
        container: Container,
        partition: str,
        id: str,
        field: str,
        *,
        by: int = 1,
        at_most: int | None = None,
        also: Mapping[str, Json] | None = None,
        ttl: int | None = None,
    ) -> int:
        check_key(partition, id)
        check_counting(container, field, also or {})
        for _ in range(_TRIES):
            item = self._read(container, partition, id)
            total = check_counter(0 if item is None else item.get(field, 0)) + by
            if at_most is not None and total > at_most:
                raise LimitReached(field, None if item is None else seconds_left(item, self._now()))
            try:
                if item is None:
                    self.create(container, partition, id, {**(also or {}), field: total}, ttl=ttl)
                    return total
                patch = counting(item, field, by, at_most, also or {}, self._now())
                return int(self._patch(container, partition, id, patch)[field])
            except (AlreadyExists, LostRace, NotFound):
                continue  # somebody else wrote in between: look again
        raise Unavailable("documents")

    def query(self, query: Query) -> Page:
        check_query(query)
        place = self._cursors.open(query.cursor, binding(query)) if query.cursor is not None else None
        found = self._select("query", query, page(query, place), query.limit + 1)
        now = self._now()
        items = [document_of(query.container, item) for item in found[: query.limit] if not has_expired(item, now)]
        if len(found) <= query.limit:
            return Page(tuple(items), None)
        last = found[query.limit - 1]
        place = tuple(last[name] for name in query.container.keyset(query.order_by))
        return Page(tuple(items), self._cursors.seal(place, binding(query)))

    def count(self, query: Query) -> int:
        check_query(query)
        return int(cast(int, self._select("count", query, number_of(query), 1)[0]))

    def check(self) -> None:
        self._run("check", ALL[0], lambda c, o: c.read(**o))

    def close(self) -> None:
        self._connection.close()

    def _run[T](self, name: str, container: Container, call: Callable[[ContainerProxy, dict[str, Any]], T]) -> T:
        """One call of the SDK, in a bounded time, with typed errors; its cost is told."""
        charges: list[float] = []

        def hook(headers: Mapping[str, Any], _result: object) -> None:
            charges.append(float(headers.get("x-ms-request-charge", 0)))

        options = {"response_hook": hook, "timeout": self._timeout}
        try:
            with typed_errors():
                return within(self._timeout, lambda: call(self._connection.container(container), options))
        except TimeoutError as error:
            raise Unavailable("documents") from error
        finally:
            self._on_charge(name, sum(charges))

    def _stored(self, container: Container, partition: str, id: str) -> dict[str, Any] | None:
        try:
            return self._run("get", container, lambda c, o: c.read_item(id, partition, **o))
        except NotFound:
            return None

    def _read(self, container: Container, partition: str, id: str) -> dict[str, Any] | None:
        """The item as stored, None if it is missing or has expired."""
        item = self._stored(container, partition, id)
        return None if item is None or has_expired(item, self._now()) else item

    def _create(self, container: Container, item: dict[str, Any]) -> Document:
        try:
            return document_of(container, self._run("create", container, lambda c, o: c.create_item(item, **o)))
        except LostRace as error:  # the service asks to try again (449)
            raise Unavailable("documents", 0.1) from error

    def _remove_expired(self, container: Container, partition: str, id: str) -> bool:
        """True if the document that stood in the way is gone: expired, yet not removed by the service so far."""
        item = self._stored(container, partition, id)
        if item is None:
            return True
        if not has_expired(item, self._now()):
            return False
        with suppress(LostRace):
            self.delete(container, partition, id, item["_etag"])
        return True

    def _patch(self, container: Container, partition: str, id: str, patch: Patch) -> Item:
        """Raises LostRace when its condition does not hold."""
        return self._run(
            "increment",
            container,
            lambda c, o: c.patch_item(id, partition, patch.changes, filter_predicate=patch.only, **o),
        )

    def _select(self, name: str, query: Query, statement: Statement, limit: int) -> list[Any]:
        where: dict[str, Any] = {"enable_cross_partition_query": True}
        if query.partition is not None:
            where = {"partition_key": query.partition}
        text, parameters = statement.text, statement.parameters
        return self._run(
            name,
            query.container,
            lambda c, o: list(
                islice(c.query_items(text, parameters=parameters, max_item_count=limit, **where, **o), limit)
            ),
        )

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _if_unchanged(etag: str) -> dict[str, Any]:
    if not etag:
        raise LostRace("no version was named")
    return {"etag": etag, "match_condition": MatchConditions.IfNotModified}
