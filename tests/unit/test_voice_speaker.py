"""Profiles and their comparison: plain geometry of unit vectors."""

import numpy as np
import pytest

from shared.engines.speaker import profile, similarity


def unit(*values: float) -> bytes:
    vector = np.array(values)
    return bytes((vector / np.linalg.norm(vector)).astype("<f4").tobytes())


def test_a_profile_lies_between_its_clips_and_is_a_unit_vector() -> None:
    between = profile([unit(1, 0, 0), unit(0, 1, 0)])
    assert similarity(between, between) == pytest.approx(1)
    assert similarity(between, unit(1, 0, 0)) == pytest.approx(2**-0.5)


def test_the_order_of_clips_does_not_matter() -> None:
    clips = [unit(1, 2, 3), unit(3, 1, 2), unit(0, 1, 0)]
    assert similarity(profile(clips), profile(clips[::-1])) == pytest.approx(1)


def test_similarity_runs_from_minus_one_to_one() -> None:
    assert similarity(unit(1, 1), unit(-1, -1)) == pytest.approx(-1)
    assert similarity(unit(1, 0), unit(0, 1)) == pytest.approx(0)


def test_clips_that_cancel_out_make_no_profile() -> None:
    with pytest.raises(ArithmeticError):
        profile([unit(1, 0), unit(-1, 0)])


def test_no_clips_make_no_profile() -> None:
    with pytest.raises(ValueError, match="clip"):
        profile([])


def test_vectors_of_different_models_do_not_compare() -> None:
    with pytest.raises(ValueError):
        similarity(unit(1, 0), unit(1, 0, 0))
