"""What happened in a visit, as documents beside the frames; never a digit of a PIN, a number or a score."""

from datetime import datetime

from shared.containers import SESSION_LOG
from shared.domain.errors import AlreadyExists
from shared.domain.stamp import stamp
from shared.ports import Body, Documents, Json, Query
from shared.services.pages import every

KIND = "event"


class Timeline:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def add(self, session_id: str, what: str, at: datetime, key: str, **facts: Json) -> None:
        """Write one event; `key` makes it idempotent within the session (a version, a sequence number, an attempt)."""
        body: Body = {"kind": KIND, "what": what, "at": stamp(at), "facts": facts}
        try:
            self._documents.create(SESSION_LOG, session_id, f"event.{what}.{key}", body)
        except AlreadyExists:
            return

    def of(self, session_id: str) -> list[Body]:
        """All events of a session, oldest first."""
        events = Query(SESSION_LOG, session_id, {"kind": KIND}, order_by="at", limit=200)
        return [d.body for d in every(self._documents, events)]
