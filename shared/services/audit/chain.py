"""Where the audit's seals lie: documents beside the entries, a copy of each head as a write-once blob, and the end."""

from dataclasses import dataclass, replace
from datetime import date

from shared.containers import AUDIT
from shared.domain.audit_chain import GENESIS, Link, Seal, entry_digest, seal_id
from shared.domain.errors import AlreadyExists, NotAllowed
from shared.ports import Body, Document, Documents, Keys, Media, Query, Range
from shared.services.audit.entries import KIND as ENTRY
from shared.services.pages import every

ANCHORS = "audit"
"""The container of the anchors; immutable in Azure."""
PURPOSE = "audit-chain"
_SEAL = "seal"
_CHAIN, _END = "chain", "head"


@dataclass(frozen=True, slots=True)
class End:
    """The chain's end as the sealer knows it. `until` is when its lease runs out (a stamp)."""

    link: Link | None
    closed: bool
    holder: str
    until: str
    etag: str


class AuditChain:
    def __init__(self, documents: Documents, media: Media, keys: Keys) -> None:
        self._documents = documents
        self._media = media
        self._keys = keys

    def secret(self, key: str) -> bytes | None:
        try:
            return self._keys.secret(PURPOSE, key)
        except NotAllowed:
            return None

    # --- the end ---

    def end(self) -> End | None:
        document = self._documents.get(AUDIT, _CHAIN, _END)
        return _end(document) if document else None

    def set_end(self, end: End) -> End:
        """Create (without an ETag) or replace. Raises AlreadyExists, LostRace."""
        link = end.link
        body: Body = {
            "kind": _END,
            "chainDay": link.day if link else None,
            "number": link.number if link else 0,
            "head": link.head if link else GENESIS,
            "closed": end.closed,
            "holder": end.holder,
            "until": end.until,
        }
        if end.etag:
            written = self._documents.replace(AUDIT, _CHAIN, _END, body, end.etag)
        else:
            written = self._documents.create(AUDIT, _CHAIN, _END, body)
        return replace(end, etag=written.etag)

    # --- seals and anchors ---

    def seal(self, day: str, number: int) -> Seal | None:
        document = self._documents.get(AUDIT, day, seal_id(number))
        return seal_of(document) if document else None

    def seals(self, day: str, since: str | None = None) -> list[Seal]:
        """A day's seals, or those made at or after `since`, by number."""
        span = Range("at", low=since) if since else None
        found = every(self._documents, Query(AUDIT, day, {"kind": _SEAL}, span, order_by="at", limit=1000))
        return sorted((seal_of(d) for d in found), key=lambda seal: seal.number)

    def keep(self, seal: Seal) -> None:
        """Write once. Raises AlreadyExists."""
        body: Body = {
            "kind": _SEAL,
            "number": seal.number,
            "at": seal.at,
            "covers": [[entry, digest] for entry, digest in seal.covers],
            "before": seal.before,
            "beforeDay": seal.before_day,
            "closes": seal.closes,
            "key": seal.key,
            "head": seal.head,
        }
        self._documents.create(AUDIT, seal.day, seal_id(seal.number), body)

    def anchor(self, seal: Seal) -> bool:
        """Copy a head to the other store. False when another head lies there for this number."""
        name, text = f"{seal.day}/{seal.number:06d}.txt", f"{seal.day} {seal.number} {seal.key} {seal.head}\n"
        facts = {"head": seal.head, "key": seal.key}
        try:
            self._media.put(ANCHORS, name, text.encode(), content_type="text/plain", metadata=facts)
        except AlreadyExists:
            return self._media.read(ANCHORS, name) == text.encode()
        return True

    def anchors(self, day: str) -> dict[int, str]:
        """Number → head."""
        found: dict[int, str] = {}
        for info in self._media.list(ANCHORS, f"{day}/"):
            number = info.name.rpartition("/")[2].partition(".")[0]
            if number.isdecimal():
                found[int(number)] = info.metadata.get("head", "")
        return found

    def first_day(self) -> str | None:
        """The oldest day that a seal or an anchor is of."""
        page = self._documents.query(Query(AUDIT, where={"kind": _SEAL}, order_by="at", limit=1))
        days = [document.partition for document in page.items]
        anchor = next(iter(self._media.list(ANCHORS)), None)
        return min([*days, *([anchor.name.partition("/")[0]] if anchor else [])], default=None)

    # --- entries ---

    def entries(self, day: str, since: str | None = None) -> dict[str, str]:
        """Entry id → digest, of a day, or of those written at or after `since`."""
        span = Range("at", low=since) if since else None
        found = every(self._documents, Query(AUDIT, day, {"kind": ENTRY}, span, order_by="at", limit=1000))
        return {d.id: entry_digest(day, d.id, d.body) for d in found}

    def next_day(self, after: date | None) -> str | None:
        """The first day after `after` (or of all) that has entries."""
        low = f"{after.isoformat()}T99" if after else None
        query = Query(AUDIT, where={"kind": ENTRY}, range=Range("at", low=low), order_by="at", limit=1)
        page = self._documents.query(query)
        return page.items[0].partition if page.items else None


def seal_of(document: Document) -> Seal:
    """What is stored, as far as it can be read: a field that was altered into nonsense breaks the head, too."""
    body = document.body
    covers = body.get("covers")
    number, before_day = body.get("number"), body.get("beforeDay")
    return Seal(
        day=document.partition,
        number=number if isinstance(number, int) else 0,
        at=str(body.get("at")),
        covers=tuple((str(c[0]), str(c[1])) for c in covers if isinstance(c, list) and len(c) == 2)
        if isinstance(covers, list)
        else (),
        before=str(body.get("before")),
        before_day=before_day if isinstance(before_day, str) else None,
        closes=body.get("closes") is True,
        key=str(body.get("key")),
        head=str(body.get("head")),
    )


def _end(document: Document) -> End:
    body = document.body
    day, number = body.get("chainDay"), body.get("number")
    link = Link(day, number, str(body.get("head"))) if isinstance(day, str) and isinstance(number, int) else None
    return End(link, body.get("closed") is True, str(body.get("holder")), str(body.get("until")), document.etag)
