"""Times as text: UTC, milliseconds, `Z`, always the same length, so that text order is time order."""

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """`2026-11-22T13:41:47.123Z`, rounded down."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def from_stamp(text: str) -> datetime:
    """Raises ValueError."""
    return datetime.fromisoformat(text).astimezone(UTC)
