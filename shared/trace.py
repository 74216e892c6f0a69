"""One correlation id a visit: the trace (W3C Trace Context, level 1) that the kiosk's page begins.

Every request carries it in `traceparent`, every recording in its metadata, and the trigger that gets the recording's
event takes it up again, so that all log lines from the first request to the grant have the same `trace`.
"""

import re
from contextvars import ContextVar

METADATA = "traceparent"
"""The recording's metadata that holds it."""

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def adopt(traceparent: str | None) -> None:
    """Work on under this trace from here on; anything that is no `traceparent` means under none.

    Threads serve one invocation after another: each must adopt its own, so that none works under the last one's.
    """
    _current.set(traceparent if traceparent is not None and _TRACEPARENT.fullmatch(traceparent) else None)


def current() -> str | None:
    return _current.get()


def trace_id() -> str | None:
    """32 hexadecimal digits."""
    traceparent = _current.get()
    return traceparent.split("-")[1] if traceparent else None
