"""The Blob service's failures as the domain's typed errors."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError, DeserializationError, HttpResponseError

from shared.domain.errors import (
    AlreadyExists,
    AtmError,
    BadRequest,
    LostRace,
    NotAllowed,
    NotFound,
    TooLarge,
    Unavailable,
)
from shared.logs import say

_BY_CODE: dict[str, type[AtmError]] = {
    "BlobNotFound": NotFound,
    "ContainerNotFound": NotFound,
    "BlobAlreadyExists": AlreadyExists,
    "ConditionNotMet": LostRace,
    "TargetConditionNotMet": LostRace,
    "RequestBodyTooLarge": TooLarge,
    "BlobImmutableDueToPolicy": NotAllowed,
    "BlobImmutableDueToLegalHold": NotAllowed,
}
_BY_STATUS: dict[int, type[AtmError]] = {404: NotFound, 412: LostRace, 413: TooLarge}


@contextmanager
def typed_errors() -> Iterator[None]:
    """No message of the SDK is kept: it may quote names, tags and headers."""
    try:
        yield
    except HttpResponseError as error:
        raise _typed(error) from error
    except (AzureError, DeserializationError) as error:  # the second: an answer that was spoiled on its way
        raise Unavailable("storage") from error


def error_code(error: HttpResponseError) -> str:
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code) or "")


def _typed(error: HttpResponseError) -> AtmError:
    code, status = error_code(error), error.status_code or 0
    if code == "InvalidRange" or status == 416:
        return BadRequest("bad_range")
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status)
    if kind is not None:
        return kind(f"storage answered {code or status}")
    if status == 400:
        return BadRequest("bad_request", f"storage answered {code or status}")
    say(logging.WARNING, "storage refuses", status_code=status, error=code)
    return Unavailable("storage", _retry_after(error))


def _retry_after(error: HttpResponseError) -> float:
    """Seconds; refused credentials, throttling and the service's own failures all mean: not now."""
    headers = getattr(error.response, "headers", None) or {}
    text = str(headers.get("Retry-After", ""))
    return min(float(text), 60.0) if text.isdecimal() else 2.0
