"""The authenticator app: set up, used instead of the message with the same counts, and each step once."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pyotp
import pytest

from functions import authenticator, http, kiosks, operators, people, sessions
from shared.adapters.totp import SECONDS, Totp
from shared.containers import PEOPLE, SESSIONS
from shared.domain.errors import BadRequest, LimitReached, Locked, LostRace
from shared.domain.session import Assurance, Reason, State, kiosk_day
from shared.domain.transitions import Refused
from shared.services.people.authenticators import NoAuthenticator, NotBegun, Verdict
from shared.services.session import store as session_store
from shared.services.session.store import Stored
from shared.services.teller.screen import FullVisitNeeded
from shared.services.visit.customer import CodeUsed
from tests.desk import Desk
from tests.unit import test_enrolment_story as registering
from tests.unit.test_teller import Counter

WHY = {"reason": "Lost the telephone", "case": "INC-5"}


class Customer(Counter):
    """Ada, with an app on her telephone."""

    secret = ""

    def app_code(self, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.app.clock.now(), counter_offset=steps)

    def wrong_code(self) -> str:
        near = {self.app_code(step) for step in range(-2, 3)}
        return next(code for code in (f"{n:06d}" for n in range(10)) if code not in near)

    def set_up(self, person: str = "pada") -> None:
        self.secret = self.app.authenticators.begin(person, "Ada").secret
        assert self.app.authenticators.confirm(person, self.app_code())
        self.app.fake_clock.advance(SECONDS)

    def type_app_code(self, code: str) -> bool:
        return self.app.visit.pin(self.stored(), code, app=True).accepted


@pytest.fixture
def ada() -> Customer:
    return Customer()


def test_the_adapter_speaks_what_every_app_speaks() -> None:
    """RFC 6238, appendix B, SHA-1 (its eight digits' last six), and a URI that names issuer and account."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    codes = Totp()
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert codes.step(secret, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30
    uri = codes.uri(secret, "Ada", "Face ATM")
    assert uri == f"otpauth://totp/Face%20ATM:Ada?secret={secret}&issuer=Face%20ATM"
    assert codes.qr(uri).startswith("<svg") and "script" not in codes.qr(uri)


def test_a_neighbouring_step_is_taken_and_no_other(ada: Customer) -> None:
    ada.set_up()
    now = ada.app.clock.now()
    assert [ada.app.authenticators._codes.step(ada.secret, ada.app_code(s), now) is not None for s in range(-2, 3)] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_the_page_is_told_that_an_app_code_is_taken(ada: Customer) -> None:
    ada.to_pin()
    assert ada.view()["pin"]["app"] is False  # type: ignore[index]
    ada.app.visit.leave(ada.stored())
    ada.set_up()
    ada.to_pin()
    assert ada.view()["pin"]["app"] is True  # type: ignore[index]


def test_the_apps_code_takes_the_place_of_the_messages(ada: Customer) -> None:
    ada.set_up()
    ada.to_pin()
    assert ada.type_app_code(ada.app_code())
    ada.show("ada")
    ada.say("ada")
    assert ada.state is State.GRANTED


def test_wrong_codes_of_either_kind_count_together(ada: Customer) -> None:
    ada.set_up()
    ada.to_pin()
    assert not ada.type_app_code(ada.wrong_code())
    assert not ada.type_pin("000000" if ada.code() != "000000" else "111111")
    assert ada.view()["pin"]["attemptsLeft"] == 1  # type: ignore[index]
    assert not ada.type_app_code(ada.wrong_code())
    assert (ada.state, ada.now().reason) == (State.DENIED, Reason.WRONG_PIN)
    assert ada.app.standing.failures("pada") == (3, 3)


def test_the_messages_code_is_none_of_the_apps_and_the_other_way_round(ada: Customer) -> None:
    ada.set_up()
    ada.to_pin()
    if ada.code() != ada.app_code():
        assert not ada.type_app_code(ada.code())
        assert not ada.type_pin(ada.app_code())


def test_nobody_in_front_uses_up_no_attempt_and_no_step(ada: Customer) -> None:
    ada.set_up()
    ada.to_pin()
    ada.show("nobody", "nobody", every=2)
    with pytest.raises(Refused, match="in_front"):
        ada.type_app_code(ada.app_code())
    assert ada.now().wrong_pins == 0 and ada.app.standing.failures("pada") == (0, 0)
    ada.show("ada", "ada", "ada")
    assert ada.type_app_code(ada.app_code())


def test_a_code_seen_over_the_shoulder_opens_no_second_visit_and_costs_no_attempt(ada: Customer) -> None:
    ada.set_up()
    ada.to_pin()
    code = ada.app_code()
    assert ada.type_app_code(code)
    ada.app.visit.leave(ada.stored())
    ada.to_pin()
    with pytest.raises(CodeUsed):
        ada.type_app_code(code)
    assert ada.now().wrong_pins == 0 and ada.app.standing.failures("pada") == (0, 0)
    ada.app.fake_clock.advance(SECONDS)
    ada.show("ada", "ada", "ada")
    assert ada.type_app_code(ada.app_code())


def test_an_older_step_than_the_last_one_is_never_taken(ada: Customer) -> None:
    ada.set_up()
    judge = ada.app.authenticators.judge
    older = ada.app_code(0)
    assert judge("pada", ada.app_code(1)) is Verdict.RIGHT
    assert judge("pada", older) is Verdict.USED


@pytest.mark.parametrize("callers", [2, 8])
def test_of_any_number_of_racing_requests_one_is_told_right(ada: Customer, callers: int) -> None:
    """All have read the same document before anybody writes."""
    ada.set_up()
    code, judge = ada.app_code(), ada.app.authenticators.judge
    read, barrier = ada.app.authenticators._document, threading.Barrier(callers)
    first = threading.local()

    def together(person: str) -> object:
        document = read(person)
        if not getattr(first, "waited", False):
            first.waited = True
            barrier.wait(timeout=30)
        return document

    ada.app.authenticators._document = together  # type: ignore[method-assign,assignment]
    with ThreadPoolExecutor(callers) as pool:
        verdicts = list(pool.map(lambda _: judge("pada", code), range(callers)))
    assert sorted(verdicts) == [Verdict.RIGHT] + [Verdict.USED] * (callers - 1)


def test_racing_requests_of_one_visit_pass_once_and_count_nothing(ada: Customer) -> None:
    ada.set_up()
    ada.to_pin()
    stored, code = ada.stored(), ada.app_code()

    def submit(_: int) -> str:
        try:
            return str(ada.app.visit.pin(stored, code, app=True).accepted)
        except (Refused, CodeUsed, LostRace) as refusal:
            return refusal.code

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(submit, range(8)))
    assert told.count("True") == 1 and set(told) <= {"True", "code_used", "wrong_state", "lost_race"}
    assert ada.state is State.VOICE and ada.now().wrong_pins == 0
    assert ada.app.standing.failures("pada") == (0, 0)


def test_without_an_app_nothing_is_judged_and_nothing_used_up(ada: Customer) -> None:
    ada.to_pin()
    with pytest.raises(NoAuthenticator):
        ada.type_app_code("123456")
    assert ada.app.standing.failures("pada") == (0, 0)
    with pytest.raises(BadRequest):
        ada.type_app_code("12345a")


def test_while_registering_the_phone_has_to_be_proven_all_the_same(ada: Customer) -> None:
    registering.ask(ada)
    registering.fill_in(ada)
    registering.pose(ada)
    ada.show("eve", "eve")
    ada.set_up(str(ada.now().person))
    ada.show("eve", "eve")
    with pytest.raises(Refused, match="wrong_state"):
        ada.type_app_code(ada.app_code())


def test_a_new_secret_counts_only_once_it_is_confirmed_and_the_old_one_until_then(ada: Customer) -> None:
    ada.set_up()
    old, apps = ada.secret, ada.app.authenticators
    ada.secret = apps.begin("pada", "Ada").secret
    assert apps.judge("pada", ada.app_code()) is Verdict.WRONG
    assert not apps.confirm("pada", ada.wrong_code())
    assert apps.judge("pada", pyotp.TOTP(old).at(ada.app.clock.now())) is Verdict.RIGHT
    assert apps.confirm("pada", ada.app_code())
    assert apps.judge("pada", ada.app_code()) is Verdict.USED  # the code that confirmed opens nothing
    ada.app.fake_clock.advance(SECONDS)
    assert apps.judge("pada", pyotp.TOTP(old).at(ada.app.clock.now())) is Verdict.WRONG
    assert apps.judge("pada", ada.app_code()) is Verdict.RIGHT


def test_a_setup_waits_a_quarter_of_an_hour_and_bears_ten_tries(ada: Customer) -> None:
    apps = ada.app.authenticators
    with pytest.raises(NotBegun):
        apps.confirm("pada", "123456")
    ada.secret = apps.begin("pada", "Ada").secret
    for _ in range(10):
        assert not apps.confirm("pada", ada.wrong_code())
    with pytest.raises(LimitReached):
        apps.confirm("pada", ada.app_code())
    ada.app.fake_clock.advance(15 * 60)
    with pytest.raises(NotBegun):
        apps.confirm("pada", ada.app_code())
    assert not apps.has("pada")


def test_the_secret_is_sealed_for_this_person_alone(ada: Customer) -> None:
    ada.set_up()
    kept = "\n".join(ada.app.fake_documents.texts())
    assert ada.secret not in kept
    document = ada.app.documents.get(PEOPLE, "authenticator.pada", "authenticator.pada")
    assert document is not None
    ada.app.documents.create(PEOPLE, "authenticator.pben", "authenticator.pben", document.body)
    with pytest.raises(Exception, match="altered or belongs elsewhere"):
        ada.app.authenticators.judge("pben", ada.app_code())


# --- in the account settings ---


def at_the_teller(ada: Customer) -> Callable[[], Stored]:
    ada.to_teller()
    return lambda: ada.app.teller.visit(ada.teller_token)


def test_at_the_teller_an_app_is_set_up_replaced_and_removed_and_the_owner_told(ada: Customer) -> None:
    visit = at_the_teller(ada)
    own = ada.app.own_authenticator
    setup = own.begin(visit())
    ada.secret = setup.secret
    assert setup.secret in setup.uri and "issuer=Face%20ATM" in setup.uri and setup.qr.startswith("<svg")
    assert own.confirm(visit(), ada.app_code())
    assert own.has("pada")
    assert "authenticator app was set up" in ada.app.fake_sms.sent[-1].text
    own.remove(visit())
    assert not own.has("pada")
    assert "was removed" in ada.app.fake_sms.sent[-1].text
    with pytest.raises(NoAuthenticator):
        own.remove(visit())


def test_a_locked_screen_or_a_visit_that_staff_let_in_changes_nothing(ada: Customer) -> None:
    visit = at_the_teller(ada)
    ada.app.fake_clock.advance(6)
    with pytest.raises(Locked):
        ada.app.own_authenticator.begin(visit())
    ada.show("ada")
    stored = ada.app.sessions.load(ada.session)
    assisted = replace(stored.session, assurance=Assurance.ASSISTED)
    place = kiosk_day(ada.session)
    ada.app.documents.replace(SESSIONS, place, ada.session, session_store._body(assisted), stored.etag)
    with pytest.raises(FullVisitNeeded):
        ada.app.own_authenticator.begin(visit())
    assert not ada.app.authenticators.has("pada")


# --- while registering ---


def test_an_app_set_up_while_registering_is_there_on_the_next_visit(ada: Customer) -> None:
    registering.ask(ada)
    registering.fill_in(ada)
    registering.pose(ada)
    with pytest.raises(Refused, match="wrong_state"):
        ada.app.own_authenticator.begin_registering(ada.stored())
    registering.prove_phone(ada)
    ada.secret = ada.app.own_authenticator.begin_registering(ada.stored()).secret
    assert ada.app.own_authenticator.confirm_registering(ada.stored(), ada.app_code())
    registering.read_phrases(ada)
    assert ada.state is State.GRANTED
    ada.app.visit.leave(ada.stored())
    ada.app.fake_clock.advance(2 * 3600)
    ada.to_pin("eve")
    assert ada.type_app_code(ada.app_code())


def test_nothing_of_it_remains_of_an_abandoned_registration(ada: Customer) -> None:
    registering.ask(ada)
    registering.fill_in(ada)
    registering.pose(ada)
    registering.prove_phone(ada)
    person = str(ada.now().person)
    ada.secret = ada.app.own_authenticator.begin_registering(ada.stored()).secret
    assert ada.app.own_authenticator.confirm_registering(ada.stored(), ada.app_code())
    ada.app.visit.leave(ada.stored())
    ada.app.fake_clock.advance(3600)
    assert ada.app.documents.get(PEOPLE, f"authenticator.{person}", f"authenticator.{person}") is None


# --- over HTTP, and staff ---


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(monkeypatch, http, operators, kiosks, people, sessions, authenticator)
    desk.stage.enrol("ada")
    return desk


def set_up_at(desk: Desk) -> str:
    secret = desk.app.authenticators.begin("pada", "Ada").secret
    assert desk.app.authenticators.confirm("pada", pyotp.TOTP(secret).at(desk.app.clock.now()))
    desk.app.fake_clock.advance(SECONDS)
    return secret


def test_over_http_the_customer_says_which_code_it_is(desk: Desk) -> None:
    secret = set_up_at(desk)
    desk.stage.to_pin()
    asked = {"id": desk.stage.session, "headers": {"X-Visit-Token": desk.stage.token}}
    code = pyotp.TOTP(secret).at(desk.app.clock.now())
    assert desk.code(sessions.pin, body={"code": code, "by": "letter"}, **asked) == (400, "bad_by")  # type: ignore[arg-type]
    status, told = desk.call(sessions.pin, body={"code": code, "by": "app"}, **asked)  # type: ignore[arg-type]
    assert (status, told["accepted"]) == (200, True)


def test_staff_remove_the_app_of_a_lost_phone_for_a_reason_and_the_owner_is_told(desk: Desk) -> None:
    set_up_at(desk)
    remove = authenticator.removed_by_staff
    assert desk.code(remove, "vera", body=WHY, id="pada") == (403, "forbidden")
    assert desk.code(remove, "otto", body={}, id="pada") == (400, "reason_needed")
    assert desk.call(remove, "otto", body=WHY, id="pada")[0] == 204
    assert not desk.app.authenticators.has("pada")
    assert "was removed" in desk.app.fake_sms.sent[-1].text
    assert [e["subjects"] for e in desk.audited("authenticator_removed")] == [{"person": "pada"}]
    assert desk.code(remove, "otto", body=WHY, id="pada") == (409, "no_authenticator")


def test_no_secret_and_no_code_is_ever_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = set_up_at(desk)
    desk.stage.to_pin()
    code = pyotp.TOTP(secret).at(desk.app.clock.now())
    assert desk.app.visit.pin(desk.stage.stored(), code, app=True).accepted
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert logged and secret not in logged and f"'{code}'" not in logged and "otpauth" not in logged


def test_erasing_takes_the_secret_too(desk: Desk) -> None:
    set_up_at(desk)
    assert desk.call(people.erase, "anna", body=WHY, id="pada")[0] == 200
    assert desk.app.documents.get(PEOPLE, "authenticator.pada", "authenticator.pada") is None
    assert not any("authenticator-tries.pada" in text for text in desk.app.fake_documents.texts())
