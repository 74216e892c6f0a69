"""Legal holds: nothing of a held visit, or of a held person's visits, is deleted until the hold is released.

A hold beats retention and erasure. It names its subject by a random id, and stays on record after its release.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from shared.containers import HOLDS
from shared.domain.errors import BadRequest, LostRace, NotFound
from shared.domain.roles import Operator
from shared.domain.stamp import stamp
from shared.ports import Body, Clock, Document, Documents, Query, Randomness
from shared.services.audit.entries import Audit, Ground
from shared.services.pages import every
from shared.services.people.registry import People
from shared.services.recordings.visit_index import VisitIndex

_ID_BYTES = 9


class Held(StrEnum):
    """What a hold is laid on."""

    VISIT = "visit"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """`at`, `released_at`: stamps; `by`, `released_by`: operators' ids."""

    id: str
    kind: Held
    subject: str
    reason: str
    case: str
    by: str
    at: str
    released_by: str | None = None
    released_at: str | None = None


@dataclass(frozen=True, slots=True)
class HoldsPage:
    items: tuple[Hold, ...]
    cursor: str | None


class Holds:
    def __init__(
        self,
        documents: Documents,
        clock: Clock,
        randomness: Randomness,
        audit: Audit,
        people: People,
        visits: VisitIndex,
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._randomness = randomness
        self._audit = audit
        self._people = people
        self._visits = visits

    def lay(self, operator: Operator, kind: Held, subject: str, why: Ground) -> Hold:
        """Raises NotFound, BadRequest without a reason and a case."""
        if why.require().case is None:
            raise BadRequest("case_needed", "a case reference must be given")
        if kind is Held.PERSON:
            self._people.require(subject)
        elif self._visits.get(subject) is None:
            raise NotFound("no such visit")
        hold_id = f"h{self._randomness.bytes(_ID_BYTES).hex()}"
        body: Body = {
            "kind": kind,
            "hold": hold_id,
            "reason": why.reason,
            "case": why.case,
            "by": operator.id,
            "at": stamp(self._clock.now()),
            "open": True,
        }
        with self._audit.act(operator, "hold_laid", {kind: subject, "hold": hold_id}, why):
            return _hold(self._documents.create(HOLDS, _place(kind, subject), hold_id, body))

    def release(self, operator: Operator, hold_id: str, why: Ground) -> Hold:
        """Erasures and retention that waited for it go on by themselves. Raises NotFound, BadRequest."""
        why.require()
        while True:
            page = self._documents.query(Query(HOLDS, where={"hold": hold_id, "open": True}, limit=1))
            if not page.items:
                raise NotFound("no such open hold")
            found = page.items[0]
            done: Body = {"open": False, "releasedBy": operator.id, "releasedAt": stamp(self._clock.now())}
            hold = _hold(found)
            with self._audit.act(operator, "hold_released", {hold.kind: hold.subject, "hold": hold_id}, why):
                try:
                    body = {**found.body, **done}
                    return _hold(self._documents.replace(HOLDS, found.partition, found.id, body, found.etag))
                except LostRace:
                    continue

    def page(self, *, open_ones: bool | None = None, limit: int = 50, cursor: str | None = None) -> HoldsPage:
        """Newest first; all, or the open or the released ones."""
        where: dict[str, str | int | float | bool] = {} if open_ones is None else {"open": open_ones}
        page = self._documents.query(
            Query(HOLDS, where=where, order_by="at", descending=True, limit=limit, cursor=cursor)
        )
        return HoldsPage(tuple(_hold(document) for document in page.items), page.cursor)

    def on_visit(self, session_id: str) -> bool:
        """Whether a hold lies on a visit itself, or on anybody it was taken for."""
        if self._open(Held.VISIT, session_id):
            return True
        facts = self._visits.get(session_id)
        people = {facts.person, facts.claimed, *facts.matched} if facts else set()
        return any(self._open(Held.PERSON, person) for person in people if person)

    def on_person(self, person: str) -> bool:
        """Whether a hold lies on a person, or on one of their visits."""
        if self._open(Held.PERSON, person):
            return True
        for hold in self.all_open(Held.VISIT):
            facts = self._visits.get(hold.subject)
            if facts is not None and person in {facts.person, facts.claimed, *facts.matched}:
                return True
        return False

    def all_open(self, kind: Held) -> Iterator[Hold]:
        """There are few."""
        return map(_hold, every(self._documents, Query(HOLDS, where={"kind": kind, "open": True}, limit=500)))

    def _open(self, kind: Held, subject: str) -> bool:
        return bool(self._documents.query(Query(HOLDS, _place(kind, subject), {"open": True}, limit=1)).items)


def _place(kind: Held, subject: str) -> str:
    return f"{kind}:{subject}"


def _hold(document: Document) -> Hold:
    body = document.body
    by, at = body.get("releasedBy"), body.get("releasedAt")
    return Hold(
        id=document.id,
        kind=Held(str(body["kind"])),
        subject=document.partition.partition(":")[2],
        reason=str(body["reason"]),
        case=str(body["case"]),
        by=str(body["by"]),
        at=str(body["at"]),
        released_by=by if isinstance(by, str) else None,
        released_at=at if isinstance(at, str) else None,
    )
