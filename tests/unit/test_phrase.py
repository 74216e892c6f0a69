"""The digits to read aloud."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.phrase import phrase_digits
from tests.unit.pin_cases import PHRASES, Case


@pytest.mark.parametrize("case", PHRASES, ids=lambda case: case.story)
def test_of_the_phrases_digits(case: Case) -> None:
    assert case.holds(), case.story


@given(random=st.binary(min_size=8, max_size=32))
def test_any_eight_bytes_give_six_digits(random: bytes) -> None:
    digits = phrase_digits(random)
    assert len(digits) == 6
    assert int(digits) == int.from_bytes(random[:8], "big") % 1_000_000
