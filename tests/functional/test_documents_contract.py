"""What every store behind the `Documents` port does, SQLite, Cosmos DB and the unit tests' fake alike.

Against the npm emulator of Cosmos DB the tests of large numbers make 800 documents instead of 10,000: it evaluates a
query on every document of the partition, one after the other.
"""

import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from shared.adapters.cosmos_documents import CosmosDocuments
from shared.adapters.cursors import Cursors
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.containers import ALL, Container
from shared.domain.errors import (
    AlreadyExists,
    AtmError,
    BadRequest,
    LimitReached,
    LostRace,
    TooLarge,
    Unavailable,
)
from shared.ports import Body, Document, Documents, Json, Query, Range
from shared.services.pages import every
from tests.functional.documents import (
    SINGLES,
    THINGS,
    MovableClock,
    Store,
    cosmos_store,
    keyring,
    memory_store,
    sqlite_store,
)
from tests.functional.storage import free_port


@pytest.fixture(scope="module", params=["memory", "sqlite", "cosmos"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if request.param == "memory":
        yield memory_store()
    elif request.param == "sqlite":
        with sqlite_store(tmp_path_factory.mktemp("sqlite")) as made:
            yield made
    else:
        with cosmos_store(request.getfixturevalue("cosmos")) as made:
            yield made


@pytest.fixture
def documents(store: Store) -> Documents:
    return store.documents


@pytest.fixture
def group() -> str:
    """A partition that no other test uses."""
    return f"g{secrets.token_hex(8)}"


def outcome(action: Callable[[], object]) -> str:
    try:
        action()
    except AtmError as error:
        return type(error).__name__
    return "done"


def in_parallel(callers: int, actions: list[Callable[[], object]]) -> list[str]:
    barrier = threading.Barrier(callers)

    def run(action: Callable[[], object]) -> str:
        return outcome(action)

    with ThreadPoolExecutor(callers, initializer=barrier.wait) as pool:
        return list(pool.map(run, actions))


def pages(documents: Documents, query: Query) -> Iterator[tuple[Document, ...]]:
    while True:
        page = documents.query(query)
        yield page.items
        if page.cursor is None:
            return
        query = replace(query, cursor=page.cursor)


def ids(documents: Documents, query: Query) -> list[str]:
    return [document.id for items in pages(documents, query) for document in items]


def fill(documents: Documents, entries: list[tuple[str, str, Body]]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda entry: documents.create(THINGS, *entry), entries))


# --- point operations ---


def test_a_document_that_was_created_is_read_back_as_it_was(documents: Documents, group: str) -> None:
    body: Body = {
        "at": "2026-11-22T10:00:00.000Z", "rank": 7, "ratio": 0.1, "big": 2**53, "minus": -1, "yes": True, "no": False,
        "nothing": None, "empty": "", "list": [1, "two", None, {"x": []}], "deep": {"a": {"b": {"c": "d"}}},
        "Ünï": "渋谷 😀 \u0000 \u2028 \" \\ / '", "": "a field without a name", "a.b": 1, "$x": 2,
    }  # fmt: skip
    created = documents.create(THINGS, group, "one", body)
    assert created == Document(group, "one", body, created.etag)
    assert documents.get(THINGS, group, "one") == created


def test_what_was_never_written_is_not_there(documents: Documents, group: str) -> None:
    assert documents.get(THINGS, group, "one") is None
    assert documents.delete(THINGS, group, "one") is False
    documents.create(THINGS, group, "one", {})
    assert documents.get(THINGS, f"{group}x", "one") is None and documents.get(THINGS, group, "two") is None


def test_a_document_is_created_once(documents: Documents, group: str) -> None:
    documents.create(THINGS, group, "one", {"n": 1})
    with pytest.raises(AlreadyExists):
        documents.create(THINGS, group, "one", {"n": 2})
    found = documents.get(THINGS, group, "one")
    assert found is not None and found.body == {"n": 1}
    documents.create(THINGS, f"{group}x", "one", {"n": 2})  # the same id in another partition is another document


def test_of_twenty_parallel_creations_exactly_one_succeeds(documents: Documents, group: str) -> None:
    results = in_parallel(20, [lambda: documents.create(THINGS, group, "one", {})] * 20)
    assert results.count("done") == 1 and results.count("AlreadyExists") == 19


def test_a_document_is_replaced_only_by_who_read_its_last_version(documents: Documents, group: str) -> None:
    first = documents.create(THINGS, group, "one", {"n": 1, "old": True})
    second = documents.replace(THINGS, group, "one", {"n": 2}, first.etag)
    with pytest.raises(LostRace):
        documents.replace(THINGS, group, "one", {"n": 3}, first.etag)
    assert documents.get(THINGS, group, "one") == second == Document(group, "one", {"n": 2}, second.etag)


def test_of_twenty_parallel_replacements_exactly_one_wins(documents: Documents, group: str) -> None:
    etag = documents.create(THINGS, group, "one", {"n": 0}).etag
    results = in_parallel(20, [lambda: documents.replace(THINGS, group, "one", {"n": 1}, etag)] * 20)
    assert results.count("done") == 1 and results.count("LostRace") == 19


def test_a_missing_document_cannot_be_replaced(documents: Documents, group: str) -> None:
    etag = documents.create(THINGS, group, "one", {}).etag
    documents.delete(THINGS, group, "one")
    for stale in (etag, "0", "nonsense", ""):
        with pytest.raises(LostRace):
            documents.replace(THINGS, group, "one", {}, stale)
    assert documents.get(THINGS, group, "one") is None


def test_an_etag_does_not_come_back_with_a_document_created_anew(documents: Documents, group: str) -> None:
    seen = set()
    for _ in range(5):
        seen.add(documents.create(THINGS, group, "one", {}).etag)
        documents.delete(THINGS, group, "one")
    assert len(seen) == 5


def test_deletion_can_be_bound_to_the_version_that_was_read(documents: Documents, group: str) -> None:
    first = documents.create(THINGS, group, "one", {})
    second = documents.replace(THINGS, group, "one", {}, first.etag)
    with pytest.raises(LostRace):
        documents.delete(THINGS, group, "one", first.etag)
    assert documents.delete(THINGS, group, "one", second.etag) is True
    assert documents.get(THINGS, group, "one") is None
    assert documents.delete(THINGS, group, "one", second.etag) is False


ODD = [
    *(
        "a b",
        "Ünïcödé",
        "渋谷駅",
        "😀",
        "100%",
        "%2F",
        "a+b&c=d;e,f",
        "day:2026-11-22",
        "it's",
        'say "x"',
        "a.b",
        "...",
    ),
    *("[1]", "{}", "null", "0", "x" * 255, "é" * 255, "__proto__", "a\u200bb", "K7_2026-11-22_ab~c!d*e(f)"),
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_ids_and_partitions_are_kept_apart_and_found(documents: Documents, group: str, odd: str) -> None:
    partition = f"{group}{odd}"[:255]
    created = documents.create(THINGS, partition, odd, {"n": 1})
    assert documents.get(THINGS, partition, odd) == created
    assert documents.query(Query(THINGS, partition)).items == (created,)
    assert documents.increment(THINGS, partition, odd, "n") == 2
    changed = documents.get(THINGS, partition, odd)
    assert changed is not None
    documents.replace(THINGS, partition, odd, {}, changed.etag)
    assert documents.delete(THINGS, partition, odd) is True


@pytest.mark.parametrize(
    "bad", ["", "x" * 256, "a/b", "a\\b", "a?b", "a#b", "a\nb", "\x00", "\x7f", ".", "..", " a", "a ", "\ud800"]
)
def test_an_id_or_partition_no_store_could_keep_is_refused_everywhere(documents: Documents, bad: str) -> None:
    for key in ((bad, "id"), ("group", bad)):
        attempts: list[Callable[[], object]] = [
            partial(documents.get, THINGS, *key),
            partial(documents.create, THINGS, *key, {}),
            partial(documents.replace, THINGS, *key, {}, "1"),
            partial(documents.delete, THINGS, *key),
            partial(documents.increment, THINGS, *key, "n"),
        ]
        for attempt in attempts:
            with pytest.raises(BadRequest) as refused:
                attempt()
            assert refused.value.code == "bad_id"
    with pytest.raises(BadRequest):
        documents.query(Query(THINGS, bad))


def test_two_megabytes_are_the_most_counted_in_utf8(documents: Documents, group: str) -> None:
    body: Body = {"text": "渋" * 660_000}
    created = documents.create(THINGS, group, "large", body)
    assert documents.get(THINGS, group, "large") == created
    for text in ("x" * 2_000_000, "渋" * 670_000):
        with pytest.raises(TooLarge):
            documents.create(THINGS, group, "larger", {"text": text})
        with pytest.raises(TooLarge):
            documents.replace(THINGS, group, "large", {"text": text}, created.etag)
    assert documents.get(THINGS, group, "large") == created


@pytest.mark.parametrize("name", ["id", "group", "ttl", "_etag", "_x"])
def test_fields_that_belong_to_the_store_are_refused_in_a_body(documents: Documents, group: str, name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        documents.create(THINGS, group, "one", {name: "x"})
    assert refused.value.code == "bad_body"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {1, 2}, b"bytes"])
def test_what_is_not_json_is_refused(documents: Documents, group: str, value: Json) -> None:
    with pytest.raises(BadRequest) as refused:
        documents.create(THINGS, group, "one", {"x": value})
    assert refused.value.code == "bad_body"


def test_a_container_whose_id_is_its_partition_works_like_any_other(documents: Documents, group: str) -> None:
    created = documents.create(SINGLES, group, group, {"name": "Ada", "run": group})
    assert documents.get(SINGLES, group, group) == created and created.body == {"name": "Ada", "run": group}
    documents.create(SINGLES, f"{group}b", f"{group}b", {"name": "Ada", "run": group})
    query = Query(SINGLES, where={"run": group}, order_by="name", limit=1)
    assert ids(documents, query) == [group, f"{group}b"]


# --- counters ---


def test_a_counter_begins_with_its_first_increment(documents: Documents, group: str) -> None:
    assert documents.increment(THINGS, group, "c", "n", also={"at": "now"}) == 1
    assert documents.increment(THINGS, group, "c", "n", by=5) == 6
    assert documents.increment(THINGS, group, "c", "other", by=-2, also={"at": "later", "x": [1]}) == -2
    found = documents.get(THINGS, group, "c")
    assert found is not None and found.body == {"n": 6, "other": -2, "at": "later", "x": [1]}


def test_a_full_counter_changes_nothing(documents: Documents, group: str) -> None:
    with pytest.raises(LimitReached):
        documents.increment(THINGS, group, "c", "n", at_most=0)
    assert documents.get(THINGS, group, "c") is None
    documents.increment(THINGS, group, "c", "n", by=2, at_most=2)
    before = documents.get(THINGS, group, "c")
    with pytest.raises(LimitReached) as full:
        documents.increment(THINGS, group, "c", "n", at_most=2, also={"at": "x"})
    assert documents.get(THINGS, group, "c") == before and full.value.retry_after is None
    assert documents.increment(THINGS, group, "c", "n", by=-1, at_most=2) == 1


def test_fifty_parallel_callers_never_pass_the_bound_and_lose_no_update(documents: Documents, group: str) -> None:
    given: list[int] = []
    actions: list[Callable[[], object]] = [
        lambda: given.append(documents.increment(THINGS, group, "c", "n", at_most=120, ttl=3600))
    ] * 200
    results = in_parallel(50, actions)
    assert Counter(results) == {"done": 120, "LimitReached": 80}
    assert sorted(given) == list(range(1, 121))
    found = documents.get(THINGS, group, "c")
    assert found is not None and found.body == {"n": 120}


def test_an_increment_changes_the_etag(documents: Documents, group: str) -> None:
    created = documents.create(THINGS, group, "c", {"n": 1})
    documents.increment(THINGS, group, "c", "n")
    with pytest.raises(LostRace):
        documents.replace(THINGS, group, "c", {}, created.etag)


@pytest.mark.parametrize("value", ["text", 1.5, True, [1], None])
def test_a_field_that_is_no_whole_number_is_not_counted(documents: Documents, group: str, value: Json) -> None:
    documents.create(THINGS, group, "c", {"n": value})
    with pytest.raises(BadRequest):
        documents.increment(THINGS, group, "c", "n")


def test_a_counter_cannot_overwrite_what_belongs_to_the_store(documents: Documents, group: str) -> None:
    for field, also in (("id", {}), ("_x", {}), ("n", {"group": 1}), ("n", {"n": 1}), ("a b", {}), ("n", {"ttl": 9})):
        with pytest.raises(BadRequest):
            documents.increment(THINGS, group, "c", field, also=also)
    with pytest.raises(BadRequest):
        documents.increment(THINGS, group, "c", "n", also={f"f{n}": n for n in range(9)})


# --- lifetimes ---


def test_an_expired_document_does_not_exist(store: Store, group: str) -> None:
    documents = store.documents
    documents.create(THINGS, group, "short", {"n": 1}, ttl=30)
    documents.create(THINGS, group, "long", {"n": 1}, ttl=3000)
    store.clock.move(29)
    assert documents.get(THINGS, group, "short") is not None
    with pytest.raises(AlreadyExists):
        documents.create(THINGS, group, "short", {})
    store.clock.move(2)
    assert documents.get(THINGS, group, "short") is None
    assert [document.id for document in documents.query(Query(THINGS, group)).items] == ["long"]
    created = documents.create(THINGS, group, "short", {"n": 2})
    store.clock.move(2000)
    assert documents.get(THINGS, group, "short") == created


def test_replacing_gives_a_new_lifetime_or_none(store: Store, group: str) -> None:
    documents = store.documents
    first = documents.create(THINGS, group, "a", {}, ttl=30)
    documents.replace(THINGS, group, "a", {}, first.etag, ttl=90)
    second = documents.create(THINGS, group, "b", {}, ttl=30)
    documents.replace(THINGS, group, "b", {}, second.etag)
    store.clock.move(60)
    assert documents.get(THINGS, group, "a") is not None and documents.get(THINGS, group, "b") is not None
    store.clock.move(60)
    assert documents.get(THINGS, group, "a") is None and documents.get(THINGS, group, "b") is not None


def test_a_counters_life_counts_from_its_first_increment_and_it_says_when_to_come_back(
    store: Store, group: str
) -> None:
    documents = store.documents
    documents.increment(THINGS, group, "c", "n", at_most=2, ttl=60)
    store.clock.move(40)
    assert documents.increment(THINGS, group, "c", "n", at_most=2, ttl=60) == 2
    with pytest.raises(LimitReached) as full:
        documents.increment(THINGS, group, "c", "n", at_most=2, ttl=60)
    assert full.value.retry_after == pytest.approx(20, abs=5)
    store.clock.move(21)
    assert documents.increment(THINGS, group, "c", "n", at_most=2, ttl=60) == 1


def test_expired_documents_leave_the_store_by_themselves(documents: Documents, group: str) -> None:
    for number in range(5):
        documents.create(THINGS, group, f"short{number}", {}, ttl=1)
    documents.create(THINGS, group, "kept", {}, ttl=3000)
    while documents.count(Query(THINGS, group)) > 1:  # the test's own time-out ends a store that never forgets
        threading.Event().wait(0.1)
    assert documents.get(THINGS, group, "kept") is not None


# --- queries ---


def test_a_partition_is_listed_in_order_of_its_ids_by_code_point(documents: Documents, group: str) -> None:
    names = ["B", "a", "Z", "ä", "aa", "10", "9", "渋", "_"]
    for name in names:
        documents.create(THINGS, group, name, {})
        documents.create(THINGS, f"{group}x", name, {})
    assert ids(documents, Query(THINGS, group, limit=2)) == sorted(names)
    assert ids(documents, Query(THINGS, group, limit=4, descending=True)) == sorted(names, reverse=True)


def test_equality_compares_value_and_type(documents: Documents, group: str) -> None:
    values: dict[str, Json] = {
        "one": 1,
        "true": True,
        "text": "1",
        "word": "true",
        "false": False,
        "zero": 0,
        "none": None,
    }
    for name, value in values.items():
        documents.create(THINGS, group, name, {"x": value, "y": "same"})
    documents.create(THINGS, group, "missing", {"y": "same"})
    wanted: list[tuple[str | int | float | bool, str]] = [
        (1, "one"), (1.0, "one"), (True, "true"), ("1", "text"), ("true", "word"), (False, "false"), (0, "zero"),
    ]  # fmt: skip
    for value, name in wanted:
        assert ids(documents, Query(THINGS, group, where={"x": value})) == [name]
    assert ids(documents, Query(THINGS, group, where={"x": 1, "y": "other"})) == []
    assert ids(documents, Query(THINGS, group, where={"y": "same", "x": "1"})) == ["text"]
    assert ids(documents, Query(THINGS, group, where={"x": "' OR 1=1 --"})) == []


def test_a_range_holds_its_low_end_and_not_its_high_end(documents: Documents, group: str) -> None:
    for number in range(10):
        documents.create(THINGS, group, f"{number}", {"at": f"2026-11-22T1{number}", "rank": number, "n": number / 2})
    at = Range("at", "2026-11-22T13", "2026-11-22T16")
    assert ids(documents, Query(THINGS, group, range=at, order_by="at", limit=2)) == ["3", "4", "5"]
    assert ids(documents, Query(THINGS, group, range=at, order_by="rank", descending=True)) == ["5", "4", "3"]
    assert ids(documents, Query(THINGS, group, range=Range("rank", low=8), order_by="rank")) == ["8", "9"]
    assert ids(documents, Query(THINGS, group, range=Range("n", high=1.5))) == ["0", "1", "2"]
    assert ids(documents, Query(THINGS, group, range=Range("id", "4", "6"))) == ["4", "5"]
    assert ids(documents, Query(THINGS, group, range=Range("rank", "3"))) == []  # text is no number
    assert documents.count(Query(THINGS, group, range=at, limit=1)) == 3


def test_a_document_without_the_field_is_not_found_in_its_order(documents: Documents, group: str) -> None:
    documents.create(THINGS, group, "with", {"at": "1"})
    documents.create(THINGS, group, "without", {})
    documents.create(THINGS, group, "null", {"at": None})
    assert ids(documents, Query(THINGS, group, order_by="at")) == ["with"]
    assert documents.count(Query(THINGS, group, order_by="at")) == 1 and documents.count(Query(THINGS, group)) == 3


def test_across_partitions_equal_documents_come_in_order_of_id_and_partition(documents: Documents, group: str) -> None:
    for part in ("b", "a", "c"):
        for id in ("2", "1"):
            documents.create(THINGS, group + part, id, {"at": "same", "run": group})
    for order_by in ("at", "id"):
        for descending in (False, True):
            query = Query(THINGS, where={"run": group}, order_by=order_by, descending=descending, limit=1)
            found = [(d.id, d.partition) for items in pages(documents, query) for d in items]
            expected = sorted(((id, group + part) for part in "abc" for id in "12"), reverse=descending)
            assert found == expected
    assert documents.count(Query(THINGS, where={"run": group})) == 6
    only = Query(THINGS, where={"run": group}, range=Range("group", f"{group}b", f"{group}c"))
    assert {d.partition for items in pages(documents, only) for d in items} == {f"{group}b"}


def test_a_full_last_page_has_no_cursor(documents: Documents, group: str) -> None:
    for number in range(4):
        documents.create(THINGS, group, f"{number}", {})
    assert documents.query(Query(THINGS, group, limit=4)).cursor is None
    assert [len(items) for items in pages(documents, Query(THINGS, group, limit=2))] == [2, 2]
    assert documents.query(Query(THINGS, f"{group}x")) == documents.query(Query(THINGS, f"{group}y"))


def test_every_page_is_read_as_one_and_what_is_deleted_on_the_way_hides_nothing(
    documents: Documents, group: str
) -> None:
    names = [f"{number:02d}" for number in range(7)]
    for name in names:
        documents.create(THINGS, group, name, {})
    found = []
    for document in every(documents, Query(THINGS, group, limit=3)):
        found.append(document.id)
        documents.delete(THINGS, group, document.id)
    assert found == names
    assert list(every(documents, Query(THINGS, group, limit=3))) == []


@contextmanager
def others_writing(documents: Documents, group: str, kept: list[str], at: Callable[[int], str]) -> Iterator[None]:
    """Meanwhile documents come and go all over the order, and those that stay are replaced."""
    stopping = threading.Event()

    def write(seed: int) -> None:
        number = seed
        while not stopping.is_set():
            number += 7
            partition, id = f"{group}{number % 3}", f"other{seed}-{number}"
            documents.create(THINGS, partition, id, {"at": at(number), "run": group})
            busy_partition, _, busy = kept[number % len(kept)].partition(":")
            documents.increment(THINGS, busy_partition, busy, "touched")
            if number % 2:
                documents.delete(THINGS, partition, id)

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, seed) for seed in (1, 2, 3)]
        try:
            yield
        finally:
            stopping.set()
    for writer in writers:
        writer.result()


@pytest.mark.slow
def test_ten_thousand_documents_are_paged_without_gap_or_repeat_while_others_write(store: Store, group: str) -> None:
    documents, many = store.documents, store.many

    def at(number: int) -> str:
        return f"2026-11-22T{number % (many // 8):06d}"  # each moment is shared by eight documents and more

    entries: list[tuple[str, str, Body]] = [
        (f"{group}{number % 3}", f"kept{number:06d}", {"at": at(number), "run": group}) for number in range(many)
    ]
    fill(documents, entries)
    kept = [f"{partition}:{id}" for partition, id, _ in entries]
    base = Query(THINGS, where={"run": group}, order_by="at", limit=many // 10 - 3)
    with others_writing(documents, group, kept, at):
        for query in (base, replace(base, descending=True), replace(base, partition=f"{group}1", order_by="id")):
            seen = [f"{d.partition}:{d.id}" for items in pages(documents, query) for d in items]
            assert len(seen) == len(set(seen)), "a document came twice"
            expected = {key for key in kept if query.partition is None or key.startswith(f"{query.partition}:")}
            assert expected <= set(seen), "a document that was there all the time was left out"
    in_order = [d.body["at"] for items in pages(documents, base) for d in items]
    assert in_order == sorted(in_order, key=str)


# --- what a query may not ask, and cursors ---


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"order_by": "other"}, "bad_order"),
        ({"order_by": "at, (SELECT 1)"}, "bad_field"),
        ({"where": {"x') OR 1=1 --": 1}}, "bad_field"),
        ({"where": {"a.b": 1}}, "bad_field"),
        ({"range": Range('x"', "a")}, "bad_field"),
        ({"where": {"x": "\ud800"}}, "bad_value"),
        ({"limit": 0}, "bad_limit"),
        ({"limit": 1_001}, "bad_limit"),
        ({"partition": "a/b"}, "bad_id"),
    ],
)
def test_a_query_that_no_index_serves_or_no_caller_means_is_refused(
    documents: Documents, group: str, changes: dict[str, object], code: str
) -> None:
    query = replace(Query(THINGS, group), **changes)  # type: ignore[arg-type]
    for ask in (documents.query, documents.count):
        with pytest.raises(BadRequest) as refused:
            ask(query)
        assert refused.value.code == code


def test_a_cursor_works_for_its_own_query_alone(documents: Documents, group: str) -> None:
    for number in range(6):
        documents.create(THINGS, group, f"{number}", {"at": f"{number}", "x": 1})
    mine = Query(THINGS, group, where={"x": 1}, range=Range("at", "0", "9"), order_by="at", limit=2)
    cursor = documents.query(mine).cursor
    assert cursor is not None
    assert [d.id for d in documents.query(replace(mine, cursor=cursor, limit=3)).items] == ["2", "3", "4"]
    foreign: list[Query] = [
        replace(mine, partition=f"{group}x"),
        replace(mine, partition=None),
        replace(mine, where={"x": 2}),
        replace(mine, where={}),
        replace(mine, range=None),
        replace(mine, range=Range("at", "0", "8")),
        replace(mine, order_by="rank"),
        replace(mine, descending=True),
        Query(SINGLES, group),
    ]
    for query in foreign:
        with pytest.raises(BadRequest) as refused:
            documents.query(replace(query, cursor=cursor))
        assert refused.value.code == "bad_cursor"


def test_a_cursor_that_was_altered_or_made_up_is_refused(documents: Documents, group: str) -> None:
    for number in range(3):
        documents.create(THINGS, group, f"{number}", {})
    query = Query(THINGS, group, limit=1)
    cursor = documents.query(query).cursor or ""
    flipped = [cursor[:n] + ("A" if cursor[n] != "A" else "B") + cursor[n + 1 :] for n in range(len(cursor))]
    for forged in [*flipped, "", "k1", "=", cursor[:-1], cursor + "A", cursor + "=", "ä", "x" * 100_000, "a b"]:
        with pytest.raises(BadRequest) as refused:
            documents.query(replace(query, cursor=forged))
        assert refused.value.code == "bad_cursor"


def test_a_cursor_outlives_one_rotation_of_the_keys_and_not_the_keys_end(store: Store, group: str) -> None:
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    before, during, after = (
        store.make(type(keyring())(keys, "tests")) for keys in ({"k1": old}, {"k2": new, "k1": old}, {"k2": new})
    )
    for number in range(3):
        before.create(THINGS, group, f"{number}", {})
    query = Query(THINGS, group, limit=1)
    cursor = before.query(query).cursor
    moved = during.query(replace(query, cursor=cursor))
    assert [d.id for d in moved.items] == ["1"]
    assert [d.id for d in after.query(replace(query, cursor=moved.cursor)).items] == ["2"]
    with pytest.raises(BadRequest):
        after.query(replace(query, cursor=cursor))


def test_a_cursor_does_not_show_what_it_holds(documents: Documents, group: str) -> None:
    for number in range(2):
        documents.create(THINGS, group, f"Lovelace{number}", {"at": "Lovelace"})
    cursor = documents.query(Query(THINGS, group, order_by="at", limit=1)).cursor
    assert cursor is not None and "TG92ZWxhY2" not in cursor and "Lovelace" not in cursor


# --- all the containers of the app, and a store that is down ---


def test_every_container_of_the_app_takes_a_document_in_each_of_its_orders(documents: Documents, group: str) -> None:
    if isinstance(documents, CosmosDocuments):
        documents.ensure_containers(ALL)
    for container in ALL:
        id = group if container.partition_key == "id" else "one"
        created = documents.create(container, group, id, dict.fromkeys(container.orders, "x"))
        for order_by in ("id", *container.orders):
            for partition in (group, None):
                page = documents.query(Query(container, partition, order_by=order_by, descending=True))
                assert created in page.items


def test_a_store_that_answers_passes_its_check(documents: Documents) -> None:
    documents.check()


@pytest.fixture(params=["memory", "sqlite", "cosmos"])
def down(request: pytest.FixtureRequest, tmp_path: Path) -> Documents:
    cursors = Cursors(keyring())
    if request.param == "cosmos":
        return CosmosDocuments(f"https://127.0.0.1:{free_port()}/", "eA==", MovableClock(), cursors)
    damaged = tmp_path / "documents.sqlite"
    damaged.write_bytes(b"this is no database" * 1000)
    return SqliteDocuments(damaged, MovableClock(), cursors, patience=0.1)


def test_a_store_that_is_down_is_unavailable_for_every_operation(down: Documents) -> None:
    operations: list[Callable[[], object]] = [
        down.check,
        lambda: down.get(THINGS, "g", "one"),
        lambda: down.create(THINGS, "g", "one", {}),
        lambda: down.replace(THINGS, "g", "one", {}, "1"),
        lambda: down.delete(THINGS, "g", "one"),
        lambda: down.increment(THINGS, "g", "one", "n"),
        lambda: down.query(Query(THINGS, "g")),
        lambda: down.count(Query(THINGS)),
    ]
    for operation in operations:
        with pytest.raises(Unavailable) as failed:
            operation()
        assert failed.value.dependency == "documents" and failed.value.retry_after > 0


def test_a_container_is_named_and_ordered_by_plain_words_only(tmp_path: Path) -> None:
    with sqlite_store(tmp_path) as store, pytest.raises(BadRequest):
        store.documents.create(Container('x" (y); --', "group"), "g", "one", {})
