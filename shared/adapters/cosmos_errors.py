"""Cosmos DB's failures as the domain's typed errors."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError
from azure.cosmos.exceptions import CosmosClientTimeoutError, CosmosHttpResponseError

from shared.domain.errors import AlreadyExists, AtmError, BadRequest, LostRace, NotFound, TooLarge, Unavailable
from shared.logs import say

_BY_STATUS: dict[int, type[AtmError]] = {404: NotFound, 409: AlreadyExists, 412: LostRace, 413: TooLarge, 449: LostRace}
"""449 says that another write of the same document was under way and that this one did nothing."""
_MISSING_PARENT = 1003
"""Sub-status of a 404 that means the container, or its database, is missing: not a document that does not exist."""
_MOST_SECONDS = 60.0


@contextmanager
def typed_errors() -> Iterator[None]:
    """No message of the SDK is kept: it may quote documents and queries."""
    try:
        yield
    except CosmosHttpResponseError as error:
        raise _typed(error) from error
    except (AzureError, CosmosClientTimeoutError) as error:
        raise Unavailable("documents") from error


def _typed(error: CosmosHttpResponseError) -> AtmError:
    status = error.status_code or 0
    kind = _BY_STATUS.get(status)
    if kind is not None and not (status == 404 and error.sub_status == _MISSING_PARENT):
        return kind(f"Cosmos DB answered {status}")
    if status == 400:
        return BadRequest("bad_request", "Cosmos DB answered 400")
    say(logging.WARNING, "documents refuse", status_code=status, sub_status=error.sub_status)
    return Unavailable("documents", _retry_after(error))


def _retry_after(error: CosmosHttpResponseError) -> float:
    headers = getattr(error, "headers", None) or {}
    text = str(headers.get("x-ms-retry-after-ms", ""))
    return min(max(float(text) / 1000, 0.1), _MOST_SECONDS) if text.isdecimal() else 2.0
