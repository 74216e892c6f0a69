"""What the Blob service's client raises, as the app's own errors."""

import pytest
from azure.core.exceptions import DeserializationError, HttpResponseError, ServiceRequestError

from shared.adapters.blob_errors import typed_errors
from shared.domain.errors import Unavailable


@pytest.mark.parametrize(
    "raised",
    [
        ServiceRequestError("nobody listens at 10.0.0.1"),
        HttpResponseError("a page of XML with names in it"),
        DeserializationError("Unable to deserialize response data. Data: <Element 'Content-MD5'>"),
    ],
    ids=lambda raised: type(raised).__name__,
)
def test_a_store_that_is_away_or_whose_answer_was_spoiled_is_unavailable_and_says_nothing_of_what(
    raised: Exception,
) -> None:
    with pytest.raises(Unavailable) as seen, typed_errors():
        raise raised
    assert str(raised) not in str(seen.value)
