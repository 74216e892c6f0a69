"""Kiosks: paired once by a code; afterwards the page's own key signs each session start."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from shared.containers import KIOSKS, LIMITS
from shared.domain.errors import AlreadyExists, BadRequest, LostRace, NotAllowed, NotFound
from shared.domain.stamp import stamp
from shared.ports import Body, Clock, Document, Documents, Json, Keys, Query, Randomness
from shared.services.limits import Limit, Limits
from shared.services.pages import every

PAIRING_VALID = timedelta(minutes=15)
SIGNATURE_AGE = timedelta(seconds=60)
PAIRING_TRIES = Limit("pairing", most=20, window=timedelta(minutes=10))
_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 10  # 10 × log2(30) = 49 bits, usable once within 15 minutes and 20 tries in ten


@dataclass(frozen=True, slots=True, kw_only=True)
class Kiosk:
    """`public_key` is the page's P-256 key as a JWK; None until paired. `time_zone` is an IANA name."""

    id: str
    name: str
    time_zone: str
    created_at: datetime
    public_key: dict[str, str] | None = None
    paired_at: datetime | None = None
    revoked: bool = False
    pairing_hash: str | None = None
    pairing_expires: datetime | None = None
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStart:
    """The headers of a signed session start, and the body's bytes they cover."""

    kiosk: str
    time_ms: str
    nonce: str
    signature: str
    body: bytes


_codec: TypeAdapter[Kiosk] = TypeAdapter(Kiosk)


class Kiosks:
    def __init__(self, documents: Documents, keys: Keys, clock: Clock, randomness: Randomness, limits: Limits) -> None:
        self._documents = documents
        self._keys = keys
        self._clock = clock
        self._randomness = randomness
        self._limits = limits

    def create(self, kiosk_id: str, name: str, time_zone: str) -> Kiosk:
        """Raises AlreadyExists."""
        kiosk = Kiosk(id=kiosk_id, name=name, time_zone=time_zone, created_at=self._clock.now())
        document = self._documents.create(KIOSKS, kiosk_id, kiosk_id, _body(kiosk))
        return replace(kiosk, etag=document.etag)

    def get(self, kiosk_id: str) -> Kiosk | None:
        document = self._documents.get(KIOSKS, kiosk_id, kiosk_id)
        return _kiosk(document) if document else None

    def list(self) -> list[Kiosk]:
        return [_kiosk(d) for d in every(self._documents, Query(KIOSKS, order_by="name", limit=500))]

    def save(self, kiosk: Kiosk) -> Kiosk:
        """Replace by ETag. Raises LostRace."""
        document = self._documents.replace(KIOSKS, kiosk.id, kiosk.id, _body(kiosk), kiosk.etag)
        return replace(kiosk, etag=document.etag)

    def pairing_code(self, kiosk_id: str) -> str:
        """A one-time code for a kiosk; only its keyed hash is kept. An earlier code dies."""
        kiosk = self.get(kiosk_id)
        if kiosk is None:
            raise NotFound("no such kiosk")
        letters = self._randomness.bytes(_CODE_LENGTH)
        code = "".join(_CODE_LETTERS[b % len(_CODE_LETTERS)] for b in letters)
        expires = self._clock.now() + PAIRING_VALID
        self.save(replace(kiosk, pairing_hash=self._code_hash(code), pairing_expires=expires, revoked=False))
        self._documents.create(
            LIMITS, place := f"pairing.{self._code_hash(code)[:40]}", place, {"kiosk": kiosk_id}, ttl=900
        )
        return code

    def pair(self, code: str, public_key: dict[str, Json], address: str) -> Kiosk:
        """Take a page's key for the kiosk the code names, once. Raises NotAllowed, LimitReached."""
        caller = hashlib.sha256(address.encode("utf-8", "replace")).hexdigest()[:16]
        self._limits.take(PAIRING_TRIES, caller)
        code_hash = self._code_hash("".join(code.upper().split()).replace("-", ""))
        place = f"pairing.{code_hash[:40]}"
        pending = self._documents.get(LIMITS, place, place)
        kiosk = self.get(str(pending.body["kiosk"])) if pending else None
        if kiosk is None or kiosk.pairing_hash is None or kiosk.pairing_expires is None:
            raise NotAllowed("no such pairing code")
        if not hmac.compare_digest(kiosk.pairing_hash, code_hash) or self._clock.now() >= kiosk.pairing_expires:
            raise NotAllowed("no such pairing code")
        jwk = {name: value for name in ("kty", "crv", "x", "y") if isinstance(value := public_key.get(name), str)}
        if set(jwk) != {"kty", "crv", "x", "y"} or sum(map(len, jwk.values())) > 200:
            raise BadRequest("bad_public_key", "`publicKey` must be a P-256 public JWK")
        try:
            paired = self.save(
                replace(
                    kiosk,
                    public_key=jwk,
                    paired_at=self._clock.now(),
                    revoked=False,
                    pairing_hash=None,
                    pairing_expires=None,
                )
            )
        except LostRace:
            raise NotAllowed("the pairing code was used at the same time") from None
        self._limits.give_back(PAIRING_TRIES, caller)
        self._documents.delete(LIMITS, place, place)
        return paired

    def authenticate(self, start: SignedStart) -> Kiosk:
        """The kiosk that signed this start, freshly and once. Raises NotAllowed."""
        plain = (start.kiosk + start.time_ms + start.nonce + start.signature).isascii()
        kiosk = self.get(start.kiosk) if plain and start.kiosk.isalnum() else None
        if kiosk is None or kiosk.public_key is None or kiosk.revoked:
            raise NotAllowed("not a paired kiosk")
        message = signed_message(start.kiosk, start.time_ms, start.nonce, start.body)
        try:
            signature = base64.urlsafe_b64decode(start.signature + "=" * (-len(start.signature) % 4))
            sent = int(start.time_ms) / 1000
        except ValueError:
            raise NotAllowed("not a signature") from None
        now = self._clock.now().timestamp()
        if not self._keys.verify_signature({**kiosk.public_key}, message, signature):
            raise NotAllowed("the signature does not hold")
        if abs(now - sent) > SIGNATURE_AGE.total_seconds():
            raise NotAllowed("the signature is too old")
        nonce = hashlib.sha256(start.nonce.encode()).hexdigest()[:32]
        place = f"nonce.{start.kiosk}.{nonce}"
        try:
            self._documents.create(LIMITS, place, place, {}, ttl=int(2 * SIGNATURE_AGE.total_seconds()) + 1)
        except AlreadyExists:
            raise NotAllowed("the signed start was used before") from None
        return kiosk

    def _code_hash(self, code: str) -> str:
        secret = self._keys.secret("pairing", self._keys.current)
        return hmac.new(secret, code.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def signed_message(kiosk: str, time_ms: str, nonce: str, body: bytes) -> bytes:
    """What a kiosk signs to start a session."""
    return f"POST\n/api/sessions\n{kiosk}\n{time_ms}\n{nonce}\n{hashlib.sha256(body).hexdigest()}".encode()


def _body(kiosk: Kiosk) -> Body:
    body: Body = _codec.dump_python(kiosk, mode="json")
    body.pop("id")
    body.pop("etag")
    return body | {"createdAt": stamp(kiosk.created_at)}


def _kiosk(document: Document) -> Kiosk:
    known = {k: v for k, v in document.body.items() if k != "createdAt"}
    return _codec.validate_python({**known, "id": document.id, "etag": document.etag})
