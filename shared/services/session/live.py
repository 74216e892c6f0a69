"""The visits under way: one small entry each, so that a timer can end what nobody polls."""

from collections.abc import Iterator
from datetime import datetime

from shared.containers import VISITS
from shared.domain.errors import AlreadyExists
from shared.domain.session import Session
from shared.domain.stamp import stamp
from shared.ports import Documents, Query, Range
from shared.services.pages import every

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
        span = Range("at", high=stamp(at))
        return (d.id for d in every(self._documents, Query(VISITS, _SCOPE, range=span, order_by="at", limit=100)))
