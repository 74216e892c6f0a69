"""People from a CSV file, told line by line; with a dry run that says the same and writes nothing.

A line without consent makes an invited person: no template, no message. One with consent waits for approval, by
another operator than the one who imports.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.csv_cells import plain_cell
from shared.domain.errors import AlreadyExists, BadRequest, TooLarge
from shared.domain.roles import Operator
from shared.services.audit.entries import Audit
from shared.services.people.numbers import Numbers
from shared.services.people.registry import People, Status
from shared.services.people_admin.care import checked_customer

COLUMNS = ("name", "phone", "given_name", "language", "customer", "consent_version")
LANGUAGES = frozenset({"en", "es", "ja", "ar"})
_NEEDED = frozenset({"name", "phone"})
_NAME_MOST, _CONSENT_MOST = 80, 20
NEW = "new"


@dataclass(frozen=True, slots=True)
class Line:
    """`number` is the line in the file, the header being 1. `outcome`: `new`, or why nobody was made of it."""

    number: int
    outcome: str
    status: Status | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    dry_run: bool
    lines: tuple[Line, ...]

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(line.outcome for line in self.lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    name: str
    given_name: str
    phone: str
    language: str
    customer: str | None
    consent_version: str | None

    @property
    def status(self) -> Status:
        return Status.PENDING if self.consent_version else Status.INVITED


class PeopleImport:
    """`most`: how many people one file may have."""

    def __init__(self, people: People, numbers: Numbers, audit: Audit, most: int) -> None:
        self._people = people
        self._numbers = numbers
        self._audit = audit
        self._most = most

    def run(self, operator: Operator, data: bytes, *, dry_run: bool) -> ImportReport:
        """Raises BadRequest("bad_csv") for what is no such file, TooLarge; a bad line only spoils itself."""
        rows = list(_rows(data, self._most))
        with self._audit.act(operator, "people_imported", dryRun=dry_run, lines=len(rows)):
            lines, seen = [], set[str]()
            for number, cells in rows:
                lines.append(self._line(operator, number, cells, seen, dry_run))
        return ImportReport(dry_run, tuple(lines))

    def _line(self, operator: Operator, number: int, cells: dict[str, str], seen: set[str], dry_run: bool) -> Line:
        try:
            row = self._checked(cells)
        except BadRequest as failure:
            return Line(number, failure.code)
        if row.phone in seen:
            return Line(number, "duplicate_in_file")
        seen.add(row.phone)
        if self._people.by_phone(row.phone) is not None:
            return Line(number, "registered")
        if dry_run:
            return Line(number, NEW, row.status)
        try:
            person = self._people.create(
                self._people.new_id(),
                name=row.name,
                given_name=row.given_name,
                phone=row.phone,
                status=row.status,
                language=row.language,
                consent_version=row.consent_version,
                assurance="staff",
                registered_by=operator.id,
                customer=row.customer,
            )
        except AlreadyExists:
            return Line(number, "registered")
        return Line(number, NEW, row.status, person.id)

    def _checked(self, cells: dict[str, str]) -> _Row:
        """Raises BadRequest with the code of the first cell that is wrong."""
        name, consent = cells["name"], cells.get("consent_version", "")
        given = cells.get("given_name") or name.partition(" ")[0]
        language = cells.get("language") or "en"
        for text in (name, given):
            if not any(c.isalpha() for c in text) or not text.isprintable() or len(text) > _NAME_MOST:
                raise BadRequest("bad_name")
        if language not in LANGUAGES:
            raise BadRequest("bad_language")
        if len(consent) > _CONSENT_MOST or not consent.isprintable():
            raise BadRequest("bad_consent")
        return _Row(
            name=name,
            given_name=given,
            phone=self._numbers.parse(cells["phone"]),
            language=language,
            customer=checked_customer(cells.get("customer") or None),
            consent_version=consent or None,
        )


def _rows(data: bytes, most: int) -> Iterator[tuple[int, dict[str, str]]]:
    """Line numbers and cells, single-spaced; empty lines are left out."""
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = [cell.strip().lower() for cell in next(reader, [])]
        if not _NEEDED <= set(header) <= set(COLUMNS) or len(set(header)) != len(header):
            raise BadRequest("bad_csv", f"the first line names the columns, of {', '.join(COLUMNS)}")
        found = 0
        for cells in reader:
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise BadRequest("bad_csv", f"line {reader.line_num} has not as many cells as the first")
            found += 1
            if found > most:
                raise TooLarge(f"more than {most} people")
            yield reader.line_num, {n: " ".join(plain_cell(c).split()) for n, c in zip(header, cells, strict=True)}
    except (UnicodeDecodeError, csv.Error):
        raise BadRequest("bad_csv", "the file must be CSV in UTF-8") from None
