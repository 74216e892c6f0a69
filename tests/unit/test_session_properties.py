"""Whatever happens in a visit, in whatever order: what must never come of it."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import events as e
from shared.domain.policy import Policy
from shared.domain.session import Session, State
from shared.domain.transitions import Refused, apply
from tests.unit import session_roads as r
from tests.unit.session_adversary import Adversary
from tests.unit.session_ledger import live_through

RANDOM = st.randoms(use_true_random=False)
SEEDS = st.integers(0, 2**32)
POLICIES = st.sampled_from([r.POLICY, replace(r.POLICY, send_on_request=True)])
ROAD = (e.FaceAccepted, e.SmsChanged, e.PinSubmitted, e.VoiceReceived, e.VoiceChecked, e.HandoffAsked)


@given(random=RANDOM, spite=st.sampled_from([0.05, 0.25, 0.6]), policy=POLICIES)
def test_nobody_gets_through_and_no_count_is_passed(random: Random, spite: float, policy: Policy) -> None:
    live_through(Adversary(random, spite), 25, policy)


def test_the_adversary_gets_everywhere() -> None:
    """Or the books would have little to say."""
    reached = Counter[State]()
    for seed in range(400):
        reached += live_through(Adversary(Random(seed), 0.1), 40)
    assert {state: reached[state] >= 5 for state in State} == dict.fromkeys(State, True)


@pytest.mark.parametrize("over", [r.denied(), r.ended()], ids=["denied", "ended"])
@given(seed=SEEDS)
def test_nothing_happens_after_the_end(over: Session, seed: int) -> None:
    with pytest.raises(Refused):
        apply(over, Adversary(Random(seed), 0.5).event(over), r.POLICY)


@pytest.mark.parametrize("silent", [kind for kind in ROAD if kind is not e.SmsChanged], ids=lambda kind: kind.__name__)
@given(order=st.lists(st.sampled_from(ROAD), max_size=20))
def test_an_engine_that_raises_never_helps(silent: type[e.Event], order: list[type[e.Event]]) -> None:
    """Where an engine, a store or a provider fails, its event never comes: no visit gets to the teller without it."""
    session = r.arrival()
    for kind in (*ROAD, *order, *ROAD):
        if kind is not silent:
            with suppress(Refused):
                session = apply(session, r.fitting(session, kind), r.POLICY)
    assert session.state is not State.HANDED_OFF


def test_with_every_engine_the_same_road_leads_to_the_teller() -> None:
    assert r.walk(r.arrival(), *(r.happens(kind) for kind in ROAD)).state is State.HANDED_OFF
