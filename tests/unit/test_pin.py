"""The one-time PIN and its message."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.pin import NONCE_BYTES, pin_code, same_code
from tests.unit.pin_cases import CODES, KEY, LIFE, Case, truncated

KEYS = st.binary(min_size=16, max_size=64)
NONCES = st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES).map(bytes.hex)


@pytest.mark.parametrize("case", [*CODES, *LIFE], ids=lambda case: case.story)
def test_of_a_code(case: Case) -> None:
    assert case.holds(), case.story


@given(key=KEYS, nonce=NONCES)
def test_a_code_is_six_digits_by_the_rfc_and_always_the_same(key: bytes, nonce: str) -> None:
    code = pin_code(key, nonce)
    assert len(code) == 6
    assert code.isascii()
    assert code.isdigit()
    assert code == pin_code(key, nonce.upper()) == truncated(key, nonce)


@given(typed=st.text(alphabet=st.characters(), max_size=12), nonce=NONCES)
def test_whatever_is_typed_only_the_code_is_the_code(typed: str, nonce: str) -> None:
    code = pin_code(KEY, nonce)
    assert same_code(typed, code) is (typed == code)


def test_codes_are_spread_evenly() -> None:
    """Chi-square over each digit's place for 20,000 nonces: 9 degrees of freedom, 33.7 is exceeded once in 10,000."""
    random = Random(20261122)
    codes = [pin_code(KEY, random.randbytes(NONCE_BYTES).hex()) for _ in range(20_000)]
    for place in range(6):
        counts = Counter(code[place] for code in codes)
        assert sum((counts[digit] - 2000) ** 2 / 2000 for digit in "0123456789") < 33.7
