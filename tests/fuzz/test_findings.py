"""What fuzzing found, each input kept as it was found (shortened)."""

import pytest

from shared.domain.errors import NotAllowed, NotFound
from shared.domain.roles import Operator, Role
from tests.fakes import NOON, fake_keys
from tests.stage import StageApp


@pytest.mark.parametrize("token", ["e30\udca3.e30.AA", "\udc80"])
def test_a_token_that_is_no_unicode_is_no_token(token: str) -> None:
    """`Keys.verify` let the JWT library's UnicodeEncodeError through."""
    with pytest.raises(NotAllowed):
        fake_keys().verify(token, "bank-teller", NOON)


def test_an_id_that_no_store_can_hold_is_nobodys() -> None:
    """A person, an open item: control characters in the path were a `bad_id` that the API does not promise."""
    app = StageApp()
    assert app.people.get("C\x0f\x03\x16") is None
    assert app.attention.get("C\x0f\x03\x16") is None
    with pytest.raises(NotFound):
        app.attention.acknowledge(Operator("olga", "olga", Role.OFFICER), "a/b", None)
