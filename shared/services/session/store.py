"""Where sessions are kept, and the only way to change one: read, apply the table, replace by ETag, or decide anew."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from shared.containers import SESSIONS
from shared.domain.errors import LostRace, NotAllowed, NotFound
from shared.domain.events import Event
from shared.domain.policy import Policy
from shared.domain.session import Session, State, kiosk_day
from shared.domain.transitions import apply
from shared.ports import Body, Clock, Document, Documents, Randomness

TOKEN_BYTES = 32
ID_BYTES = 15
_REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that are mistaken for another when read out
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_RACES = 200  # with a hundred requests at once, each lost race is somebody else's success

_codec: TypeAdapter[Session] = TypeAdapter(Session)


@dataclass(frozen=True, slots=True)
class Stored:
    """A session as it was read, with its ETag."""

    session: Session
    etag: str


type Decide = Callable[[Session], Event | None]
"""Looks at the session as it is now and says what happens to it; None leaves it alone. It may be asked again."""


class SessionStore:
    def __init__(self, documents: Documents, clock: Clock, randomness: Randomness, policy: Policy) -> None:
        self._documents = documents
        self._clock = clock
        self._randomness = randomness
        self.policy = policy

    def start(self, kiosk: str, language: str) -> tuple[Session, str]:
        """A new session and its token (which is not stored, only its hash)."""
        now = self._clock.now()
        token = base64.urlsafe_b64encode(self._randomness.bytes(TOKEN_BYTES)).rstrip(b"=").decode()
        unique = base64.b32encode(self._randomness.bytes(ID_BYTES)).decode().lower()
        letters = self._randomness.bytes(4)
        session = Session(
            id=f"{kiosk}_{now:%Y%m%d}_{unique}",
            kiosk=kiosk,
            reference=f"{kiosk}-{''.join(_REFERENCE_LETTERS[b % len(_REFERENCE_LETTERS)] for b in letters)}",
            language=language,
            state=State.IDENTIFYING,
            version=1,
            token_hash=token_hash(token),
            created_at=now,
            expires_at=now + self.policy.visit,
            changed_at=now,
        )
        self._documents.create(SESSIONS, kiosk_day(session.id), session.id, _body(session))
        return session, token

    def load(self, session_id: str) -> Stored:
        """Raises NotFound."""
        try:
            partition = kiosk_day(session_id)
        except ValueError:
            raise NotFound("no such session") from None
        document = self._documents.get(SESSIONS, partition, session_id)
        if document is None:
            raise NotFound("no such session")
        return _stored(document)

    def nobodys(self) -> Stored:
        """In place of one that is not there, to be treated like one: no token opens it."""
        return _stored(_NOBODYS)

    def change(self, session_id: str, decide: Decide, *, known: Stored | None = None) -> tuple[Session, bool]:
        """Apply what `decide` says to the session as it is, until no one else was faster.

        Returns the session and whether this call changed it. Raises NotFound, and Refused where the table says no.
        `known` saves the first read when the caller has just read the session.
        """
        stored = known or self.load(session_id)
        for _ in range(_RACES):
            event = decide(stored.session)
            if event is None:
                return stored.session, False
            moved = apply(stored.session, event, self.policy)
            try:
                self._documents.replace(SESSIONS, kiosk_day(session_id), session_id, _body(moved), stored.etag)
            except LostRace:
                stored = self.load(session_id)
                continue
            return moved, True
        raise LostRace("the session changes too quickly")

    def recover_expired(self, session: Session, slack: timedelta) -> bool:
        """Whether the session should have ended by now, even if nobody polls it."""
        return not session.over and self._clock.now() >= session.expires_at + slack


def token_hash(token: str) -> str:
    """Tokens have 256 random bits: one SHA-256 is enough to store them safely. A header may hold no Unicode at all."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def require_token(expected_hash: str | None, token: str | None) -> None:
    """Raises NotAllowed unless the token is the one whose hash was kept."""
    if token is None or expected_hash is None or not hmac.compare_digest(token_hash(token), expected_hash):
        raise NotAllowed("not the token of this session")


def _body(session: Session) -> Body:
    body: Body = _codec.dump_python(session, mode="json", exclude={"id"})
    return body


def _stored(document: Document) -> Stored:
    return Stored(_codec.validate_python({**document.body, "id": document.id}), document.etag)


_NOBODYS = Document(
    partition="",
    id="",
    body=_body(
        Session(
            id="",
            kiosk="",
            reference="",
            language="en",
            state=State.IDENTIFYING,
            version=1,
            token_hash="-" * 64,  # no hash is like this
            created_at=_NEVER,
            expires_at=_NEVER,
            changed_at=_NEVER,
        )
    ),
    etag="",
)
