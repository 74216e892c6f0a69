"""What operators did: one create-only document for each act, written before it happens.

What cannot be recorded does not happen. An entry names its subjects by random ids only, never by name or number; an
act that then fails gets a second entry that names the first. Seals, which chain a day's entries, are documents of the
same partition with another `kind`.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from shared.containers import AUDIT
from shared.domain.errors import AtmError, BadRequest
from shared.domain.roles import Operator
from shared.domain.stamp import stamp
from shared.ports import Body, Clock, Documents, Json, Page, Query, Randomness

KIND = "entry"
SYSTEM = "system"
_ID_BYTES = 9
_REASON_LEAST, _REASON_MOST, _CASE_MOST = 5, 200, 40
_PHONE = re.compile(r"\+?\d[\d ()./-]{6,}\d")
_PAGE_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Why an operator acts: a sentence, and the bank's case reference where there is one."""

    reason: str | None = None
    case: str | None = None

    def require(self) -> "Ground":
        """Raises BadRequest("reason_needed")."""
        if self.reason is None:
            raise BadRequest("reason_needed", "a reason must be given")
        return self


def ground(reason: str | None, case: str | None) -> Ground:
    """Checked words. A telephone number in them would outlive its owner's erasure. Raises BadRequest."""
    said = " ".join(reason.split()) if reason else None
    reference = case.strip() if case else None
    if said and (not _REASON_LEAST <= len(said) <= _REASON_MOST or not said.isprintable() or _PHONE.search(said)):
        raise BadRequest("bad_reason", f"a reason has {_REASON_LEAST} to {_REASON_MOST} characters, and no number")
    if reference and (len(reference) > _CASE_MOST or not reference.isprintable()):
        raise BadRequest("bad_case", f"a case reference has at most {_CASE_MOST} characters")
    return Ground(reason=said or None, case=reference or None)


class Audit:
    def __init__(self, documents: Documents, clock: Clock, randomness: Randomness) -> None:
        self._documents = documents
        self._clock = clock
        self._randomness = randomness

    def record(
        self,
        operator: Operator | None,
        action: str,
        subjects: Mapping[str, str] | None = None,
        why: Ground | None = None,
        **facts: Json,
    ) -> str:
        """Write one entry and return its id. `operator` None: the system itself, or somebody not signed in."""
        at = self._clock.now()
        entry_id = f"{at:%H%M%S}.{at.microsecond // 1000:03d}.{self._randomness.bytes(_ID_BYTES).hex()}"
        body: Body = {
            "kind": KIND,
            "at": stamp(at),
            "operator": operator.id if operator else SYSTEM,
            "role": operator.role if operator else None,
            "action": action,
            "subjects": {**(subjects or {})},
            "reason": why.reason if why else None,
            "case": why.case if why else None,
            "facts": {**facts},
        }
        self._documents.create(AUDIT, f"{at:%Y-%m-%d}", entry_id, body)
        return entry_id

    @contextmanager
    def act(
        self,
        operator: Operator | None,
        action: str,
        subjects: Mapping[str, str] | None = None,
        why: Ground | None = None,
        **facts: Json,
    ) -> Iterator[str]:
        """Record, then act; what the act raises is recorded as well, and raised."""
        entry_id = self.record(operator, action, subjects, why, **facts)
        try:
            yield entry_id
        except Exception as failure:
            code = failure.code if isinstance(failure, AtmError) else "unexpected"
            self.record(operator, f"{action}.failed", subjects, entry=entry_id, code=code)
            raise

    def day(self, day: date, limit: int = _PAGE_MOST, cursor: str | None = None) -> Page:
        """One page of a day's (UTC) entries, newest first."""
        partition, most = day.isoformat(), min(limit, _PAGE_MOST)
        return self._documents.query(
            Query(AUDIT, partition, {"kind": KIND}, order_by="at", descending=True, limit=most, cursor=cursor)
        )
