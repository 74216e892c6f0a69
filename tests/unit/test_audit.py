"""What operators do is written down before it happens, by random ids, and never written over."""

from datetime import UTC, datetime

import pytest

from shared.containers import AUDIT
from shared.domain.errors import BadRequest, NotFound, Unavailable
from shared.domain.roles import Operator, Role
from shared.services.audit.entries import Audit, ground
from tests.fakes import FakeClock, FakeDocuments, FakeRandomness

OTTO = Operator("otto", "Otto", Role.OFFICER)
DAY = datetime(2026, 11, 22, tzinfo=UTC).date()


@pytest.fixture
def documents() -> FakeDocuments:
    return FakeDocuments()


@pytest.fixture
def audit(documents: FakeDocuments) -> Audit:
    return Audit(documents, FakeClock(), FakeRandomness())


def test_an_entry_says_who_what_whom_when_and_why(audit: Audit) -> None:
    why = ground("Customer lost   the card", "INC-7")
    audit.record(OTTO, "person_suspended", {"person": "pabc"}, why, before="active")
    (entry,) = audit.day(DAY).items
    assert entry.partition == "2026-11-22"
    assert entry.body == {
        "kind": "entry",
        "at": "2026-11-22T12:00:00.000Z",
        "operator": "otto",
        "role": "officer",
        "action": "person_suspended",
        "subjects": {"person": "pabc"},
        "reason": "Customer lost the card",
        "case": "INC-7",
        "facts": {"before": "active"},
    }


def test_what_cannot_be_recorded_does_not_happen(audit: Audit, documents: FakeDocuments) -> None:
    documents.down = True
    done = []
    with pytest.raises(Unavailable), audit.act(OTTO, "phone_revealed"):
        done.append("seen")
    assert done == []


def test_an_act_that_fails_is_recorded_as_failed_beside_its_entry(audit: Audit) -> None:
    with pytest.raises(NotFound), audit.act(OTTO, "person_approved", {"person": "pabc"}):
        raise NotFound("no such person")
    failed, begun = sorted(audit.day(DAY).items, key=lambda d: str(d.body["action"]), reverse=True)
    assert (begun.body["action"], failed.body["action"]) == ("person_approved", "person_approved.failed")
    assert failed.body["facts"] == {"entry": begun.id, "code": "not_found"}


def test_a_thousand_entries_of_one_moment_are_a_thousand_entries(audit: Audit, documents: FakeDocuments) -> None:
    ids = {audit.record(OTTO, "viewed") for _ in range(1000)}
    assert len(ids) == 1000
    found, cursor = 0, None
    while True:
        page = audit.day(DAY, cursor=cursor)
        found, cursor = found + len(page.items), page.cursor
        if cursor is None:
            break
    assert found == 1000


def test_a_seal_in_the_same_day_is_not_an_entry(audit: Audit, documents: FakeDocuments) -> None:
    audit.record(OTTO, "viewed")
    documents.create(AUDIT, "2026-11-22", "seal.0001", {"kind": "seal", "at": "2026-11-22T12:01:00.000Z"})
    assert len(audit.day(DAY).items) == 1


@pytest.mark.parametrize("reason", ["why", "x" * 201, "call +1 202 555 0142 back", "call 2025550142 back", "a\x07larm"])
def test_a_reason_is_a_sentence_without_a_number_in_it(reason: str) -> None:
    with pytest.raises(BadRequest, match="reason"):
        ground(reason, None)


def test_where_a_reason_is_needed_an_empty_one_is_none() -> None:
    assert ground("", "").reason is None
    with pytest.raises(BadRequest, match="reason"):
        ground(None, "INC-7").require()
