"""The local operators' credentials: `name:role:scrypt$15$8$3$salt$hash`, several separated by commas.

Only scrypt's output is in the setting. Its cost is one of those OWASP's Password Storage Cheat Sheet lists as equal
(N=2^15, r=8, p=3: 32 MB of memory for each try).
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass

from shared.domain.roles import Role

SALT_BYTES = 16
_LOG_N, _R, _P = 15, 8, 3
_LEAST_LOG_N, _MOST_LOG_N, _MOST_R, _MOST_P = 14, 20, 16, 8
_HASH_BYTES = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class Scrypt:
    """A hashed password with the numbers it was made with. `log_n`: the cost N as a power of two."""

    salt: bytes
    hash: bytes
    log_n: int = _LOG_N
    r: int = _R
    p: int = _P

    def matches(self, password: str) -> bool:
        """In constant time once scrypt has run."""
        return hmac.compare_digest(_scrypt(password, self.salt, self.log_n, self.r, self.p), self.hash)

    def __str__(self) -> str:
        encoded = (base64.b64encode(part).decode() for part in (self.salt, self.hash))
        return "$".join(("scrypt", f"{self.log_n}", f"{self.r}", f"{self.p}", *encoded))


@dataclass(frozen=True, slots=True)
class Credential:
    name: str
    role: Role
    password: Scrypt

    def __str__(self) -> str:
        return f"{self.name}:{self.role}:{self.password}"


def hashed(password: str, salt: bytes, log_n: int = _LOG_N, r: int = _R, p: int = _P) -> Scrypt:
    """`salt` is random, `SALT_BYTES` long."""
    return Scrypt(salt, _scrypt(password, salt, log_n, r, p), log_n, r, p)


def parse_credentials(setting: str) -> dict[str, Credential]:
    """The credentials of the setting by name. Raises ValueError, which never quotes a part of it."""
    found: dict[str, Credential] = {}
    for part in filter(None, (p.strip() for p in setting.split(","))):
        name, _, rest = part.partition(":")
        role, _, password = rest.partition(":")
        if not _NAME.fullmatch(name) or role not in set(Role) or name in found:
            raise ValueError("LOCAL_OPERATORS must be `name:role:scrypt$…`, each name once, separated by commas")
        found[name] = Credential(name, Role(role), _parse_scrypt(password))
    return found


def _parse_scrypt(text: str) -> Scrypt:
    try:
        kind, log_n, r, p, salt, digest = text.split("$")
        numbers = int(log_n), int(r), int(p)
        parsed = Scrypt(base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True), *numbers)
    except (ValueError, binascii.Error):
        raise ValueError("LOCAL_OPERATORS holds a password that is not `scrypt$N$r$p$salt$hash`") from None
    bounded = _LEAST_LOG_N <= parsed.log_n <= _MOST_LOG_N and 1 <= parsed.r <= _MOST_R and 1 <= parsed.p <= _MOST_P
    if kind != "scrypt" or not bounded or len(parsed.salt) < SALT_BYTES or len(parsed.hash) != _HASH_BYTES:
        raise ValueError("LOCAL_OPERATORS holds a password hashed too weakly, or too costly to check")
    return parsed


def _scrypt(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    memory = 128 * r * (2**log_n + p + 2)
    return hashlib.scrypt(
        password.encode("utf-8", "replace"), salt=salt, n=2**log_n, r=r, p=p, maxmem=2 * memory, dklen=_HASH_BYTES
    )
