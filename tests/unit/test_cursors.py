"""Cursors: what is sealed opens again for the same query and key, and for nothing else."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.cursors import Cursors, Place
from shared.adapters.document_rules import binding
from shared.adapters.keyring import Keyring
from shared.containers import AUDIT, MEDIA_INDEX, PEOPLE, SESSION_LOG, SESSIONS
from shared.domain.errors import BadRequest
from shared.ports import Query, Range


def cursors(masters: Mapping[str, bytes] | None = None) -> Cursors:
    return Cursors(Keyring(masters or {"k1": b"a" * 32}, "tests"))


values = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=50))
places = st.lists(values, min_size=1, max_size=3).map(tuple)


@given(places)
def test_any_place_comes_back_as_it_was(place: Place) -> None:
    assert cursors().open(cursors().seal(place, "query"), "query") == place


@given(places, st.data())
def test_any_altered_character_is_noticed(place: Place, data: st.DataObject) -> None:
    sealed = cursors().seal(place, "query")
    at = data.draw(st.integers(0, len(sealed) - 1))
    other = data.draw(st.characters().filter(lambda c: c != sealed[at]))
    with pytest.raises(BadRequest):
        cursors().open(sealed[:at] + other + sealed[at + 1 :], "query")


@given(st.text(max_size=200))
def test_nothing_made_up_is_a_cursor(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        cursors().open(text, "query")
    assert refused.value.code == "bad_cursor"


def test_a_cursor_of_another_query_or_key_does_not_open() -> None:
    sealed = cursors().seal(("2026", "one"), "query")
    for other, bound in (
        (cursors(), "another"),
        (cursors({"k1": b"b" * 32}), "query"),
        (cursors({"k2": b"a" * 32}), "query"),
    ):
        with pytest.raises(BadRequest):
            other.open(sealed, bound)


def test_an_old_key_still_opens_and_the_new_one_seals() -> None:
    both = cursors({"k2": b"b" * 32, "k1": b"a" * 32})
    assert both.open(cursors().seal(("x",), "query"), "query") == ("x",)
    with pytest.raises(BadRequest):
        cursors().open(both.seal(("x",), "query"), "query")


def test_the_same_place_never_looks_the_same_twice() -> None:
    assert cursors().seal(("Lovelace",), "query") != cursors().seal(("Lovelace",), "query")


def test_each_field_of_a_query_but_page_size_and_cursor_makes_another_list() -> None:
    queries = [
        Query(SESSION_LOG),
        Query(MEDIA_INDEX),
        Query(SESSION_LOG, "s"),
        Query(SESSION_LOG, where={"a": "1"}),
        Query(SESSION_LOG, where={"a": 1}),
        Query(SESSION_LOG, where={"a": True}),
        Query(SESSION_LOG, range=Range("at", "1")),
        Query(SESSION_LOG, range=Range("at", None, "1")),
        Query(SESSION_LOG, order_by="at"),
        Query(SESSION_LOG, order_by="at", descending=True),
    ]
    assert len({binding(query) for query in queries}) == len(queries)
    assert binding(Query(SESSION_LOG, limit=1, cursor="x")) == binding(Query(SESSION_LOG))
    assert binding(Query(SESSION_LOG, where={"a": 1, "b": 2})) == binding(Query(SESSION_LOG, where={"b": 2, "a": 1}))


def test_a_containers_orders_are_total_and_indexed() -> None:
    assert SESSION_LOG.keyset("at") == ("at", "id", "session")
    assert AUDIT.keyset("id") == ("id", "day")
    assert PEOPLE.keyset("nameKey") == ("nameKey", "id") and PEOPLE.keyset("id") == ("id",)
    assert SESSIONS.composite_indexes == (("id", "kioskDay"),)
    assert ("id",) not in PEOPLE.composite_indexes
