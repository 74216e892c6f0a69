"""Another telephone number: the new one proven, the old one told, and a day to object."""

import re
from dataclasses import replace

import pytest

from functions import assistance, http, kiosks, operators, people, phones
from shared.domain.errors import BadRequest, LimitReached, Locked, LostRace, Unavailable
from shared.services.operators.vouching import BARRED_AFTER_PHONE_CHANGE
from shared.services.people.registry import Status
from shared.services.people_admin.phone_changes import NoChange, PhoneChange
from shared.services.session.store import Stored
from tests.desk import Desk
from tests.unit.test_teller import Counter

OLD, NEW, BENS = "+12025550142", "+12025550199", "+12025550187"
WHY = {"reason": "Customer at the counter with a new telephone", "case": "INC-8"}
SEEN = {**WHY, "document": "passport"}
DAY = 24 * 3600


class Customer(Counter):
    """Ada, at the teller screen."""

    def here(self) -> Stored:
        self.show("ada")
        return self.app.teller.visit(self.teller_token)

    def texts(self, number: str) -> list[str]:
        return [message.text for message in self.app.fake_sms.sent if message.to == number]

    def code_sent_to(self, number: str) -> str:
        found = re.match(r"\d{6}", self.texts(number)[-1])
        assert found is not None
        return found[0]

    def change(self) -> PhoneChange | None:
        return self.app.phone_changes.of("pada")

    def phone(self) -> str:
        return self.app.people.phone(self.app.people.require("pada"))


@pytest.fixture
def ada() -> Customer:
    ada = Customer()
    ada.to_teller()
    return ada


def test_a_proven_number_counts_a_day_later_and_the_old_one_is_told_at_once(ada: Customer) -> None:
    ada.app.own_phone.ask(ada.here(), "202 555 0199")
    effective = ada.app.own_phone.prove(ada.here(), ada.code_sent_to(NEW))
    assert effective is not None
    told = ada.texts(OLD)[-1]
    assert "ending in 99" in told and "2026-11-23" in told and NEW not in told
    ada.app.fake_clock.advance(DAY - 1)
    assert ada.app.phones_due.apply() == 0 and ada.phone() == OLD
    ada.app.fake_clock.advance(2)
    assert ada.app.phones_due.apply() == 1
    assert ada.phone() == NEW and ada.change() is None
    assert (ada.app.people.by_phone(NEW), ada.app.people.by_phone(OLD)) == ("pada", None)
    assert "go to this number" in ada.texts(NEW)[-1]
    assert ada.app.phones_due.apply() == 0


def test_until_then_codes_go_to_the_old_number_and_afterwards_to_the_new(ada: Customer) -> None:
    ada.app.own_phone.ask(ada.here(), NEW)
    ada.app.own_phone.prove(ada.here(), ada.code_sent_to(NEW))
    ada.app.visit.leave(ada.here())
    sent = len(ada.texts(OLD))
    ada.to_pin()
    assert len(ada.texts(OLD)) == sent + 1
    ada.app.visit.leave(ada.stored())
    ada.app.fake_clock.advance(DAY)
    ada.app.phones_due.apply()
    sent = len(ada.texts(NEW))
    ada.to_pin()
    assert len(ada.texts(NEW)) == sent + 1


def test_a_wrong_code_proves_nothing_and_after_three_a_new_one_is_needed(ada: Customer) -> None:
    ada.app.own_phone.ask(ada.here(), NEW)
    right = ada.code_sent_to(NEW)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(3):
        assert ada.app.own_phone.prove(ada.here(), wrong) is None
    with pytest.raises(NoChange):
        ada.app.own_phone.prove(ada.here(), right)
    assert ada.app.people.by_phone(NEW) is None


def test_a_code_lives_ten_minutes(ada: Customer) -> None:
    ada.app.phone_changes.ask(ada.app.people.require("pada"), NEW, None)
    ada.app.fake_clock.advance(600)
    with pytest.raises(NoChange):
        ada.app.phone_changes.prove(ada.app.people.require("pada"), ada.code_sent_to(NEW))


def test_the_owner_of_a_registered_number_gets_a_warning_and_no_code_fits(ada: Customer) -> None:
    ada.app.own_phone.ask(ada.here(), BENS)
    (warning,) = ada.texts(BENS)
    change = ada.change()
    assert change is not None
    code = ada.app.phone_changes._code(change)
    assert "registered already" in warning and code not in warning
    assert ada.app.own_phone.prove(ada.here(), code) is None
    assert ada.app.people.by_phone(BENS) == "pben"


def test_a_number_that_somebody_registers_meanwhile_is_theirs(ada: Customer) -> None:
    ada.app.own_phone.ask(ada.here(), NEW)
    ada.app.people.reserve_phone(NEW, "pnew")
    assert ada.app.own_phone.prove(ada.here(), ada.code_sent_to(NEW)) is None
    assert ada.app.people.by_phone(NEW) == "pnew"


def test_nobody_else_can_register_a_number_that_waits_for_its_day(ada: Customer) -> None:
    ada.app.own_phone.ask(ada.here(), NEW)
    ada.app.own_phone.prove(ada.here(), ada.code_sent_to(NEW))
    assert ada.app.people.by_phone(NEW) == "pada"


@pytest.mark.parametrize("typed", ["call me", "12", "+1202555014212345678", "+999 12345678", ""])
def test_what_is_no_number_is_refused(ada: Customer, typed: str) -> None:
    with pytest.raises(BadRequest, match="telephone number"):
        ada.app.own_phone.ask(ada.here(), typed)
    assert ada.change() is None


def test_the_same_number_is_no_change_and_five_a_day_are_enough(ada: Customer) -> None:
    with pytest.raises(BadRequest, match="already"):
        ada.app.own_phone.ask(ada.here(), OLD)
    for number in range(5):
        ada.app.own_phone.ask(ada.here(), f"+1202555019{number}")
    with pytest.raises(LimitReached):
        ada.app.own_phone.ask(ada.here(), NEW)


def test_a_new_request_takes_the_place_of_the_one_before_and_frees_its_number(ada: Customer) -> None:
    ada.app.own_phone.ask(ada.here(), NEW)
    ada.app.own_phone.prove(ada.here(), ada.code_sent_to(NEW))
    ada.app.own_phone.ask(ada.here(), "+12025550198")
    assert ada.app.people.by_phone(NEW) is None
    ada.app.fake_clock.advance(DAY)
    assert ada.app.phones_due.apply() == 0 and ada.phone() == OLD


def test_a_locked_teller_screen_changes_nothing(ada: Customer) -> None:
    ada.app.fake_clock.advance(6)
    with pytest.raises(Locked):
        ada.app.own_phone.ask(ada.app.teller.visit(ada.teller_token), NEW)


@pytest.mark.parametrize("broken", ["save", "release_phone"])
def test_a_crash_in_the_middle_is_made_good(ada: Customer, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ada.app.own_phone.ask(ada.here(), NEW)
    ada.app.own_phone.prove(ada.here(), ada.code_sent_to(NEW))
    ada.app.fake_clock.advance(DAY)

    def fails(*args: object) -> None:
        raise Unavailable("documents")

    with monkeypatch.context() as patch:
        patch.setattr(ada.app.people, broken, fails)
        assert ada.app.phones_due.apply() == 0
    assert ada.app.phones_due.apply() == 1
    assert ada.phone() == NEW
    assert (ada.app.people.by_phone(NEW), ada.app.people.by_phone(OLD)) == ("pada", None)


def test_neither_number_is_stored_in_clear(ada: Customer) -> None:
    ada.app.own_phone.ask(ada.here(), NEW)
    ada.app.own_phone.prove(ada.here(), ada.code_sent_to(NEW))
    kept = "\n".join(ada.app.fake_documents.texts())
    assert NEW[2:] not in kept and OLD[2:] not in kept


# --- by staff ---


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(monkeypatch, http, operators, kiosks, people, phones, assistance)
    desk.stage.enrol("ada", OLD)
    desk.stage.enrol("ben", BENS)
    return desk


def code_at(desk: Desk, number: str = NEW) -> str:
    texts = [m.text for m in desk.app.fake_sms.sent if m.to == number]
    found = re.match(r"\d{6}", texts[-1])
    assert found is not None
    return found[0]


def asked(desk: Desk, by: str = "otto") -> None:
    assert desk.call(phones.ask_by_staff, by, body={**SEEN, "phone": NEW}, id="pada")[0] == 202


def test_by_staff_it_takes_a_document_two_operators_and_the_code(desk: Desk) -> None:
    asked(desk)
    assert desk.code(phones.approve, "olga", body=SEEN, id="pada") == (409, "no_phone_change")  # not proven yet
    assert desk.call(phones.confirm_by_staff, "otto", body={"code": code_at(desk)}, id="pada") == (
        200,
        {"confirmed": True},
    )
    _, one = desk.call(people.one, "olga", method="GET", id="pada")
    assert (one["phoneChange"]["ending"], one["phoneChange"]["proven"], one["phoneChange"]["effectiveAt"]) == (
        "99",
        True,
        None,
    )
    status, told = desk.call(phones.approve, "olga", body=SEEN, id="pada")
    assert status == 200 and told["effectiveAt"] == "2026-11-23T12:00:00.000Z"
    audited = [desk.audited(f"phone_change_{what}")[0]["operator"] for what in ("asked", "proven", "approved")]
    assert audited == ["otto", "otto", "olga"]
    desk.app.fake_clock.advance(DAY)
    assert desk.app.phones_due.apply() == 1
    person = desk.app.people.require("pada")
    assert desk.app.people.phone(person) == NEW and person.phone_changed_at == desk.app.clock.now()


def test_one_operator_is_not_two_and_nobody_decides_about_themselves(desk: Desk) -> None:
    asked(desk)
    desk.call(phones.confirm_by_staff, "otto", body={"code": code_at(desk)}, id="pada")
    assert desk.code(phones.approve, "otto", body=SEEN, id="pada") == (403, "own_matter")
    for field in ("operator", "registered_by"):
        ada = desk.app.people.require("pada")
        desk.app.people.save(replace(ada, operator=None, registered_by=None))
        desk.app.people.save(replace(desk.app.people.require("pada"), **{field: "olga"}))  # type: ignore[arg-type]
        for step in (phones.approve, phones.ask_by_staff, phones.confirm_by_staff):
            body = {**SEEN, "phone": NEW, "code": "123456"}
            assert desk.code(step, "olga", body=body, id="pada") == (403, "own_matter")
    change = desk.app.phone_changes.of("pada")
    assert change is not None and change.effective_at is None


def test_without_a_document_or_a_reason_nothing_begins(desk: Desk) -> None:
    for missing, code in (("document", "bad_document"), ("reason", "reason_needed"), ("phone", "bad_phone")):
        body = {name: value for name, value in {**SEEN, "phone": NEW}.items() if name != missing}
        assert desk.code(phones.ask_by_staff, "otto", body=body, id="pada") == (400, code)
    assert desk.code(phones.ask_by_staff, "vera", body={**SEEN, "phone": NEW}, id="pada") == (403, "forbidden")
    assert desk.app.phone_changes.of("pada") is None


def test_the_customer_alone_cannot_settle_what_staff_began(desk: Desk) -> None:
    """Nor the other way round: a code proves the number, and who must agree is decided by who asked."""
    asked(desk)
    proven = desk.app.phone_changes.prove(desk.app.people.require("pada"), code_at(desk))
    assert proven is not None and proven.effective_at is None


def test_an_owner_who_objects_keeps_the_number(desk: Desk) -> None:
    asked(desk)
    desk.call(phones.confirm_by_staff, "otto", body={"code": code_at(desk)}, id="pada")
    desk.call(phones.approve, "olga", body=SEEN, id="pada")
    assert desk.code(phones.cancel, "otto", body={}, id="pada") == (400, "reason_needed")
    assert desk.call(phones.cancel, "otto", body=WHY, id="pada")[0] == 204
    assert desk.app.people.by_phone(NEW) is None
    desk.app.fake_clock.advance(DAY)
    assert desk.app.phones_due.apply() == 0
    assert desk.app.people.phone(desk.app.people.require("pada")) == OLD
    desk.login("otto")
    assert desk.code(phones.cancel, "otto", body=WHY, id="pada") == (409, "no_phone_change")


def test_it_is_cancelled_or_made_never_half_of_each(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The objection comes at the very moment in which the timer has begun."""
    changes = desk.app.phone_changes
    ada = desk.app.people.require("pada")
    changes.ask(ada, NEW, None)
    changes.prove(ada, code_at(desk))
    desk.app.fake_clock.advance(DAY)
    reserve = desk.app.people.reserve_phone

    def objected(phone: str, person: str) -> None:
        with pytest.raises(NoChange):
            changes.cancel("pada")
        reserve(phone, person)

    monkeypatch.setattr(desk.app.people, "reserve_phone", objected)
    assert desk.app.phones_due.apply() == 1
    assert desk.app.people.phone(desk.app.people.require("pada")) == NEW


def test_two_who_prove_at_once_settle_it_once(desk: Desk) -> None:
    changes, ada = desk.app.phone_changes, desk.app.people.require("pada")
    changes.ask(ada, NEW, None)
    stale = changes.of("pada")
    assert stale is not None
    changes.prove(ada, code_at(desk))
    with pytest.raises(LostRace):
        changes._save(stale)


def test_staff_vouch_for_nobody_whose_number_changed_less_than_72_hours_ago(desk: Desk) -> None:
    changes, ada = desk.app.phone_changes, desk.app.people.require("pada")
    changes.ask(ada, NEW, None)
    changes.prove(ada, code_at(desk))
    desk.app.fake_clock.advance(DAY)
    desk.app.phones_due.apply()
    changed = desk.app.people.require("pada").phone_changed_at
    assert changed == desk.app.clock.now() and BARRED_AFTER_PHONE_CHANGE.total_seconds() == 72 * 3600


def test_erasing_leaves_nothing_of_a_change_and_frees_both_numbers(desk: Desk) -> None:
    changes, ada = desk.app.phone_changes, desk.app.people.require("pada")
    changes.ask(ada, NEW, None)
    changes.prove(ada, code_at(desk))
    assert desk.call(people.erase, "anna", body=WHY, id="pada")[0] == 200
    assert changes.of("pada") is None
    assert desk.app.people.by_phone(NEW) is None and desk.app.people.by_phone(OLD) is None
    assert not any("phonechange" in text for text in desk.app.fake_documents.texts())


def test_somebody_suspended_changes_nothing(desk: Desk) -> None:
    desk.app.people.save(replace(desk.app.people.require("pada"), status=Status.SUSPENDED))
    body = {**SEEN, "phone": NEW}
    assert desk.code(phones.ask_by_staff, "otto", body=body, id="pada") == (409, "no_phone_change")
