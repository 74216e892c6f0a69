"""Everybody as a CSV file: telephone numbers masked, unless an admin gives a reason."""

import csv
import io
from collections.abc import Iterator

from shared.domain.csv_cells import safe_cell
from shared.domain.errors import Forbidden
from shared.domain.masking import masked
from shared.domain.roles import Operator, may_reveal
from shared.domain.stamp import stamp
from shared.services.audit.entries import Audit, Ground
from shared.services.people.registry import People, Person
from shared.services.people_admin.care import PeopleAdmin

HEADER = (
    "id", "name", "given_name", "phone", "language", "status", "customer", "consent_version", "assurance", "created_at"
)  # fmt: skip
_PAGE = 200


class PeopleExport:
    def __init__(self, people: People, admin: PeopleAdmin, audit: Audit) -> None:
        self._people = people
        self._admin = admin
        self._audit = audit

    def csv(self, operator: Operator, why: Ground) -> bytes:
        """UTF-8 with a byte order mark, as spreadsheets want it. With a reason, numbers in clear: raises Forbidden."""
        clear = why.reason is not None
        if clear and not may_reveal(operator.role):
            raise Forbidden("telephone numbers in clear are for admins")
        with self._audit.act(operator, "people_exported", None, why, phonesInClear=clear):
            text = io.StringIO(newline="")
            writer = csv.writer(text)
            writer.writerow(HEADER)
            writer.writerows([safe_cell(cell) for cell in self._cells(person, clear)] for person in self._everybody())
        return text.getvalue().encode("utf-8-sig")

    def _everybody(self) -> Iterator[Person]:
        cursor: str | None = None
        while True:
            page = self._admin.find(limit=_PAGE, cursor=cursor)
            yield from page.people
            cursor = page.cursor
            if cursor is None:
                return

    def _cells(self, person: Person, clear: bool) -> tuple[str, ...]:
        phone = self._people.phone(person)
        return (
            person.id,
            person.name,
            person.given_name,
            phone if clear else masked(phone),
            person.language,
            person.status,
            person.customer or "",
            person.consent_version or "",
            person.assurance,
            stamp(person.created_at),
        )
