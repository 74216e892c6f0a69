"""The active challenge in films: who turns the head as asked, and who only tries to."""

from dataclasses import replace

import pytest

from shared.domain.frames import FrameFact
from shared.domain.liveness import judge
from tests.unit.frame_films import ANN, film

ORDERS = ("turn_left", "turn_right")
YAW = {"<": 20.0, ">": -20.0, "|": 0.0}


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


def test_before_anybody_is_accepted_one_face_throughout_is_enough() -> None:
    assert judge(turning("XXXXXX", "||<|>|", watching=None), ORDERS, None).finished(ORDERS)
    assert not judge(turning("XXBXBX", "||<|>|", watching=None), ORDERS, None).finished(ORDERS)


def test_frames_compared_with_somebody_else_prove_nothing() -> None:
    assert not judge(turning("AAAAAA", "||<|>|"), ORDERS, "ben").finished(ORDERS)


def test_the_order_of_arrival_does_not_matter() -> None:
    facts = turning("AAAAAA", "||<|>|")
    assert judge(facts[::-1], ORDERS, ANN) == judge(facts, ORDERS, ANN)
