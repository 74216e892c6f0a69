"""The books of the property tests have teeth: with a guard or a denial gone, the adversary finds the hole."""

from dataclasses import replace
from random import Random

import pytest

from shared.domain import effects as do
from shared.domain import guards as g
from shared.domain.transitions import TABLE, Row
from tests.unit.session_adversary import Adversary
from tests.unit.session_ledger import live_through

VITAL = (
    g.claimed_person,
    g.enough_officers,
    g.in_front,
    g.not_barred,
    g.not_expired,
    g.not_extended,
    g.person_free,
    g.pin_correct,
    g.pin_issued,
    g.pin_not_expired,
    g.pin_not_used,
    g.received,
    g.sends_left,
    g.sms_as_expected,
    g.this_attempt,
    g.token_unused,
    g.voice_passed,
    g.vouched,
)


WALKS = 1500


def found(table: tuple[Row, ...]) -> bool:
    """Whether the adversary breaches the books of a visit by this table."""
    for seed in range(WALKS):
        try:
            live_through(Adversary(Random(seed), (0.05, 0.25)[seed % 2]), 60, table=table)
        except AssertionError:
            return True
    return False


@pytest.mark.parametrize("guard", VITAL, ids=lambda guard: guard.__name__)
def test_the_adversary_finds_a_missing_guard(guard: g.Guard) -> None:
    assert found(tuple(replace(row, guards=tuple(x for x in row.guards if x is not guard)) for row in TABLE))


@pytest.mark.parametrize("denial", [do.count_and_deny, do.count_voice_and_deny], ids=lambda denial: denial.__name__)
def test_the_adversary_finds_a_missing_denial(denial: do.Effect) -> None:
    assert found(tuple(row for row in TABLE if row.effect is not denial))
