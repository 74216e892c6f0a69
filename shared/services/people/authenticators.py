"""The authenticator app of a person: the code that needs no message. Its secret is sealed, and each step counts once.

One document a person. A new secret waits beside the old one until a code of it was typed: only then it takes its place.
"""

import base64
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.containers import PEOPLE
from shared.domain.errors import AlreadyExists, BadRequest, LostRace, WrongState
from shared.domain.stamp import from_stamp, stamp
from shared.ports import AuthenticatorCodes, Body, Clock, Document, Documents, Keys, Randomness
from shared.services.limits import Limit, Limits

KIND = "authenticator"
SECRET_BYTES = 20  # RFC 4226 §4 recommends 160 bits
_PURPOSE = "authenticator"
_SETUP = timedelta(minutes=15)
_UNTIL_REGISTERED = 3600
_TRIES = Limit("authenticator-tries", most=10, window=timedelta(hours=1))


class Verdict(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    USED = "used"  # right, but this step was accepted before


class NoAuthenticator(WrongState):
    """No authenticator app is set up for this person."""

    code = "no_authenticator"


class NotBegun(WrongState):
    """No authenticator app is being set up, or it took too long. Start again."""

    code = "setup_not_begun"


@dataclass(frozen=True, slots=True)
class Setup:
    """Shown once. `secret` is what the QR code (`qr`, SVG) and the `uri` hold, for typing by hand."""

    secret: str
    uri: str
    qr: str


class Authenticators:
    """`issuer` is the name the app shows."""

    def __init__(
        self,
        documents: Documents,
        keys: Keys,
        codes: AuthenticatorCodes,
        clock: Clock,
        randomness: Randomness,
        limits: Limits,
        issuer: str,
    ) -> None:
        self._documents = documents
        self._keys = keys
        self._codes = codes
        self._clock = clock
        self._randomness = randomness
        self._limits = limits
        self._issuer = issuer

    def has(self, person: str) -> bool:
        """Whether an app is set up."""
        document = self._document(person)
        return document is not None and document.body["sealed"] is not None

    def begin(self, person: str, account: str, *, registered: bool = True) -> Setup:
        """A new secret, to be confirmed within a quarter of an hour. What was set up before stays until then.

        A person who is not `registered` yet must be within the hour (`keep`), or nothing remains.
        """
        secret = base64.b32encode(self._randomness.bytes(SECRET_BYTES)).decode()
        sealed = base64.b64encode(self._keys.seal(_PURPOSE, secret.encode(), person)).decode()
        pending: Body = {"pending": sealed, "begunAt": stamp(self._clock.now())}
        empty: Body = {"kind": KIND, "person": person, "sealed": None, "lastStep": 0, "addedAt": None}
        ttl = None if registered else _UNTIL_REGISTERED
        while True:
            document = self._document(person)
            try:
                if document is None:
                    self._documents.create(PEOPLE, _place(person), _place(person), {**empty, **pending}, ttl=ttl)
                else:
                    self._save(document, pending, ttl)
            except (AlreadyExists, LostRace):
                continue
            uri = self._codes.uri(secret, account, self._issuer)
            return Setup(secret, uri, self._codes.qr(uri))

    def confirm(self, person: str, code: str, *, registered: bool = True) -> bool:
        """Take the new secret into use if this is a code of it. Raises NotBegun, LimitReached, BadRequest, LostRace."""
        _check(code)
        document = self._document(person)
        begun = document.body.get("begunAt") if document else None
        if document is None or not isinstance(begun, str) or self._clock.now() - from_stamp(begun) >= _SETUP:
            raise NotBegun("no setup")
        self._limits.take(_TRIES, person)
        step = self._codes.step(self._open(document.body["pending"], person), code, self._clock.now())
        if step is None:
            return False
        fresh: Body = {"sealed": document.body["pending"], "pending": None, "begunAt": None, "lastStep": step}
        ttl = None if registered else _UNTIL_REGISTERED
        self._save(document, {**fresh, "addedAt": stamp(self._clock.now())}, ttl)
        return True

    def judge(self, person: str, code: str) -> Verdict:
        """Of any number of callers with the code of one step, one is told RIGHT. Raises NoAuthenticator, BadRequest."""
        _check(code)
        while True:
            document = self._document(person)
            if document is None or document.body["sealed"] is None:
                raise NoAuthenticator("none set up")
            step = self._codes.step(self._open(document.body["sealed"], person), code, self._clock.now())
            if step is None:
                return Verdict.WRONG
            if step <= int(str(document.body["lastStep"])):
                return Verdict.USED
            try:
                self._save(document, {"lastStep": step}, None)
            except LostRace:
                continue
            return Verdict.RIGHT

    def keep(self, person: str) -> None:
        """The person is registered now: what was set up before stays for good."""
        document = self._document(person)
        if document is not None and document.body["sealed"] is not None:
            self._save(document, {}, None)

    def remove(self, person: str) -> bool:
        """False when there was none."""
        had = self.has(person)
        self._documents.delete(PEOPLE, _place(person), _place(person))
        return had

    def _document(self, person: str) -> Document | None:
        return self._documents.get(PEOPLE, _place(person), _place(person))

    def _save(self, document: Document, changes: Body, ttl: int | None) -> None:
        body = {**document.body, **changes}
        self._documents.replace(PEOPLE, document.partition, document.id, body, document.etag, ttl=ttl)

    def _open(self, sealed: object, person: str) -> str:
        return self._keys.open(_PURPOSE, base64.b64decode(str(sealed)), person).decode()


def _place(person: str) -> str:
    return f"{KIND}.{person}"


def _check(code: str) -> None:
    """Raises BadRequest("bad_code")."""
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        raise BadRequest("bad_code", "the code has 6 digits")
