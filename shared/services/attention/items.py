"""What somebody has to look at: one open item for each matter, however often it is reported.

An item names its subjects by random ids. Most matters end by themselves (`review.py`); those that do not
are over once an operator has acknowledged them.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.containers import ATTENTION
from shared.domain.errors import AlreadyExists, AtmError, BadRequest, LostRace, NotFound
from shared.domain.roles import Operator
from shared.domain.stamp import stamp
from shared.logs import say
from shared.ports import Body, Clock, Document, Documents, Json, Query
from shared.services.audit.entries import Audit, Ground
from shared.services.pages import every

_OPEN, _CLOSED = "open", "closed"
KEPT = timedelta(days=90)
"""How long a matter that is over can still be looked up."""


class Matter(StrEnum):
    """The kind of an item."""

    ASSISTANCE = "assistance"  # a customer waits for staff
    APPROVAL = "approval"  # somebody registered and waits for it
    ENROLMENT_DUPLICATE = "enrolment_duplicate"  # the same, and they resemble an enrolled person
    KIOSK_TWO_PLACES = "kiosk_two_places"
    PERSON_TWO_PLACES = "person_two_places"
    LOCKOUT = "lockout"
    POISON = "poison"  # what no handler could deal with
    TAMPER = "tamper"
    INDEX_GAP = "index_gap"


ENDED_BY_ACKNOWLEDGING = frozenset({Matter.PERSON_TWO_PLACES, Matter.TAMPER, Matter.INDEX_GAP})
"""Things that happened: nothing but somebody's attention ends them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`acknowledged`: by whom, when (a stamp), and their note."""

    id: str
    kind: Matter
    at: str
    kiosk: str | None
    session: str | None
    person: str | None
    facts: dict[str, Json]
    acknowledged: tuple[str, str, str | None] | None
    closed_at: str | None


@dataclass(frozen=True, slots=True)
class ItemsPage:
    items: tuple[Item, ...]
    cursor: str | None


class Attention:
    def __init__(self, documents: Documents, clock: Clock, audit: Audit) -> None:
        self._documents = documents
        self._clock = clock
        self._audit = audit

    def call(
        self,
        kind: Matter,
        matter: str,
        *,
        kiosk: str | None = None,
        session: str | None = None,
        person: str | None = None,
        other: str | None = None,
        **facts: Json,
    ) -> None:
        """Ask for somebody's attention, once for each `matter`. `other`: a second person it is about.

        Never raises: what it reports must not depend on it. A failure is logged as an error.
        """
        body: Body = {
            "kind": kind,
            "matter": matter,
            "at": stamp(self._clock.now()),
            "kiosk": kiosk,
            "session": session,
            "person": person,
            "other": other,
            "facts": facts,
            "acknowledged": None,
        }
        try:
            self._documents.create(ATTENTION, _OPEN, item_id(kind, matter), body)
        except AlreadyExists:
            return
        except AtmError as failure:
            say(logging.ERROR, "attention not called", kind=kind, kiosk=kiosk, session=session, error=failure.code)
            return
        say(logging.WARNING, "attention needed", kind=kind, kiosk=kiosk, session=session)

    def items(self, *, open_ones: bool = True, limit: int = 50, cursor: str | None = None) -> ItemsPage:
        """Newest first. Raises BadRequest for a foreign cursor."""
        where = _OPEN if open_ones else _CLOSED
        page = self._documents.query(
            Query(ATTENTION, where, order_by="at", descending=True, limit=limit, cursor=cursor)
        )
        return ItemsPage(tuple(_item(document) for document in page.items), page.cursor)

    def counts(self) -> dict[str, int]:
        """How many of each kind are open."""
        return {
            kind: count for kind in Matter if (count := self._documents.count(Query(ATTENTION, _OPEN, {"kind": kind})))
        }

    def get(self, item: str) -> Item | None:
        """An open one."""
        document = self._open(item)
        return _item(document) if document else None

    def _open(self, item: str) -> Document | None:
        try:
            return self._documents.get(ATTENTION, _OPEN, item)
        except BadRequest:
            return None  # no item has such an id

    def acknowledge(self, operator: Operator, item: str, note: str | None) -> Item:
        """By name; the first one counts. Raises NotFound when it is over."""
        while True:
            document = self._open(item)
            if document is None:
                raise NotFound("no such open item")
            if document.body.get("acknowledged") is not None:
                return _item(document)
            kind = Matter(str(document.body["kind"]))
            word: dict[str, Json] = {"by": operator.id, "at": stamp(self._clock.now()), "note": note}
            try:
                document = self._documents.replace(
                    ATTENTION, _OPEN, item, {**document.body, "acknowledged": word}, document.etag
                )
            except LostRace:
                continue
            self._audit.record(operator, "attention_acknowledged", {"item": item}, Ground(reason=note), kind=kind)
            return self._close(document) if kind in ENDED_BY_ACKNOWLEDGING else _item(document)

    def close(self, item: str) -> None:
        """The matter is over; repeatable."""
        document = self._open(item)
        if document is not None:
            self._close(document)

    def forget(self, person: str) -> None:
        """Remove what is open or over about an erased person."""
        for field in ("person", "other"):
            for document in list(every(self._documents, Query(ATTENTION, where={field: person}, limit=500))):
                self._documents.delete(ATTENTION, document.partition, document.id)

    def _close(self, document: Document) -> Item:
        """Copied before it is removed: after a crash in between it is closed once more, with its own time."""
        closed_at = stamp(self._clock.now())
        body: Body = {**document.body, "closedAt": closed_at}
        name = f"{document.id}.{closed_at.translate({ord(c): None for c in '-:.'})}"
        try:
            written = self._documents.create(ATTENTION, _CLOSED, name, body, ttl=int(KEPT.total_seconds()))
        except AlreadyExists:
            written = Document(_CLOSED, name, body, "")
        self._documents.delete(ATTENTION, _OPEN, document.id)
        return _item(written)


def item_id(kind: Matter, matter: str) -> str:
    return hashlib.sha256(f"{kind} {matter}".encode()).hexdigest()[:24]


def _item(document: Document) -> Item:
    body = document.body
    facts, word = body.get("facts"), body.get("acknowledged")
    return Item(
        id=document.id.partition(".")[0],
        kind=Matter(str(body["kind"])),
        at=str(body["at"]),
        kiosk=_text(body, "kiosk"),
        session=_text(body, "session"),
        person=_text(body, "person"),
        facts={
            **(facts if isinstance(facts, dict) else {}),
            **({"other": body["other"]} if body.get("other") else {}),
        },
        acknowledged=(str(word["by"]), str(word["at"]), _text(word, "note")) if isinstance(word, dict) else None,
        closed_at=_text(body, "closedAt"),
    )


def _text(body: Body, field: str) -> str | None:
    value = body.get(field)
    return value if isinstance(value, str) else None
