"""Who a face is: never the nearest for being the nearest, and harder to be taken for somebody in a larger gallery."""

import math
import random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.match import (
    Candidate,
    MatchDecision,
    MatchKind,
    MatchRule,
    decide,
    duplicates,
    may_learn,
    same_person,
    spread_from,
)
from shared.engines.face_settings import FaceSettings

RULE = FaceSettings().match_rule()
scores = st.floats(-1, 1, width=32)
galleries = st.integers(1, 1_000_000)
candidate_lists = st.lists(st.builds(Candidate, st.sampled_from("abcdef"), scores), max_size=8)


def kinds(*scored: tuple[str, float], people: int = 10) -> MatchDecision:
    return decide([Candidate(person, score) for person, score in scored], people, RULE)


def test_nobody_in_the_gallery_is_nobody() -> None:
    assert kinds(people=0) == MatchDecision(MatchKind.UNKNOWN, None)


def test_the_nearest_of_strangers_is_still_unknown() -> None:
    assert kinds(("anna", 0.40), ("ben", 0.10)).kind is MatchKind.UNKNOWN


def test_a_clear_best_is_accepted() -> None:
    assert kinds(("anna", 0.72), ("ben", 0.20)) == MatchDecision(MatchKind.ACCEPTED, "anna")


def test_two_people_alike_are_ambiguous_and_nobody_is_named() -> None:
    assert kinds(("anna", 0.72), ("her twin", 0.68)) == MatchDecision(MatchKind.AMBIGUOUS, None)


def test_two_templates_of_one_person_are_never_a_tie() -> None:
    assert kinds(("anna", 0.72), ("anna", 0.71), ("ben", 0.2)).person == "anna"


def test_a_score_that_is_not_a_number_accepts_nobody() -> None:
    assert kinds(("anna", math.nan)).kind is MatchKind.UNKNOWN


@given(candidate_lists, galleries)
def test_whoever_is_accepted_reaches_the_threshold_with_nobody_near(candidates: list[Candidate], people: int) -> None:
    decision = decide(candidates, people, RULE)
    best = max((c.score for c in candidates), default=-1.0)
    assert (decision.person is not None) == (decision.kind is MatchKind.ACCEPTED)
    if decision.kind is MatchKind.UNKNOWN:
        assert best < RULE.threshold(max(people, len(candidates)))
        return
    assert best >= RULE.threshold(people) or len(candidates) > people
    if decision.person is not None:
        others = [c.score for c in candidates if c.person != decision.person]
        assert all(best - other >= RULE.margin for other in others)


@given(candidate_lists, galleries, st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(candidates: list[Candidate], people: int, rng: random.Random) -> None:
    shuffled = candidates.copy()
    rng.shuffle(shuffled)
    assert decide(shuffled, people, RULE) == decide(candidates, people, RULE)


@given(candidate_lists, galleries, galleries)
def test_a_larger_gallery_never_accepts_what_a_smaller_one_would_not(
    candidates: list[Candidate], people: int, more: int
) -> None:
    small, large = (decide(candidates, n, RULE) for n in (people, people + more))
    if large.kind is MatchKind.ACCEPTED:
        assert small == large


@given(galleries, galleries)
def test_the_threshold_rises_with_the_gallery_and_never_below_the_base(people: int, more: int) -> None:
    assert RULE.base <= RULE.threshold(people) <= RULE.threshold(people + more) < 0.8


@given(galleries)
def test_by_its_own_model_a_stranger_is_taken_for_somebody_in_at_most_one_of_a_thousand_visits(people: int) -> None:
    assert RULE.rate(RULE.threshold(people)) * people * RULE.tries <= 0.001 * (1 + 1e-6)


def test_drawn_strangers_are_taken_for_somebody_no_more_often_than_the_rule_says() -> None:
    """Monte Carlo over the model itself, at 1:20 instead of 1:1,000 so that there is something to count."""
    rule = MatchRule(base=0.2, other=0.1, mean=0.1, spread=0.09, wrong_identification=0.05, tries=1, margin=0.0)
    rng, people, visits = random.Random(1), 50, 4000
    wrong = sum(
        max(rng.gauss(rule.mean, rule.spread) for _ in range(people)) >= rule.threshold(people) for _ in range(visits)
    )
    assert 0.035 < wrong / visits < 0.065


@pytest.mark.parametrize(
    ("people", "threshold"), [(1, 0.45), (3, 0.459), (100, 0.530), (1000, 0.571), (100_000, 0.645)]
)
def test_the_thresholds_are_those_the_documentation_states(people: int, threshold: float) -> None:
    assert RULE.threshold(people) == pytest.approx(threshold, abs=0.0006)


def test_one_to_one_asks_for_the_base_threshold_whatever_the_gallery() -> None:
    assert same_person(RULE.base, RULE)
    assert not same_person(RULE.base - 0.001, RULE)
    assert RULE.rate(RULE.base) <= 1e-4


@given(galleries)
def test_the_search_for_duplicates_is_looser_than_identification_but_not_noise(people: int) -> None:
    looser = RULE.duplicate_threshold(people)
    assert RULE.duplicate <= looser <= RULE.threshold(people)
    assert RULE.rate(looser) * people <= RULE.duplicate_alarm + RULE.rate(RULE.duplicate)


def test_possible_duplicates_come_best_first() -> None:
    found = duplicates([Candidate("ben", 0.40), Candidate("anna", 0.55), Candidate("cleo", 0.30)], 3, RULE)
    assert [candidate.person for candidate in found] == ["anna", "ben"]


def test_a_face_is_learned_only_if_two_enrolment_templates_agree_beyond_the_threshold() -> None:
    stricter = RULE.threshold(10) + RULE.learn_extra
    near = [Candidate("anna", 0.9)]
    assert may_learn([stricter, stricter + 0.1], "anna", near, 10, RULE)
    assert not may_learn([stricter + 0.2, stricter - 0.001], "anna", near, 10, RULE)
    assert not may_learn([0.9], "anna", near, 10, RULE)


def test_nothing_is_learned_while_somebody_else_is_within_twice_the_margin() -> None:
    others = [Candidate("anna", 0.9), Candidate("her twin", 0.75 - 2 * RULE.margin + 0.01)]
    assert not may_learn([0.8, 0.75], "anna", others, 10, RULE)
    assert may_learn([0.8, 0.75], "anna", others[:1], 10, RULE)


@given(st.floats(0.2, 0.9), st.floats(1e-7, 0.01), st.floats(-0.1, 0.15))
def test_the_spread_found_from_a_known_rate_gives_that_rate_back(threshold: float, rate: float, mean: float) -> None:
    spread = spread_from(threshold, rate, mean)
    assert NormalDist(mean, spread).cdf(2 * mean - threshold) == pytest.approx(rate, rel=1e-6)
