"""What fuzzing found, each input kept as it was found (shortened)."""

import pytest

from shared.domain.errors import NotAllowed
from tests.fakes import NOON, fake_keys


@pytest.mark.parametrize("token", ["e30\udca3.e30.AA", "\udc80"])
def test_a_token_that_is_no_unicode_is_no_token(token: str) -> None:
    """`Keys.verify` let the JWT library's UnicodeEncodeError through."""
    with pytest.raises(NotAllowed):
        fake_keys().verify(token, "bank-teller", NOON)
