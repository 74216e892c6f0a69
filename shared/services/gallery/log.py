"""The log of "this person's templates or status changed", numbered without gaps.

An entry names a person, nothing else: its reader takes the person as they are now. Nobody active, or no template left,
means gone: that is the tombstone. Reading an entry twice changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.containers import TEMPLATES
from shared.domain.errors import AlreadyExists
from shared.domain.stamp import from_stamp, stamp
from shared.ports import Body, Clock, Documents, Query, Range

PARTITION = "_feed"
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Changes:
    """`people` without repetition, `last` the number of the newest entry, `oldest` the time of the first."""

    people: tuple[str, ...]
    last: int
    oldest: datetime | None


class GalleryLog:
    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    def announce(self, person: str) -> int:
        """Tell every instance that this person changed; returns the entry's number."""
        number = self.head() + 1
        at = stamp(self._clock.now())
        while True:
            body: Body = {"seq": number, "changed": person, "at": at}
            try:
                self._documents.create(TEMPLATES, PARTITION, f"{number:012d}", body)
            except AlreadyExists:
                number += 1
                continue
            return number

    def head(self) -> int:
        """The number of the newest entry; 0 when there is none."""
        page = self._documents.query(
            Query(TEMPLATES, PARTITION, range=Range("seq", low=1), order_by="seq", descending=True, limit=1)
        )
        return int(str(page.items[0].body["seq"])) if page.items else 0

    def since(self, seen: int) -> Changes | None:
        """What came after entry `seen`; None where that entry was trimmed away, and perhaps others with it."""
        people: dict[str, None] = {}
        oldest: datetime | None = None
        last, asked = 0, Query(TEMPLATES, PARTITION, range=Range("seq", low=max(seen, 1)), order_by="seq", limit=_PAGE)
        while True:
            page = self._documents.query(asked)
            for entry in page.items:
                number = int(str(entry.body["seq"]))
                if last == 0 and number != max(seen, 1):
                    return None
                last = number
                if number > seen:
                    people[str(entry.body["changed"])] = None
                    oldest = oldest or from_stamp(str(entry.body["at"]))
            if page.cursor is None:
                break
            asked = replace(asked, cursor=page.cursor)
        return None if last == 0 and seen > 0 else Changes(tuple(people), max(last, seen), oldest)

    def trim(self, before: int) -> None:
        """Remove the entries with smaller numbers. Whoever has not read them yet starts from a snapshot."""
        while True:
            page = self._documents.query(
                Query(TEMPLATES, PARTITION, range=Range("seq", low=1, high=before), order_by="seq", limit=_PAGE)
            )
            for entry in page.items:
                self._documents.delete(TEMPLATES, PARTITION, entry.id)
            if page.cursor is None:
                return
