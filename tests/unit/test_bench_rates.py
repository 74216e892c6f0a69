"""The benchmarks' error rates, on scores whose rates are known beforehand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.rates import bound, equal_error, pairs, rank_one, threshold_at, verification


def test_scores_that_do_not_overlap_have_no_errors() -> None:
    result = verification(np.array([0.7, 0.8, 0.9]), np.array([0.1, 0.2, 0.3]), [0.5])
    assert (result["eer"], result["tar_at_far_0"], result["tar_at_far_0.01"]) == (0.0, 1.0, 1.0)
    assert (result["thresholds"][0]["frr"], result["thresholds"][0]["far"]) == (0.0, 0.0)


def test_two_normals_one_spread_and_a_half_from_their_middle_err_equally_at_one_in_fifteen() -> None:
    rng = np.random.default_rng(1)
    rate, at = equal_error(rng.normal(3, 1, 40_000), rng.normal(0, 1, 40_000))
    assert rate == pytest.approx(0.0668, abs=0.003)
    assert at == pytest.approx(1.5, abs=0.05)


def test_the_rates_at_a_threshold_are_counts() -> None:
    result = verification(np.array([0.2, 0.5, 0.8, 0.9]), np.array([0.1, 0.5, 0.6, 0.2, 0.3]), [0.5])
    assert result["thresholds"][0]["frr"] == 0.25  # 0.5 itself passes
    assert result["thresholds"][0]["far"] == 0.4
    assert result["tar_at_far_0"] == 0.5


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=300), st.sampled_from([0.0, 0.001, 0.01, 0.2]))
def test_no_more_impostors_pass_than_allowed(scores: list[float], allowed: float) -> None:
    impostor = np.array(scores)
    assert (impostor > threshold_at(impostor, allowed)).sum() <= allowed * len(impostor)


@given(st.integers(1, 5000), st.floats(0, 1))
def test_a_bound_holds_the_rate_between_nought_and_one(trials: int, share: float) -> None:
    hits = round(trials * share)
    low, high = bound(hits, trials)
    assert 0 <= low <= hits / trials + 1e-6
    assert hits / trials - 1e-6 <= high <= 1


def test_nothing_wrong_in_a_thousand_is_less_than_four_in_a_thousand() -> None:
    assert bound(0, 1000) == [0.0, pytest.approx(0.0038, abs=1e-4)]


def test_an_image_is_found_by_another_of_the_same_person() -> None:
    similar = np.array([[1.0, 0.9, 0.2, 0.1], [0.9, 1.0, 0.3, 0.2], [0.2, 0.3, 1.0, 0.95], [0.1, 0.2, 0.95, 1.0]])
    assert rank_one(similar, ["anna", "anna", "ben", "cleo"]) == (2, 2)
    genuine, impostor = pairs(similar, ["anna", "anna", "ben", "cleo"])
    assert genuine.tolist() == [0.9]
    assert sorted(impostor.tolist()) == [0.1, 0.2, 0.2, 0.3, 0.95]
