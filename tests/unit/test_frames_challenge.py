"""The active challenge in films: who turns the head as asked, and who only tries to."""

import math
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
YAW = {"<": 20.0, ">": -20.0}
PITCH = {"^": 8.0, "v": -8.0, "V": -12.0}


def judge(frames: list[FrameFact], orders: tuple[str, ...], person: str | None) -> Progress:
    return fold(frames, orders, person, Policy())


def turning(people: str, heads: str, *, watching: str | None = ANN) -> list[FrameFact]:
    """A film, and under it where each head points: | straight, < left, > right, ^ up, v down, V far down."""
    facts = film(people, watching=watching)
    heads = heads.replace(" ", "")
    return [_moved(f, heads[f.seq - 1]) if f.faces else f for f in facts]


def _moved(fact: FrameFact, head: str) -> FrameFact:
    """As a head moves: turned aside it narrows as far as it turns, up and down it hardly changes."""
    yaw = YAW.get(head, 0.0)
    return replace(fact, yaw=yaw, pitch=4 + PITCH.get(head, 0.0), breadth=1.1 * math.cos(math.radians(yaw)))


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
    assert len(set(drawn)) == 8 - 2 - 1
    assert all(len(set(orders_from(lambda: draws.randrange(256), 3, [ORDERS], both=True))) == 2 for _ in range(50))


@pytest.mark.parametrize("count", [3, 4, 5, 6])
def test_no_orders_are_to_turn_to_one_side_and_the_other_in_turn(count: int) -> None:
    """A head that swings to and fro, as in many recordings, carries out none of them: a wrong turn is a foul."""
    draws = random.Random(7)
    drawn = {orders_from(lambda: draws.randrange(256), count) for _ in range(2000)}
    assert len(drawn) == 2**count - 2
    for first, second in ("<>", "><"):
        swing = "||" + f"{first}|{second}|" * count
        film = turning("A" * len(swing), swing)
        assert not any(judge(film[start:], orders, ANN).finished(orders) for orders in drawn for start in range(4))


def test_the_order_of_arrival_does_not_matter() -> None:
    facts = turning("AAAAAA", "||<|>|")
    assert judge(facts[::-1], ORDERS, ANN) == judge(facts, ORDERS, ANN)


LIFTED = ("turn_left", "look_up", "turn_right")
NODDED = ("nod", "turn_left", "turn_right")


@pytest.mark.parametrize(
    ("orders", "heads", "passed"),
    [
        (LIFTED, "||<|^|>|", True),
        (LIFTED, "||<|^^|>|", True),
        (LIFTED, "||<|v^|>|", True),  # a little down on the way up is how people look up
        (LIFTED, "||<||||>|", False),  # did not look up
        (LIFTED, "||<|^>|", False),  # never looked straight between
        (LIFTED, "||<|v|>|", False),  # down instead of up
        (NODDED, "||v|<|>|", True),
        (NODDED, "||^|<|>|", False),
    ],
)
def test_looking_up_and_nodding_are_orders_like_turns(orders: tuple[str, ...], heads: str, passed: bool) -> None:
    assert judge(turning("A" * len(heads), heads), orders, ANN).finished(orders) is passed


def test_turning_or_nodding_far_when_told_to_look_up_is_a_foul() -> None:
    up = ("look_up", "turn_left")
    assert judge(turning("AAA", "||>"), up, ANN).foul
    assert judge(turning("AAA", "||V"), up, ANN).foul
    assert not judge(turning("AAA", "||v"), up, ANN).foul


def test_level_is_where_this_face_looks_straight_before_this_camera() -> None:
    """A camera above or below the face adds the same to every frame."""
    for camera in (-15.0, 15.0):
        facts = [replace(f, pitch=(f.pitch or 0) + camera) for f in turning("A" * 8, "||<|^|>|")]
        assert judge(facts, LIFTED, ANN).finished(LIFTED)


def broader(facts: list[FrameFact], factor: float, *seqs: int) -> list[FrameFact]:
    return [replace(f, breadth=(f.breadth or 0) * factor) if f.seq in seqs else f for f in facts]


def test_a_face_far_narrower_than_its_turn_explains_does_not_turn() -> None:
    """Paper bent round a cylinder: its nose hardly stands out, so it is turned farther until it seems to."""
    facts = turning("A" * 6, "||<|>|")
    assert judge(facts, ORDERS, ANN).finished(ORDERS)
    assert judge(broader(facts, 0.95, 3, 5), ORDERS, ANN).finished(ORDERS)
    assert not judge(broader(facts, 0.88, 3, 5), ORDERS, ANN).finished(ORDERS)
    assert not judge(broader(facts, 0.88, 3, 5)[:4], ORDERS, ANN).foul


def test_a_tilted_print_is_too_broad_to_have_looked_up() -> None:
    facts = turning("A" * 8, "||<|^|>|")
    assert not judge(broader(facts, 1.3, 5), LIFTED, ANN).finished(LIFTED)


def test_what_was_not_measured_is_not_done() -> None:
    facts = turning("A" * 8, "||<|^|>|")
    assert not judge([replace(f, breadth=None) for f in facts], LIFTED, ANN).finished(LIFTED)
    assert not judge([replace(f, pitch=None) for f in facts], LIFTED, ANN).finished(LIFTED)


def test_at_most_one_order_is_no_turn_and_every_sequence_comes() -> None:
    draws = random.Random(6)
    drawn = {orders_from(lambda: draws.randrange(256), 3, nods=True) for _ in range(2000)}
    assert len(drawn) == 8 - 2 + 3 * 2 * 4
    assert all(sum(order in {"look_up", "nod"} for order in orders) <= 1 for orders in drawn)
