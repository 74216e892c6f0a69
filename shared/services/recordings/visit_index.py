"""One small entry for each list a visit stands in, so that no officer's question reads what it does not return.

An entry is written from what the stores hold of the visit at that moment, never from what just happened: repeating it,
in any order, ends at the same lists. The entry in the day's list is the first written and the last made right; it names
all other lists, so that whoever comes after a crash knows where to look.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

from pydantic import TypeAdapter

from shared.containers import SESSION_LOG, VISITS
from shared.domain.errors import AlreadyExists, AtmError, LostRace, NotFound
from shared.domain.frames import FrameFact
from shared.domain.session import Session
from shared.domain.stamp import from_stamp, stamp
from shared.domain.visit_facts import Noted, Outcome, Seen, VisitFacts, day_scope, scopes, second_person, visit_facts
from shared.logs import say
from shared.ports import Body, Clock, Document, Documents, Query, Range
from shared.services.pages import every
from shared.services.session.frame_log import FrameLog
from shared.services.session.store import SessionStore
from shared.services.session.timeline import Timeline

SETTLING = "settling"
"""The list of visits that are over, and whose recordings are still to be told how it ended."""

_RACES = 50
_FRAMES = 1_000
_codec: TypeAdapter[VisitFacts] = TypeAdapter(VisitFacts)


class VisitIndex:
    def __init__(
        self, documents: Documents, sessions: SessionStore, log: FrameLog, timeline: Timeline, clock: Clock
    ) -> None:
        self._documents = documents
        self._sessions = sessions
        self._log = log
        self._timeline = timeline
        self._clock = clock

    def began(self, session: Session) -> None:
        """The first entries of a visit that has no recordings yet. Never raises: `keep` makes good what is missing."""
        try:
            self._write(session.id, lambda: visit_facts(session, Seen()))
        except AtmError as failure:
            say(logging.WARNING, "visit not indexed yet", session=session.id, error=failure.code)

    def keep(self, session: Session) -> bool:
        """Bring the entries up to date. False when that failed: the sweep, or settling, does it again."""
        try:
            if session.over:
                self._to_settle(session)
            self.refresh(session.id)
        except AtmError as failure:
            say(logging.WARNING, "visit not indexed yet", session=session.id, error=failure.code)
            return False
        return True

    def refresh(self, session_id: str) -> VisitFacts:
        """Bring the entries up to date. Raises NotFound, Unavailable."""
        return self._write(session_id, lambda: self.facts(self._sessions.load(session_id).session))

    def restore(self, facts: VisitFacts) -> None:
        """Write the entries of a visit of which nothing but recordings is left."""
        self._write(facts.session, lambda: facts)

    def facts(self, session: Session) -> VisitFacts:
        """As the stores have it now."""
        frames = list(self._frames(session.id))
        if session.over:
            for frame in second_person(frames):
                self._timeline.add(session.id, "second_person", frame.at, f"{frame.seq:06d}", seq=frame.seq)
        seen = Seen(
            events=[_noted(e) for e in self._timeline.of(session.id)],
            frames=frames,
            received=self._log.received(session.id).frames,
            clips=self._documents.count(Query(SESSION_LOG, session.id, range=Range("id", "voice.", "voice/"))),
        )
        return visit_facts(session, seen)

    def get(self, session_id: str) -> VisitFacts | None:
        """One point read."""
        try:
            scope = day_scope(session_id)
        except IndexError:
            return None
        document = self._documents.get(VISITS, scope, session_id)
        return facts_of(document) if document else None

    def current(self, session_id: str) -> VisitFacts | None:
        """As `get`; of a visit under way, as the stores have it now."""
        facts = self.get(session_id)
        if facts is None or facts.outcome is not Outcome.LIVE:
            return facts
        try:
            return self.facts(self._sessions.load(session_id).session)
        except NotFound:
            return facts

    def forget(self, session_id: str) -> None:
        """Take the visit off every list."""
        scope = day_scope(session_id)
        first = self._documents.get(VISITS, scope, session_id)
        for other in _scopes(first):
            if other != scope:
                self._documents.delete(VISITS, other, session_id)
        for own in (SETTLING, scope):
            self._documents.delete(VISITS, own, session_id)

    # --- settling ---

    def to_settle(self, before: timedelta) -> Iterator[str]:
        """Visits that have been over for so long and are not settled, oldest first."""
        until = Range("at", high=stamp(self._clock.now() - before))
        return (d.id for d in every(self._documents, Query(VISITS, SETTLING, range=until, order_by="at", limit=100)))

    def settled(self, session_id: str) -> None:
        self._documents.delete(VISITS, SETTLING, session_id)

    def _to_settle(self, session: Session) -> None:
        try:
            self._documents.create(VISITS, SETTLING, session.id, {"at": stamp(session.changed_at)})
        except AlreadyExists:
            return

    # --- writing ---

    def _write(self, session_id: str, look: Callable[[], VisitFacts]) -> VisitFacts:
        """Each round reads the entry before the stores: who writes last has read what the one before had written."""
        scope = day_scope(session_id)
        for _ in range(_RACES):
            first = self._documents.get(VISITS, scope, session_id)
            facts = look()
            wanted = scopes(facts)
            gone = tuple(s for s in _scopes(first) if s not in wanted)
            round_ = _number(first) + 1
            try:
                self._put_first(scope, session_id, first, _body(facts, (*wanted, *gone), round_))
                self._put_others(facts, wanted, gone, round_)
                latest = self._documents.get(VISITS, scope, session_id)
                if latest is None or _number(latest) != round_:
                    continue  # somebody came in between: what was written last must be what is true now
                if gone:
                    self._put_first(scope, session_id, latest, _body(facts, wanted, round_))
            except (AlreadyExists, LostRace):
                continue
            return facts
        raise LostRace("the visit changes too quickly")

    def _put_first(self, scope: str, session_id: str, first: Document | None, body: Body) -> None:
        if first is None:
            self._documents.create(VISITS, scope, session_id, body)
        elif first.body != body:
            self._documents.replace(VISITS, scope, session_id, body, first.etag)

    def _put_others(self, facts: VisitFacts, wanted: tuple[str, ...], gone: tuple[str, ...], round_: int) -> None:
        body = _body(facts, (), round_)
        for scope in wanted[1:]:
            self._put(scope, facts.session, body)
        for scope in gone:
            self._documents.delete(VISITS, scope, facts.session)

    def _put(self, scope: str, session_id: str, body: Body) -> None:
        try:
            self._documents.create(VISITS, scope, session_id, body)
        except AlreadyExists:
            there = self._documents.get(VISITS, scope, session_id)
            if there is None:
                raise LostRace("the entry went") from None
            if _same(there.body, body):
                return
            self._documents.replace(VISITS, scope, session_id, body, there.etag)

    def _frames(self, session_id: str) -> Iterator[FrameFact]:
        after = 0
        while frames := self._log.after(session_id, after, _FRAMES):
            yield from frames
            after = frames[-1].seq


def facts_of(document: Document) -> VisitFacts:
    """What an entry says. Entries of visits that were emptied by an erasure lack what was theirs."""
    body = {k: v for k, v in document.body.items() if k not in _OUR_OWN and v is not None}
    return _codec.validate_python({"matched": (), **body, "session": document.id})


def entry_body(facts: VisitFacts) -> Body:
    """An entry as it stands in each list."""
    return _body(facts, (), 1)


_OUR_OWN = frozenset({"scopes", "round"})


def _body(facts: VisitFacts, lists: tuple[str, ...], round_: int) -> Body:
    dumped: Body = _codec.dump_python(facts, mode="json", exclude={"session", "matched"} if not lists else {"session"})
    times: Body = {"at": stamp(facts.at), "ended_at": stamp(facts.ended_at) if facts.ended_at else None}
    return {**dumped, **times, "round": round_, **({"scopes": [*lists]} if lists else {})}


def _same(a: Body, b: Body) -> bool:
    return {k: v for k, v in a.items() if k != "round"} == {k: v for k, v in b.items() if k != "round"}


def _scopes(document: Document | None) -> tuple[str, ...]:
    listed = document.body.get("scopes") if document else None
    return tuple(str(s) for s in listed) if isinstance(listed, list) else ()


def _number(document: Document | None) -> int:
    number = document.body.get("round") if document else None
    return number if isinstance(number, int) else 0


def _noted(event: Body) -> Noted:
    facts = event.get("facts")
    seq = facts.get("seq") if isinstance(facts, dict) else None
    return Noted(str(event["what"]), from_stamp(str(event["at"])), seq if isinstance(seq, int) else None)
