"""Keyset cursors: the last document's place in the order, sealed and bound to its query.

A place may hold what the list is sorted by, a name for instance, and a cursor ends in URLs and access logs: so it is
encrypted as well as authenticated.
"""

import base64
import json

from shared.domain.errors import BadRequest, NotAllowed
from shared.ports import Keys

type Place = tuple[str | int | float, ...]

_PURPOSE = "cursor"
_MAX_LENGTH = 16_384


class Cursors:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def seal(self, place: Place, binding: str) -> str:
        plain = json.dumps(place, ensure_ascii=False).encode()
        return _text(self._keys.seal(_PURPOSE, plain, binding))

    def open(self, cursor: str, binding: str) -> Place:
        """Raises BadRequest("bad_cursor") for one that is altered, of another query or of a key no longer valid."""
        if len(cursor) > _MAX_LENGTH:
            raise BadRequest("bad_cursor")
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            if _text(sealed) != cursor:
                raise BadRequest("bad_cursor")
            return tuple(json.loads(self._keys.open(_PURPOSE, sealed, binding)))
        except (NotAllowed, ValueError) as error:
            raise BadRequest("bad_cursor") from error


def _text(raw: bytes) -> str:
    """Base64url without padding, the one spelling a cursor has."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
