"""Every way an operation can fail, as types. `functions/problems.py` maps them to HTTP; nothing here knows of it.

A message is for a developer's log and holds no PIN, phone number, token, name or template.
"""


class AtmError(Exception):
    """Base of all expected failures. `code` is stable and public."""

    code = "failed"


class NotFound(AtmError):
    """The thing named does not exist (or has expired)."""

    code = "not_found"


class AlreadyExists(AtmError):
    """A create-only write met an existing document, blob or reservation."""

    code = "already_exists"


class LostRace(AtmError):
    """The ETag no longer matches: somebody else wrote first. Read again and decide anew."""

    code = "lost_race"


class LimitReached(AtmError):
    """A bounded counter is full. `retry_after` is in seconds, None when waiting does not help."""

    code = "limit_reached"

    def __init__(self, what: str, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class TooLarge(AtmError):
    """More bytes, pixels or seconds than the setting allows."""

    code = "too_large"


class MediaRejected(AtmError):
    """An image or a clip that cannot be accepted; `code` says why in one stable word."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class BadRequest(AtmError):
    """The caller's input is not of the stated form; `code` says which."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class NotAllowed(AtmError):
    """The caller is not who may do this (missing, wrong, expired or foreign credential)."""

    code = "not_allowed"


class Forbidden(AtmError):
    """Your role does not allow this, or it needs somebody else than you."""

    code = "forbidden"


class WrongState(AtmError):
    """The session (or challenge) is not in a state in which this can happen."""

    code = "wrong_state"


class Locked(AtmError):
    """The customer is not in front of the teller screen. It opens again as soon as they look at the camera."""

    code = "locked"


class Unavailable(AtmError):
    """A dependency (storage, documents, engine, provider) is down, slow or refusing. Fail closed, try later."""

    code = "unavailable"

    def __init__(self, dependency: str, retry_after: float = 2.0) -> None:
        super().__init__(f"{dependency} is not available")
        self.dependency = dependency
        self.retry_after = retry_after
