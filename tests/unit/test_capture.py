"""The pictures of a registration, in films: they are its liveness challenge too."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.capture import Capture, Turn, capture, turns_from
from shared.domain.frames import FrameFact
from shared.domain.policy import Policy
from tests.unit.frame_films import film

TURNS = turns_from(("turn_left", "turn_left", "turn_right"))
YAW = {"<": 22.0, ">": -22.0, "|": 0.0, "(": 10.0}


def filmed(people: str, heads: str, step: float = 0.4) -> list[FrameFact]:
    facts = film(people, watching=None, step=step)
    return [replace(f, norm=13.0, yaw=YAW[heads[f.seq - 1]] if f.faces else None) for f in facts]


def taken(people: str, heads: str, step: float = 0.4) -> Capture:
    return capture(filmed(people, heads, step), TURNS, 10.5, Policy())


def test_straight_and_the_turns_as_asked_give_a_picture_each() -> None:
    assert taken("XXXXXX", "|<|<|>") == Capture((1, 2, 4, 6), None, seq=6)


@pytest.mark.parametrize(
    ("heads", "shown"),
    [("", Turn.STRAIGHT), ("|", Turn.LEFT), ("|<", Turn.STRAIGHT), ("|<|", Turn.LEFT), ("|<|<|", Turn.RIGHT)],
)
def test_one_thing_is_asked_at_a_time(heads: str, shown: Turn) -> None:
    assert taken("X" * len(heads), heads).next is shown


def test_holding_the_head_aside_is_one_picture_not_two() -> None:
    assert taken("XXXX", "|<<<").taken == (1, 2)


@pytest.mark.parametrize(
    ("what", "people", "heads"),
    [
        ("turning the wrong way", "XX", "|>"),
        ("a recording that turns both ways", "XXXXXXXX", "|>|<|>|<"),
        ("another face", "XXA", "|<|"),
    ],
    ids=lambda x: x if " " in x else "",
)
def test_new_turns_are_due_after(what: str, people: str, heads: str) -> None:
    assert taken(people, heads).foul


def test_a_photograph_that_is_doubted_gives_no_pictures() -> None:
    assert taken("xxxxxx", "|<|<|>").taken == ()


def test_it_takes_no_longer_than_two_challenges_may() -> None:
    most = 2 * Policy().challenge_valid / timedelta(seconds=1)
    assert not taken("XX", "||", step=most).foul
    assert taken("XX", "||", step=most + 1).foul
