"""Who works here: a local sign-in with a session of its own, or what App Service Authentication says in front of us."""

import base64
import binascii
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.containers import LIMITS
from shared.domain.credentials import SALT_BYTES, Credential, hashed
from shared.domain.errors import AtmError, LostRace, NotAllowed
from shared.domain.roles import Operator, Role
from shared.domain.stamp import from_stamp, stamp
from shared.logs import say
from shared.ports import Clock, Document, Documents, Randomness
from shared.services.audit.entries import Audit
from shared.services.limits import Limit, Limits

_TOKEN_BYTES = 32
_TOKEN_MOST = 100
_PRINCIPAL_MOST = 32_768
_SEEN_EVERY = timedelta(minutes=1)  # an idle session is noticed a minute late, and polls hardly ever write
_OBJECT_ID = ("http://schemas.microsoft.com/identity/claims/objectidentifier", "oid")
_TENANT_ID = ("http://schemas.microsoft.com/identity/claims/tenantid", "tid")
_NAMES = ("preferred_username", "name")


class SignIn(StrEnum):
    LOCAL = "local"
    ENTRA = "entra"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRule:
    """Tries count in windows of 15 minutes; a right password gives its try back. `tenant`: of the Entra directory."""

    kind: SignIn
    tenant: str | None = None
    life: timedelta = timedelta(hours=8)
    idle: timedelta = timedelta(minutes=30)
    tries_name: int = 10
    tries_address: int = 30


class Operators:
    def __init__(
        self,
        documents: Documents,
        clock: Clock,
        randomness: Randomness,
        limits: Limits,
        audit: Audit,
        credentials: Mapping[str, Credential],
        rule: SignInRule,
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._randomness = randomness
        self._limits = limits
        self._audit = audit
        self._credentials = credentials
        self._rule = rule
        window = timedelta(minutes=15)
        self._per_name = Limit("operator-name", rule.tries_name, window)
        self._per_address = Limit("operator-address", rule.tries_address, window)

    @property
    def life(self) -> timedelta:
        return self._rule.life

    def login(self, name: str, password: str, address: str) -> tuple[Operator, str]:
        """A session token for a right name and password. Raises NotAllowed, alike for both, and LimitReached."""
        if self._rule.kind is not SignIn.LOCAL:
            raise NotAllowed("there is no local sign-in here")
        tried = ((self._per_address, _short_hash(address)), (self._per_name, _short_hash(name)))
        for limit, subject in tried:
            self._limits.take(limit, subject)
        credential = self._credentials.get(name)
        if credential is None:
            hashed(password, bytes(SALT_BYTES))  # an unknown name takes as long as a wrong password
            self._audit.record(None, "operator_refused")
            raise NotAllowed("not an operator's name and password")
        operator = Operator(credential.name, credential.name, credential.role)
        if not credential.password.matches(password):
            self._audit.record(None, "operator_refused", name=credential.name)
            raise NotAllowed("not an operator's name and password")
        for limit, subject in tried:
            self._limits.give_back(limit, subject)
        self._audit.record(operator, "operator_login")
        return operator, self._begin(credential)

    def logout(self, operator: Operator, token: str | None) -> None:
        self._audit.record(operator, "operator_logout")
        if self._rule.kind is SignIn.LOCAL and token:
            self._documents.delete(LIMITS, _place(token), _place(token))

    def identify(self, token: str | None, principal: str | None) -> Operator:
        """Who calls: the cookie's token or the platform's header, whichever the setting trusts. Raises NotAllowed."""
        match self._rule.kind:
            case SignIn.LOCAL:
                return self._by_token(token)
            case SignIn.ENTRA:
                return by_principal(principal, self._rule.tenant)
            case SignIn.NONE:
                raise NotAllowed("no operator can sign in here")

    def refused(self, operator: Operator, operation: str) -> None:
        """Somebody reached for what their role does not have."""
        self._audit.record(operator, "refused", operation=operation)

    def _begin(self, credential: Credential) -> str:
        token = base64.urlsafe_b64encode(self._randomness.bytes(_TOKEN_BYTES)).rstrip(b"=").decode()
        now = stamp(self._clock.now())
        body = {"operator": credential.name, "madeWith": _fingerprint(credential), "begunAt": now, "seenAt": now}
        life = int(self._rule.life.total_seconds())
        self._documents.create(LIMITS, _place(token), _place(token), {**body}, ttl=life)
        return token

    def _by_token(self, token: str | None) -> Operator:
        if not token or len(token) > _TOKEN_MOST:
            raise NotAllowed("not signed in")
        document = self._documents.get(LIMITS, _place(token), _place(token))
        if document is None:
            raise NotAllowed("not signed in")
        credential = self._credentials.get(str(document.body["operator"]))
        if credential is None or document.body["madeWith"] != _fingerprint(credential):
            raise NotAllowed("the credential was withdrawn")
        self._seen(document)
        return Operator(credential.name, credential.name, credential.role)

    def _seen(self, document: Document) -> None:
        now = self._clock.now()
        begun, seen = (from_stamp(str(document.body[name])) for name in ("begunAt", "seenAt"))
        if now - seen >= self._rule.idle or now - begun >= self._rule.life:
            raise NotAllowed("the session is over")
        if now - seen >= _SEEN_EVERY:
            self._touch(document, begun, now)

    def _touch(self, document: Document, begun: datetime, now: datetime) -> None:
        left = max(1, int((begun + self._rule.life - now).total_seconds()))
        body = {**document.body, "seenAt": stamp(now)}
        try:
            self._documents.replace(LIMITS, document.partition, document.id, body, document.etag, ttl=left)
        except LostRace:
            return  # another request of the same session noted it, or it was signed out
        except AtmError as failure:
            say(logging.WARNING, "operator session not prolonged", error=failure.code)


def by_principal(header: str | None, tenant: str | None = None) -> Operator:
    """The operator App Service Authentication names in X-MS-CLIENT-PRINCIPAL. Raises NotAllowed.

    Base64 of `{auth_typ, name_typ, role_typ, claims: [{typ, val}]}`, with some claims under the long names that the
    platform maps them to; the app roles are named viewer, officer and admin, and the highest one counts:
    https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities
    With `tenant`, only that directory's own people: another one may give its people any role it likes.
    """
    if not header or len(header) > _PRINCIPAL_MOST:
        raise NotAllowed("not signed in")
    try:
        principal = json.loads(base64.b64decode(header, validate=True))
        claims = [(str(c["typ"]), str(c["val"])) for c in principal["claims"]]
        directory, role_type = str(principal["auth_typ"]), str(principal.get("role_typ") or "roles")
        names = (*_NAMES, str(principal.get("name_typ") or "name"))
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotAllowed("not a principal") from None
    roles = {value for kind, value in claims if kind in {role_type, "roles"}}
    role = next((r for r in reversed(Role) if r in roles), None)
    who = next((value for kind, value in claims if kind in _OBJECT_ID), None)
    if directory != "aad" or role is None or not who:
        raise NotAllowed("a principal without a role here")
    if tenant is not None and {value for kind, value in claims if kind in _TENANT_ID} != {tenant}:
        raise NotAllowed("of another directory")
    name = next((value for wanted in names for kind, value in claims if kind == wanted), who)
    return Operator(who[:64], name[:80], role)


def _place(token: str) -> str:
    """Tokens have 256 random bits: one SHA-256 is enough to store them safely."""
    return f"operator.{hashlib.sha256(token.encode('utf-8', 'replace')).hexdigest()}"


def _fingerprint(credential: Credential) -> str:
    """Changes with role and password: a session ends with the credential it began with."""
    return _short_hash(str(credential))


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
