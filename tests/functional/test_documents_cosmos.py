"""What the Cosmos DB adapter asks of the service, and what it makes of a service that throttles, hangs or fails."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from shared.adapters.cosmos_documents import CosmosDocuments
from shared.adapters.cursors import Cursors
from shared.containers import Container
from shared.domain.errors import Unavailable
from shared.ports import Query, Range
from tests.functional.documents import SINGLES, THINGS, MovableClock, Store, cosmos_store, keyring
from tests.functional.misbehaving import (
    Asked,
    Behaviour,
    MisbehavingServer,
    answering,
    cut,
    dripping,
    raw,
    serving,
    silent,
)
from tests.functional.storage import Cosmos

THROTTLED = raw(b"HTTP/1.1 429 -\r\nConnection: close\r\nx-ms-retry-after-ms: 7500\r\nContent-Length: 2\r\n\r\n{}")
ITEM = {"id": "one", "group": "g", "n": 4, "_etag": "e"}


class Account(MisbehavingServer):
    """Describes itself as an account does; whatever concerns documents, `behaviour` answers."""

    def documents_asked(self) -> list[Asked]:
        return [asked for asked in self.asked if "/docs" in asked.path]

    def serve(self, listener: socket.socket) -> None:
        misbehave = self.behaviour

        def behave(client: socket.socket, stopping: threading.Event) -> None:
            path = self.asked[-1].path
            if path == "/":
                answering(200, self._account())(client, stopping)
            elif "/docs" not in path:
                key = {"paths": ["/group"], "kind": "Hash"}
                definition = {"id": "things", "_rid": "abcdAJ0Cabc=", "partitionKey": key}
                answering(200, definition)(client, stopping)
            else:
                misbehave(client, stopping)

        self.behaviour = behave
        super().serve(listener)

    def _account(self) -> dict[str, object]:
        here = [{"name": "here", "databaseAccountEndpoint": f"{self.url}/"}]
        consistency = {"defaultConsistencyLevel": "Strong"}
        return {
            "id": "account",
            "writableLocations": here,
            "readableLocations": here,
            "enableMultipleWriteLocations": False,
            "userConsistencyPolicy": consistency,
            "queryEngineConfiguration": "{}",
        }


@contextmanager
def account(behaviour: Behaviour, timeout: float = 5.0) -> Iterator[tuple[Account, CosmosDocuments]]:
    with serving(behaviour, Account) as server:
        assert isinstance(server, Account)
        documents = CosmosDocuments(f"{server.url}/", "eA==", MovableClock(), Cursors(keyring()), timeout=timeout)
        documents.check()
        yield server, documents
        documents.close()


def operations(documents: CosmosDocuments) -> dict[str, Callable[[], object]]:
    return {
        "get": lambda: documents.get(THINGS, "g", "one"),
        "create": lambda: documents.create(THINGS, "g", "one", {}),
        "replace": lambda: documents.replace(THINGS, "g", "one", {}, "e"),
        "delete": lambda: documents.delete(THINGS, "g", "one"),
        "increment": lambda: documents.increment(THINGS, "g", "one", "n"),
        "query": lambda: documents.query(Query(THINGS, "g")),
        "count": lambda: documents.count(Query(THINGS, "g")),
    }


def test_a_throttled_operation_is_tried_a_few_times_and_tells_when_to_come_back() -> None:
    with account(THROTTLED) as (server, documents):
        for operation in operations(documents).values():
            before = len(server.documents_asked())
            with pytest.raises(Unavailable) as throttled:
                operation()
            assert throttled.value.retry_after == 7.5
            assert 1 < len(server.documents_asked()) - before <= 16


@pytest.mark.parametrize(
    "behaviour", [silent, dripping, cut, answering(503, {}), answering(500, {}), answering(401, {})]
)
def test_a_service_that_hangs_or_fails_is_unavailable_in_a_bounded_time(behaviour: Behaviour) -> None:
    with account(behaviour, timeout=0.7) as (_, documents):
        for operation in operations(documents).values():
            with pytest.raises(Unavailable):
                operation()


@pytest.mark.parametrize("behaviour", [silent, cut, answering(500, {}), answering(408, {})])
@pytest.mark.parametrize("name", ["create", "replace", "delete"])
def test_a_write_that_may_have_arrived_is_not_sent_again(behaviour: Behaviour, name: str) -> None:
    with account(behaviour, timeout=2) as (server, documents):
        with pytest.raises(Unavailable):
            operations(documents)[name]()
        server.wait_until_asked(server.documents_asked)
        assert len(server.documents_asked()) == 1


def test_a_conflict_with_another_increment_is_tried_again() -> None:
    answers = iter([answering(200, ITEM), answering(449, {}), answering(200, ITEM), answering(200, {**ITEM, "n": 5})])
    with account(lambda client, stopping: next(answers)(client, stopping)) as (server, documents):
        assert documents.increment(THINGS, "g", "one", "n", at_most=9) == 5
        assert [asked.method for asked in server.documents_asked()] == ["GET", "PATCH", "GET", "PATCH"]


def test_an_increment_is_bound_on_the_server_to_what_was_read() -> None:
    expiring = {**ITEM, "_expires": 4_000_000_000.25, "ttl": 9}
    answers = iter([answering(200, expiring), answering(200, {**expiring, "n": 7})])
    with account(lambda client, stopping: next(answers)(client, stopping)) as (server, documents):
        documents.increment(THINGS, "g", "one", "n", by=3, at_most=9, also={"at": "now"})
    patch = json.loads(server.documents_asked()[1].body)
    assert patch["condition"] == 'FROM c WHERE c._expires = 4000000000.25 AND (NOT IS_DEFINED(c["n"]) OR c["n"] <= 6)'
    assert [(change["op"], change["path"]) for change in patch["operations"]] == [
        ("set", "/at"),
        ("incr", "/n"),
        ("set", "/ttl"),
    ]


def test_a_partitions_page_is_asked_of_that_partition_with_values_as_parameters_only() -> None:
    query = Query(THINGS, "g", where={"kind": "frame"}, range=Range("at", "2026"), order_by="at", limit=7)
    with account(answering(200, {"Documents": [], "_count": 0})) as (server, documents):
        assert documents.query(query).items == ()
    (asked,) = server.documents_asked()
    statement = json.loads(asked.body)
    assert json.loads(asked.headers["x-ms-documentdb-partitionkey"]) == ["g"]
    assert asked.headers["x-ms-max-item-count"] == "8"
    assert "frame" not in statement["query"] and "2026" not in statement["query"]
    assert [parameter["value"] for parameter in statement["parameters"]] == ["frame", "2026"]
    assert statement["query"].endswith('ORDER BY c["at"] ASC, c["id"] ASC, c["group"] ASC')


def test_a_missing_container_is_an_unavailable_store_not_a_missing_document() -> None:
    missing = raw(b"HTTP/1.1 404 -\r\nConnection: close\r\nx-ms-substatus: 1003\r\nContent-Length: 2\r\n\r\n{}")
    with account(missing) as (_, documents), pytest.raises(Unavailable):
        documents.get(THINGS, "g", "one")


def test_a_service_that_is_slow_to_answer_first_fails_all_callers_and_is_used_when_it_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        documents = CosmosDocuments(address, "eA==", MovableClock(), Cursors(keyring()), timeout=0.3)
        for _ in range(3):
            with pytest.raises(Unavailable):
                documents.check()
        server = Account(silent, address.rstrip("/"))
        threading.Thread(target=server.serve, args=(listener,), daemon=True).start()
        while True:  # until the SDK asks again; the test's own time-out ends one that never does
            try:
                documents.check()
                break
            except Unavailable:
                threading.Event().wait(0.05)
        server.stopping.set()


@pytest.fixture
def store(cosmos: Cosmos) -> Iterator[Store]:
    with cosmos_store(cosmos) as made:
        yield made


def test_containers_are_made_with_the_indexes_their_orders_need(store: Store, cosmos: Cosmos) -> None:
    assert isinstance(store.documents, CosmosDocuments)
    fresh = Container("fresh", "group", ("at",))
    for _ in range(2):  # the second time there is nothing to do
        store.documents.ensure_containers((fresh, SINGLES))
    assert fresh.composite_indexes == (("id", "group"), ("at", "id", "group"))
    assert SINGLES.composite_indexes == (("name", "id"),)
    store.documents.create(fresh, "g", "one", {"at": "1"})
    assert store.documents.query(Query(fresh, order_by="at")).items != ()


def test_the_cost_of_each_operation_is_told(cosmos: Cosmos, store: Store) -> None:
    spent: list[tuple[str, float]] = []
    documents = CosmosDocuments(
        cosmos.endpoint, cosmos.key, store.clock, Cursors(keyring()), database="tests", verify_tls=False,
        timeout=60, on_charge=lambda operation, units: spent.append((operation, units)),
    )  # fmt: skip
    documents.increment(THINGS, "cost", "one", "n")
    documents.increment(THINGS, "cost", "one", "n")
    documents.query(Query(THINGS, "cost"))
    documents.delete(THINGS, "cost", "one")
    assert [operation for operation, _ in spent] == ["get", "create", "get", "increment", "query", "delete"]
    assert all(units > 0 for operation, units in spent[1:] if operation != "delete")
    documents.close()
