"""The visits under way: one small entry each, so that a timer can end what nobody polls."""

from collections.abc import Iterator
from datetime import datetime

from shared.containers import VISITS
from shared.domain.errors import AlreadyExists
from shared.domain.session import Session
from shared.domain.stamp import stamp
from shared.ports import Documents, Query, Range

_SCOPE = "live"


class LiveVisits:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def began(self, session: Session) -> None:
        body = {"at": stamp(session.created_at), "session": session.id, "kiosk": session.kiosk}
        try:
            self._documents.create(VISITS, _SCOPE, session.id, {**body})
        except AlreadyExists:
            return

    def over(self, session_id: str) -> None:
        self._documents.delete(VISITS, _SCOPE, session_id)

    def begun_before(self, at: datetime) -> Iterator[str]:
        """Ids of visits that began before `at` and are not known to be over."""
        cursor: str | None = None
        while True:
            page = self._documents.query(
                Query(VISITS, _SCOPE, range=Range("at", high=stamp(at)), order_by="at", limit=100, cursor=cursor)
            )
            yield from (d.id for d in page.items)
            cursor = page.cursor
            if cursor is None:
                return
