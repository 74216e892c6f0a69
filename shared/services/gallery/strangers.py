"""Faces of visitors whom the machine did not know: kept only where a setting allows searching for them, for 72 hours.

While it is off nothing is kept, and what was kept before it was turned off goes. What was recorded before it was
turned on is never gone through (DESIGN.md, strangers).
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from shared.containers import STRANGERS
from shared.domain.bands import Band, band_of
from shared.domain.errors import AlreadyExists, NotAllowed
from shared.domain.face import Embedding
from shared.domain.match import MatchRule
from shared.domain.stamp import stamp
from shared.ports import Clock, Documents, Keys, Query
from shared.services.pages import every

KEPT = timedelta(hours=72)
_PURPOSE = "stranger"


@dataclass(frozen=True, slots=True)
class SeenAt:
    """A stranger's visit in which a face was seen."""

    session: str
    band: Band


class Strangers:
    """`allowed`: the setting. `model`: vectors of different recognisers never meet."""

    def __init__(
        self,
        documents: Documents,
        keys: Keys,
        clock: Clock,
        rule: MatchRule,
        model: Callable[[], str],
        *,
        allowed: bool,
    ) -> None:
        self._documents = documents
        self._keys = keys
        self._clock = clock
        self._rule = rule
        self._model = model
        self.allowed = allowed

    def keep(self, session_id: str, vector: Embedding | None) -> None:
        """Keep the face of a visit that has just become `unknown`; the first one stays. Nothing where not allowed."""
        if not self.allowed or vector is None:
            return
        now = self._clock.now()
        model = self._model()
        sealed = self._keys.seal(_PURPOSE, vector, f"{session_id}/{model}")
        body = {"at": stamp(now), "model": model, "sealed": base64.b64encode(sealed).decode()}
        try:
            self._documents.create(STRANGERS, _day(session_id), session_id, {**body}, ttl=int(KEPT.total_seconds()))
        except AlreadyExists:
            return

    def search(self, vector: Embedding, similarity: Callable[[Embedding, Embedding], float]) -> list[SeenAt]:
        """Visits in which this face was seen, most alike first. Nothing where not allowed."""
        if not self.allowed:
            return []
        scores = [(similarity(vector, known), session) for session, known in self._vectors()]
        ranked = sorted(scores, key=lambda pair: (-pair[0], pair[1]))
        found = [(session, band_of(score, len(scores), self._rule)) for score, session in ranked]
        return [SeenAt(session, band) for session, band in found if band is not None]

    def known(self, session_id: str) -> None:
        """The machine knows this visitor now."""
        if self.allowed:
            self.forget(frozenset({session_id}))

    def forget(self, sessions: frozenset[str]) -> None:
        """Remove the faces of these visits."""
        for session_id in sessions:
            self._documents.delete(STRANGERS, _day(session_id), session_id)

    def purge(self) -> int:
        """Where it is not allowed (any more) nothing may be left; returns how many were removed."""
        if self.allowed:
            return 0
        found = list(every(self._documents, Query(STRANGERS, limit=500)))
        for document in found:
            self._documents.delete(STRANGERS, document.partition, document.id)
        return len(found)

    def _vectors(self) -> Iterator[tuple[str, Embedding]]:
        model = self._model()
        for document in every(self._documents, Query(STRANGERS, limit=500)):
            if document.body.get("model") != model:
                continue
            sealed = base64.b64decode(str(document.body["sealed"]))
            try:
                yield document.id, self._keys.open(_PURPOSE, sealed, f"{document.id}/{model}")
            except NotAllowed:
                continue  # of a key that is no longer valid: it expires within days


def _day(session_id: str) -> str:
    return session_id.split("_")[1]
