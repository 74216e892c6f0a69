"""What every list has: `limit`, `cursor` and flags; and ids, which name nothing unless they look like one."""

import re

import azure.functions as func

from shared.domain.errors import BadRequest, NotFound

_CURSOR_MOST = 4_000
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def limit_of(req: func.HttpRequest, default: int = 50, most: int = 200) -> int:
    """Raises BadRequest("bad_limit")."""
    text = req.params.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= most):
        raise BadRequest("bad_limit", f"`limit` is 1 to {most}")
    return int(text)


def cursor_of(req: func.HttpRequest) -> str | None:
    """Raises BadRequest("bad_cursor")."""
    cursor = req.params.get("cursor") or None
    if cursor is not None and len(cursor) > _CURSOR_MOST:
        raise BadRequest("bad_cursor")
    return cursor


def flag(req: func.HttpRequest, name: str) -> bool | None:
    """None where it is missing. Raises BadRequest("bad_flag")."""
    text = req.params.get(name)
    if text not in {None, "true", "false"}:
        raise BadRequest("bad_flag", f"`{name}` is true or false")
    return None if text is None else text == "true"


def known_id(text: object) -> str:
    """Raises NotFound for what cannot be the id of anything."""
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise NotFound("no such id")
    return text
