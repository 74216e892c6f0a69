"""That an operator looked at somebody: an audit entry for each visit, operator and minute, before it is shown."""

import hashlib
from datetime import timedelta

from shared.containers import LIMITS
from shared.domain.errors import AlreadyExists
from shared.domain.roles import Operator
from shared.ports import Clock, Documents
from shared.services.audit.entries import Audit

_ONCE_IN = timedelta(minutes=1)


class Viewing:
    def __init__(self, documents: Documents, audit: Audit, clock: Clock) -> None:
        self._documents = documents
        self._audit = audit
        self._clock = clock

    def note(self, operator: Operator, action: str, subject: str, *, kind: str = "session") -> None:
        """Raises Unavailable: what cannot be recorded is not shown."""
        slot = int(self._clock.now().timestamp() // _ONCE_IN.total_seconds())
        who = hashlib.sha256(f"{operator.id}\n{action}\n{subject}".encode()).hexdigest()[:32]
        place = f"viewed.{who}.{slot}"
        if self._documents.get(LIMITS, place, place) is not None:
            return
        self._audit.record(operator, action, {kind: subject})
        try:
            self._documents.create(LIMITS, place, place, {}, ttl=2 * int(_ONCE_IN.total_seconds()))
        except AlreadyExists:
            return
