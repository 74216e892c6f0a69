"""The active challenge in films: who turns the head as asked, and who only tries to."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.face import Guidance
from shared.domain.frames import FrameFact, Shows
from shared.domain.liveness import Progress, orders_from
from shared.domain.liveness import judge as fold
from shared.domain.policy import Policy
from tests.unit.frame_films import ANN, film

ORDERS = ("turn_left", "turn_right")
STEP = timedelta(seconds=1)
YAW = {"<": 20.0, ">": -20.0, "|": 0.0}


def judge(frames: list[FrameFact], orders: tuple[str, ...], person: str | None) -> Progress:
    return fold(frames, orders, person, Policy())


def turning(people: str, heads: str, *, watching: str | None = ANN) -> list[FrameFact]:
    """A film, and under it where each head points: | straight, < left, > right."""
    facts = film(people, watching=watching)
    return [replace(f, yaw=YAW[heads.replace(" ", "")[f.seq - 1]] if f.faces else None) for f in facts]


@pytest.mark.parametrize(
    ("what", "people", "heads"),
    [
        ("orders carried out", "AAAAAA", "||<|>|"),
        ("with a child behind", "cccccc", "||<|>|"),
        ("with a blurred frame between", "AAA~AAA", "||<<|>|"),
        ("out of the picture for a moment", "AAA--AAA", "||<|||>|"),
        ("the second time, having been out of sight", "AAA----AAAAAA", "||<||||||<|>|"),
    ],
    ids=lambda x: x if " " in x else "",
)
def test_the_challenge_is_passed_by(what: str, people: str, heads: str) -> None:
    assert judge(turning(people, heads), ORDERS, ANN).finished(ORDERS)


@pytest.mark.parametrize(
    ("what", "people", "heads"),
    [
        ("nobody", "------", "||||||"),
        ("a face that does not move", "AAAAAA", "||||||"),
        ("turns the other way about", "AAAAAA", "||>|<|"),
        ("only one turn", "AAAA", "||<|"),
        ("turning without looking straight between", "AAAAAA", "||<>||"),
        ("not looking straight at the end", "AAAAA", "||<|>"),
        ("a photograph of Ann moved about", "aaaaaa", "||<|>|"),
        ("a head of another's in between", "AABABA", "||<|>|"),
        ("a helper who turns beside Ann", "AA2A2A", "||<|>|"),
        ("another's head, after hiding for long enough", "AA----BBBBBB", "||||||||<|>|"),
        ("another's, too far away to be well seen, after hiding", "AA----BBBBBB", "||||||||<|>|"),
        ("turns on both sides of being out of sight", "AAA----AAAA", "||<||||||>|"),
        ("a covered face that turns", "AA????", "||<|>|"),
        ("a recording that turns both ways over and over", "AAAAAAAAAAAA", "||>|<|>|<|>|"),
        ("a first turn as asked and a second the wrong way", "AAAAAAAA", "||<|<|>|"),
        ("a face whose presentation check was never made", "uuuuuu", "||<|>|"),
    ],
    ids=lambda x: x if " " in x else "",
)
def test_the_challenge_is_not_passed_by(what: str, people: str, heads: str) -> None:
    facts = turning(people, heads)
    far = [replace(f, hint=film("~")[0].hint) if "far away" in what and f.seq > 6 else f for f in facts]
    assert not judge(far, ORDERS, ANN).finished(ORDERS)


def test_another_face_is_a_foul() -> None:
    assert judge(turning("AAB", "|||"), ORDERS, ANN).foul
    assert judge(turning("AA2", "|||"), ORDERS, ANN).foul
    assert not judge(turning("AA-~", "||||"), ORDERS, ANN).foul


def test_turning_the_wrong_way_is_a_foul_once_the_order_stands() -> None:
    assert judge(turning("AAA", "||>"), ORDERS, ANN).foul
    assert not judge(turning("AAA", ">>|"), ORDERS, ANN).foul  # on the way back to straight nothing was asked yet


def too_far(facts: list[FrameFact], *seqs: int) -> list[FrameFact]:
    """The head was turned so far that neither this frame nor the next is like the one before it."""
    away = [replace(f, hint=Guidance.FACE_CAMERA, shows=Shows.UNSURE) if f.seq in seqs else f for f in facts]
    return [replace(f, link=False) if f.seq in seqs or f.seq - 1 in seqs else f for f in away]


def test_a_head_turned_too_far_is_asked_to_look_straight_and_do_it_again() -> None:
    facts = too_far(turning("A" * 9, "||<|>||>|"), 5)
    assert not judge(facts[:6], ORDERS, ANN).foul
    assert judge(facts, ORDERS, ANN).finished(ORDERS)


def test_a_head_of_another_hidden_behind_a_turn_too_far_does_not_turn_for_ann() -> None:
    """Ann's photograph looks straight; another's head comes in turned far, and then turns as asked."""
    facts = too_far(turning("A" * 7, "||<<<||"), 3)
    assert judge(facts, ORDERS, ANN).done == 0
    nobody_known = [replace(f, shows=None, person=None) for f in too_far(turning("A" * 8, "||<||>|>"), 5)]
    assert judge(nobody_known, ORDERS, None).done == 0


def test_frames_held_back_for_longer_than_presence_lasts_begin_anew() -> None:
    facts = turning("AAAAAA", "||<|>|")
    later = [replace(f, at=f.at + 4 * (f.seq > 3) * STEP) for f in facts]
    assert judge(facts, ORDERS, ANN).finished(ORDERS)
    assert not judge(later, ORDERS, ANN).finished(ORDERS)


def test_before_anybody_is_accepted_one_face_throughout_is_enough() -> None:
    assert judge(turning("XXXXXX", "||<|>|", watching=None), ORDERS, None).finished(ORDERS)
    assert not judge(turning("XXBXBX", "||<|>|", watching=None), ORDERS, None).finished(ORDERS)


def test_frames_compared_with_somebody_else_prove_nothing() -> None:
    assert not judge(turning("AAAAAA", "||<|>|"), ORDERS, "ben").finished(ORDERS)


def test_orders_are_drawn_anew_and_never_as_the_last_ones() -> None:
    draws = random.Random(5)
    drawn = [
        orders_from(lambda: draws.randrange(256), 3, [("turn_left", "turn_left", "turn_right")]) for _ in range(200)
    ]
    assert len(set(drawn)) == 7
    assert all(len(set(orders_from(lambda: draws.randrange(256), 2, [ORDERS], both=True))) == 2 for _ in range(50))


def test_the_order_of_arrival_does_not_matter() -> None:
    facts = turning("AAAAAA", "||<|>|")
    assert judge(facts[::-1], ORDERS, ANN) == judge(facts, ORDERS, ANN)
