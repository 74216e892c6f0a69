"""Keyset cursors: the last document's place in the order, sealed and bound to its query.

A place may hold what the list is sorted by, a name for instance, and a cursor ends in URLs and access logs: so it is
encrypted as well as signed (AES-256-GCM, NIST SP 800-38D; the query is the associated data).
"""

import base64
import hashlib
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.domain.errors import BadRequest
from shared.ports import Randomness

type Place = tuple[str | int | float, ...]

_NONCE = 12
_MAX_LENGTH = 16_384


class Cursors:
    """Seals with the key named `current`, opens with any of `keys` (at least 16 random bytes each).

    A cursor reads `keyid.base64url`. Altered, foreign or malformed ones raise BadRequest("bad_cursor").
    """

    def __init__(self, keys: Mapping[str, bytes], current: str, randomness: Randomness) -> None:
        if any(len(key) < 16 for key in keys.values()) or any("." in name for name in keys):
            raise ValueError("a cursor key has at least 16 bytes and no dot in its name")
        self._ciphers = {
            name: AESGCM(hashlib.sha256(b"face-atm cursor\0" + key).digest()) for name, key in keys.items()
        }
        self._ciphers[current]  # a missing key stops the start, not the first page
        self._current = current
        self._randomness = randomness

    def seal(self, place: Place, binding: bytes) -> str:
        nonce = self._randomness.bytes(_NONCE)
        sealed = self._ciphers[self._current].encrypt(nonce, json.dumps(place, ensure_ascii=False).encode(), binding)
        return f"{self._current}.{_text(nonce + sealed)}"

    def open(self, cursor: str, binding: bytes) -> Place:
        name, dot, text = cursor.partition(".")
        cipher = self._ciphers.get(name)
        if not dot or cipher is None or len(cursor) > _MAX_LENGTH:
            raise BadRequest("bad_cursor")
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            if _text(raw) != text:
                raise BadRequest("bad_cursor")
            return tuple(json.loads(cipher.decrypt(raw[:_NONCE], raw[_NONCE:], binding)))
        except (InvalidTag, ValueError) as error:
            raise BadRequest("bad_cursor") from error


def _text(raw: bytes) -> str:
    """Base64url without padding; the only spelling `open` accepts."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
