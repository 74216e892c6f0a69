"""Questions about visits as they are asked: query parameters and JSON fields, checked."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from shared.domain.errors import BadRequest
from shared.domain.recording import KIOSK
from shared.domain.session import Reason
from shared.domain.visit_facts import Faces, Outcome
from shared.services.recordings.visit_query import PAGE_MOST, VisitQuestion

FIELDS = ("from", "to", "kiosk", "person", "claimed", "outcome", "reason", "session", "reference", "faces", "two")
_PATTERNS = {
    "kiosk": re.compile(KIOSK),
    "person": re.compile(r"[A-Za-z0-9_-]{1,64}"),
    "claimed": re.compile(r"[A-Za-z0-9_-]{1,64}"),
    "session": re.compile(rf"{KIOSK}_\d{{8}}_[a-z2-7]{{24}}"),
    "reference": re.compile(rf"{KIOSK}-[0-9A-Z]{{4}}"),
}
_CURSOR_MOST = 4_000


def question_of(asked: Mapping[str, object]) -> VisitQuestion:
    """Raises BadRequest("bad_question")."""
    return VisitQuestion(
        low=time_of(asked, "from"),
        high=time_of(asked, "to"),
        kiosk=_matching(asked, "kiosk"),
        person=_matching(asked, "person"),
        claimed=_matching(asked, "claimed"),
        outcome=Outcome(word) if (word := _one_of(asked, "outcome", set(Outcome))) else None,
        reason=_one_of(asked, "reason", set(Reason)),
        session=_matching(asked, "session"),
        reference=_matching(asked, "reference"),
        faces=Faces(word) if (word := _one_of(asked, "faces", set(Faces))) else None,
        two=flag_of(asked, "two"),
    )


def limit_of(asked: Mapping[str, object], default: int = 50, most: int = PAGE_MOST) -> int:
    """Raises BadRequest("bad_limit")."""
    text = str(asked.get("limit") or default)
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= most):
        raise BadRequest("bad_limit", f"`limit` is 1 to {most}")
    return int(text)


def cursor_of(asked: Mapping[str, object]) -> str | None:
    """Raises BadRequest("bad_cursor")."""
    cursor = asked.get("cursor") or None
    if cursor is not None and (not isinstance(cursor, str) or len(cursor) > _CURSOR_MOST):
        raise BadRequest("bad_cursor")
    return cursor


def time_of(asked: Mapping[str, object], name: str) -> datetime | None:
    """ISO 8601 with its offset: a time without one is nobody's. Raises BadRequest("bad_question")."""
    text = _text(asked, name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # a `+` in an address arrives as a space
        if at.tzinfo is None or not 2000 <= at.year <= 2200:
            raise ValueError
    except ValueError:
        raise BadRequest("bad_question", f"`{name}` is a time like 2026-11-22T05:00:00Z") from None
    return at.astimezone(UTC)


def flag_of(asked: Mapping[str, object], name: str) -> bool:
    """Raises BadRequest("bad_question")."""
    value = asked.get(name)
    if value in (None, "", "true", "false", True, False):
        return value in ("true", True)
    raise BadRequest("bad_question", f"`{name}` is true or false")


def _matching(asked: Mapping[str, object], name: str) -> str | None:
    text = _text(asked, name)
    if text is not None and not _PATTERNS[name].fullmatch(text):
        raise BadRequest("bad_question", f"`{name}` cannot be one")
    return text


def _one_of(asked: Mapping[str, object], name: str, words: set[str]) -> str | None:
    text = _text(asked, name)
    if text is not None and text not in words:
        raise BadRequest("bad_question", f"`{name}` is one of {', '.join(sorted(words))}")
    return text


def _text(asked: Mapping[str, object], name: str) -> str | None:
    value = asked.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > 100:
        raise BadRequest("bad_question", f"`{name}` must be short text")
    return value
