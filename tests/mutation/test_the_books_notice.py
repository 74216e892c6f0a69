"""The books of the property tests have teeth: with a guard gone from every row, the adversary finds the hole."""

from dataclasses import replace
from random import Random

import pytest

from shared.domain import guards as g
from shared.domain.transitions import TABLE
from tests.unit.session_adversary import Adversary
from tests.unit.session_ledger import live_through

VITAL = (
    g.claimed_person,
    g.enough_officers,
    g.face_not_shown,
    g.in_front,
    g.last_voice_attempt,
    g.last_wrong_pin,
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


@pytest.mark.parametrize("guard", VITAL, ids=lambda guard: guard.__name__)
def test_the_adversary_finds_a_missing_guard(guard: g.Guard) -> None:
    holed = tuple(replace(row, guards=tuple(x for x in row.guards if x is not guard)) for row in TABLE)
    with pytest.raises(AssertionError):
        for seed in range(4000):
            live_through(Adversary(Random(seed)), 40, table=holed)
