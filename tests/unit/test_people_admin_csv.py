"""People as CSV: line by line in, safe for spreadsheets out."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions import http, kiosks, operators, people
from shared.domain.csv_cells import plain_cell, safe_cell
from shared.services.people.registry import Status
from tests.desk import Desk

HEADER = "name,phone,given_name,language,customer,consent_version\n"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch, http, operators, kiosks, people)


def bring(desk: Desk, text: str, *, dry_run: bool = False, by: str = "anna") -> tuple[int, Any]:
    return desk.call(people.import_csv, by, raw=text.encode(), params={"dryRun": str(dry_run).lower()})


def outcomes(told: Any) -> list[tuple[int, str, str | None]]:
    return [(line["line"], line["outcome"], line["status"]) for line in told["lines"]]


FILE = (
    HEADER
    + "Ada Byron,+1 202 555 0142,,en,C-1,2026-11\n"
    + "Ben Okri,(202) 555-0187,Ben,,,\n"
    + "\n"
    + "12345,+12025550111,,,,\n"
    + "Eve,not a number,,,,\n"
    + "Eve,+12025550112,,tlh,,\n"
    + "Eve,+12025550113,,,=1+1,\n"
    + "Ada Again,202 555 0142,,,,\n"
)
TOLD = [
    (2, "new", "pending"),
    (3, "new", "invited"),
    (5, "bad_name", None),
    (6, "bad_phone", None),
    (7, "bad_language", None),
    (8, "bad_customer", None),
    (9, "duplicate_in_file", None),
]


def test_a_dry_run_says_what_would_come_of_each_line_and_writes_nobody(desk: Desk) -> None:
    status, told = bring(desk, FILE, dry_run=True)
    assert status == 200
    assert outcomes(told) == TOLD
    assert (told["dryRun"], told["new"]) == (True, 2)
    assert desk.call(people.find, "anna", body={})[1]["people"] == []


def test_a_dry_run_is_what_happens_unless_asked_otherwise(desk: Desk) -> None:
    _, told = desk.call(people.import_csv, "anna", raw=FILE.encode())
    assert told["dryRun"] is True
    assert desk.code(people.import_csv, "anna", raw=FILE.encode(), params={"dryRun": "no"}) == (400, "bad_dryrun")


def test_an_import_does_what_the_dry_run_said_and_a_second_one_nothing(desk: Desk) -> None:
    _, told = bring(desk, FILE)
    assert outcomes(told) == TOLD
    ada, ben = (desk.app.people.require(line["person"]) for line in told["lines"][:2])
    assert (ada.name, ada.given_name, ada.status, ada.customer) == ("Ada Byron", "Ada", Status.PENDING, "C-1")
    assert desk.app.people.phone(ben) == "+12025550187"
    assert ben.consent_at is None
    _, again = bring(desk, FILE)
    assert [outcome for _, outcome, _ in outcomes(again)][:2] == ["registered", "registered"]


def test_without_consent_there_is_no_template_and_no_message_and_nobody_can_approve_it(desk: Desk) -> None:
    _, told = bring(desk, HEADER + "Ben Okri,+12025550187,,,,\n")
    person = told["lines"][0]["person"]
    assert desk.app.fake_sms.sent == []
    assert desk.call(people.one, "otto", method="GET", id=person)[1]["templates"]["face"] == 0
    assert desk.code(people.approve, "otto", id=person) == (409, "wrong_status")


def test_who_imports_does_not_approve(desk: Desk) -> None:
    _, told = bring(desk, HEADER + "Ada,+12025550142,,,,2026-11\n")
    person = told["lines"][0]["person"]
    assert desk.code(people.approve, "anna", id=person) == (403, "own_matter")
    assert desk.call(people.approve, "alma", id=person)[0] == 200


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name\nAda\n",
        "name,phone,password\nAda,+12025550142,x\n",
        "name,phone,name\nAda,+12025550142,Ada\n",
        "name,phone\nAda\n",
        'name,phone\n"Ada,+12025550142\n',
    ],
)
def test_what_is_no_such_file_is_refused_whole(desk: Desk, text: str) -> None:
    assert bring(desk, text)[1]["code"] == "bad_csv"
    assert bring(desk, text)[0] == 400


def test_another_encoding_and_too_many_people_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, http, operators, kiosks, people, people_import_most=1)
    latin = "name,phone\nJosé,+12025550142\n".encode("latin-1")
    assert desk.code(people.import_csv, "anna", raw=latin) == (400, "bad_csv")
    assert bring(desk, HEADER + "A,+12025550142,,,,\nB,+12025550143,,,,\n")[0] == 413
    assert bring(desk, HEADER + "A,+12025550142,,,,\n")[0] == 200


def exported(desk: Desk, by: str, **why: str) -> list[dict[str, str]]:
    status, content = desk.call(people.export_csv, by, body=why)
    assert status == 200
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_an_export_masks_numbers_unless_an_admin_gives_a_reason(desk: Desk) -> None:
    bring(desk, FILE)
    assert [row["phone"] for row in exported(desk, "otto")] == ["••••••42", "••••••87"]
    assert [row["phone"] for row in exported(desk, "anna")] == ["••••••42", "••••••87"]
    clear = exported(desk, "anna", reason="Move to the new system")
    assert [row["phone"] for row in clear] == ["'+12025550142", "'+12025550187"]
    assert desk.code(people.export_csv, "otto", body={"reason": "I would like to know"}) == (403, "forbidden")
    assert [e["facts"]["phonesInClear"] for e in desk.audited("people_exported")].count(True) == 1


def test_no_cell_of_an_export_is_a_formula(desk: Desk) -> None:
    bring(desk, HEADER + '"=HYPERLINK(""http://x"",""Ada"")",+12025550142,@SUM,,,-1\n')
    (row,) = exported(desk, "otto")
    assert (row["name"][:2], row["given_name"], row["consent_version"]) == ("'=", "'@SUM", "'-1")


def test_what_was_exported_in_clear_can_be_imported(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(desk, HEADER + "=Ada,+12025550142,,,C-1,2026-11\n")
    (row,) = exported(desk, "anna", reason="Move to the new system")
    names = ("name", "phone", "given_name", "language", "customer", "consent_version")
    other = Desk(monkeypatch, http, operators, kiosks, people)
    _, told = bring(other, ",".join(names) + "\n" + ",".join(row[name] for name in names) + "\n")
    person = other.app.people.require(told["lines"][0]["person"])
    assert (person.name, other.app.people.phone(person), person.customer) == ("=Ada", "+12025550142", "C-1")


@given(st.text(max_size=30))
def test_any_text_is_shown_as_text_and_comes_back_as_it_was(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert plain_cell(cell) == text
