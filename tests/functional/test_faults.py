"""Whole visits while storage and messages misbehave and the host dies: a short form of `atm.py bench faults`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.faults import MESSAGES, STORAGE, Playground, Row, ShakenStack
from bench.weather import CALM, Proxy, Telephone


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playground]:
    folder: Path = tmp_path_factory.mktemp("shaken")
    with Proxy(3) as storage, Telephone(3) as phone, ShakenStack(folder, storage, phone) as stack:
        yield Playground(stack, storage, phone, 3)


def held(row: Row) -> None:
    assert row.kept > 0
    assert (row.lost, row.indexed_twice, row.not_indexed) == (0, 0, 0), "a recording was lost, or indexed twice"
    assert row.wrong_grants == 0
    assert row.sent_twice == 0
    assert row.stuck == 0
    assert row.granted + row.ended == row.visits


def test_storage_that_cuts_connections_loses_no_recording(play: Playground) -> None:
    row = play.row("cut", 1, STORAGE["storage cuts 10 %"], MESSAGES["messages cut 50 %"])
    held(row)
    assert row.harm.get("cut"), "nothing was cut: the test shows nothing"


def test_a_host_killed_in_the_middle_loses_no_recording_and_sends_nothing_twice(play: Playground) -> None:
    held(play.row("killed", 1, CALM, CALM, play.kill_host))
