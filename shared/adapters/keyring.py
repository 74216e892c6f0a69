"""The server's secrets from one master key per key id, derived with HKDF-SHA-256 (RFC 5869) by purpose."""

import base64
import os
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

import jwt
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.domain.errors import NotAllowed
from shared.ports import Json

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_COORDINATE = 32
_NONCE = 12


class Keyring:
    """`masters`: key id → at least 32 secret bytes; the first is the current one. Ids are 1–16 of `a-z0-9`."""

    def __init__(self, masters: Mapping[str, bytes], issuer: str) -> None:
        if not masters:
            raise ValueError("at least one key is needed")
        for key, master in masters.items():
            if not re.fullmatch(r"[a-z0-9]{1,16}", key) or len(master) < 32:
                raise ValueError(f"key {key!r} needs a short lower-case id and at least 32 bytes")
        self._masters = dict(masters)
        self._issuer = issuer
        self._derive = lru_cache(maxsize=256)(self._derived)

    @property
    def current(self) -> str:
        return next(iter(self._masters))

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._masters)

    def secret(self, purpose: str, key: str) -> bytes:
        return self._derive(purpose, key, 32)

    def seal(self, purpose: str, plain: bytes, context: str) -> bytes:
        key = self.current
        nonce = os.urandom(_NONCE)
        cipher = AESGCM(self.secret(f"seal:{purpose}", key))
        return key.encode() + b"." + nonce + cipher.encrypt(nonce, plain, _bound(key, context))

    def open(self, purpose: str, sealed: bytes, context: str) -> bytes:
        head, _, rest = sealed.partition(b".")
        try:
            key = head.decode("ascii")
            cipher = AESGCM(self.secret(f"seal:{purpose}", key))
            return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], _bound(key, context))
        except (InvalidTag, UnicodeDecodeError, ValueError):
            raise NotAllowed("sealed data was altered or belongs elsewhere") from None

    def sign(self, claims: Mapping[str, Json]) -> str:
        payload = {"iss": self._issuer, **claims}
        return jwt.encode(payload, self._signing_key(self.current), algorithm="ES256", headers={"kid": self.current})

    def verify(self, token: str, audience: str, at: datetime) -> dict[str, Json]:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            if not isinstance(kid, str):
                raise NotAllowed("a token without a key id")
            claims: dict[str, Json] = jwt.decode(
                token,
                self._signing_key(kid).public_key(),
                algorithms=["ES256"],
                audience=audience,
                issuer=self._issuer,
                options={"require": ["exp", "iat", "jti", "aud", "iss"], "verify_exp": False, "verify_iat": False},
            )
        except (jwt.PyJWTError, UnicodeEncodeError):  # the latter for text that is no Unicode
            raise NotAllowed("not a token of ours") from None
        expiry = claims["exp"]
        if not isinstance(expiry, int | float) or at.timestamp() >= expiry:
            raise NotAllowed("the token has expired")
        return claims

    def jwks(self) -> dict[str, Json]:
        return {"keys": [self._public_jwk(key) for key in self._masters]}

    def verify_signature(self, public_key: Mapping[str, Json], message: bytes, signature: bytes) -> bool:
        try:
            if public_key.get("kty") != "EC" or public_key.get("crv") != "P-256" or len(signature) != 64:
                return False
            numbers = ec.EllipticCurvePublicNumbers(
                _coordinate(public_key.get("x")), _coordinate(public_key.get("y")), ec.SECP256R1()
            )
            r, s = (int.from_bytes(signature[i : i + _COORDINATE], "big") for i in (0, _COORDINATE))
            der = utils.encode_dss_signature(r, s)
            numbers.public_key().verify(der, message, ec.ECDSA(SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True

    def _derived(self, purpose: str, key: str, length: int) -> bytes:
        master = self._masters.get(key)
        if master is None:
            raise NotAllowed("made with a key that is not valid")
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=f"face-atm:{purpose}".encode()).derive(master)

    def _signing_key(self, key: str) -> ec.EllipticCurvePrivateKey:
        wide = int.from_bytes(self._derive("sign:es256", key, 48), "big")  # 128 extra bits: FIPS 186-5 A.2.1
        return ec.derive_private_key(wide % (_P256_ORDER - 1) + 1, ec.SECP256R1())

    def _public_jwk(self, key: str) -> dict[str, Json]:
        numbers = self._signing_key(key).public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "alg": "ES256",
            "use": "sig",
            "kid": key,
            "x": _encoded(numbers.x),
            "y": _encoded(numbers.y),
        }


def _bound(key: str, context: str) -> bytes:
    return f"{key}\n{context}".encode()


def _coordinate(value: Json) -> int:
    if not isinstance(value, str) or len(value) > 64:
        raise ValueError("not a coordinate")
    return int.from_bytes(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)), "big")


def _encoded(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(_COORDINATE, "big")).rstrip(b"=").decode()
