"""What a registration has so far: one document of the session, the personal data in it sealed."""

import base64
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from shared.containers import SESSION_LOG
from shared.domain.capture import Turn
from shared.domain.errors import AlreadyExists, BadRequest, LostRace, NotFound
from shared.domain.session import Session
from shared.domain.stamp import stamp
from shared.ports import Body, Document, Documents, Keys

_PURPOSE = "enrolment"
_STANDSTILL = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What the person typed and agreed to. `phone` is E.164."""

    name: str
    given_name: str
    phone: str
    language: str
    consent_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`taken` are frames, `clips` spoken attempts. `known`: the number was somebody else's when it was typed.

    `rounds`: how often turns were asked for. `learned`: how many of the pictures and clips the commit has read.
    `worker`: who commits, and when it last got on; nobody else does as long as it goes on.
    """

    sealed: str
    since_seq: int
    turns: tuple[Turn, ...]
    taken: tuple[int, ...] = ()
    clips: tuple[int, ...] = ()
    known: bool = False
    rounds: int = 1
    learned: int = 0
    worker: str = ""
    worked_at: datetime | None = None


class Drafts:
    def __init__(self, documents: Documents, keys: Keys) -> None:
        self._documents = documents
        self._keys = keys

    def begin(self, session: Session, details: Details, since_seq: int, turns: tuple[Turn, ...], known: bool) -> None:
        """Raises BadRequest when the details were given before."""
        plain = json.dumps(asdict(details)).encode()
        sealed = base64.b64encode(self._keys.seal(_PURPOSE, plain, _context(session))).decode()
        draft = Draft(sealed=sealed, since_seq=since_seq, turns=turns, known=known)
        try:
            self._documents.create(SESSION_LOG, session.id, _place(session), _body(draft))
        except AlreadyExists:
            raise BadRequest("already_filled_in", "name and number were given already") from None

    def get(self, session: Session) -> Draft | None:
        document = self._document(session)
        return _draft(document.body) if document else None

    def details(self, session: Session) -> Details:
        """Raises NotFound before they are given."""
        draft = self.get(session)
        if draft is None:
            raise NotFound("nothing filled in")
        return Details(**json.loads(self._keys.open(_PURPOSE, base64.b64decode(draft.sealed), _context(session))))

    def change(self, session: Session, how: Callable[[Draft], Draft]) -> Draft:
        """By ETag, repeated until nobody was faster. Raises NotFound."""
        while True:
            document = self._document(session)
            if document is None:
                raise NotFound("nothing filled in")
            changed = how(_draft(document.body))
            try:
                self._documents.replace(SESSION_LOG, session.id, document.id, _body(changed), document.etag)
            except LostRace:
                continue
            return changed

    def with_clip(self, session: Session, attempt: int) -> Draft:
        """One more good clip; the same attempt counts once."""
        return self.change(session, lambda d: d if attempt in d.clips else replace(d, clips=(*d.clips, attempt)))

    def with_pictures(self, session: Session, taken: tuple[int, ...]) -> Draft:
        """The pictures, chosen once."""
        return self.change(session, lambda d: d if d.taken else replace(d, taken=taken))

    def take(self, session: Session, worker: str, at: datetime) -> bool:
        """Whether this worker may commit: nobody else does, or they have stood still for too long."""

        def taken(now: Draft) -> Draft:
            others = now.worker not in ("", worker) and now.worked_at is not None and at - now.worked_at < _STANDSTILL
            return now if others else replace(now, worker=worker, worked_at=at)

        return self.change(session, taken).worker == worker

    def with_learned(self, session: Session, learned: int, at: datetime) -> Draft:
        """What the page's progress bar shows; a repeated commit never takes it back."""
        return self.change(session, lambda d: replace(d, learned=max(learned, d.learned), worked_at=at))

    def another_round(self, session: Session, before: Draft, since_seq: int, turns: tuple[Turn, ...]) -> Draft:
        """New turns; once for each round, whoever else noticed."""

        def asked(now: Draft) -> Draft:
            if now.taken or now.rounds != before.rounds:
                return now
            return replace(now, since_seq=since_seq, turns=turns, rounds=now.rounds + 1)

        return self.change(session, asked)

    def _document(self, session: Session) -> Document | None:
        return self._documents.get(SESSION_LOG, session.id, _place(session))


def _place(session: Session) -> str:
    """One document for each person that a session tries to register."""
    return f"enrolment.{session.person}"


def _context(session: Session) -> str:
    return f"{session.id}/{session.person}"


def _body(draft: Draft) -> Body:
    return {
        "kind": "enrolment",
        "sealed": draft.sealed,
        "sinceSeq": draft.since_seq,
        "turns": [*draft.turns],
        "taken": [*draft.taken],
        "clips": [*draft.clips],
        "known": draft.known,
        "rounds": draft.rounds,
        "learned": draft.learned,
        "worker": draft.worker,
        "workedAt": stamp(draft.worked_at) if draft.worked_at else None,
    }


def _draft(body: Body) -> Draft:
    def numbers(name: str) -> tuple[int, ...]:
        value = body[name]
        return tuple(n for n in value if isinstance(n, int)) if isinstance(value, list) else ()

    turns = body["turns"]
    return Draft(
        sealed=str(body["sealed"]),
        since_seq=int(str(body["sinceSeq"])),
        turns=tuple(Turn(str(t)) for t in turns) if isinstance(turns, list) else (),
        taken=numbers("taken"),
        clips=numbers("clips"),
        known=body["known"] is True,
        rounds=int(str(body.get("rounds", 1))),
        learned=int(str(body.get("learned", 0))),
        worker=str(body.get("worker", "")),
        worked_at=datetime.fromisoformat(worked) if isinstance(worked := body.get("workedAt"), str) else None,
    )
