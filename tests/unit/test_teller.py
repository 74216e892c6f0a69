"""The teller screen: opened by the hand-off, locked without the customer in front, and paying once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from shared.containers import LEDGER
from shared.domain.account import InsufficientFunds
from shared.domain.errors import Locked, NotAllowed, NotFound
from shared.domain.session import Reason, State
from shared.domain.transitions import Refused
from shared.services.teller.handoff import AlreadyRedeemed, BadToken
from tests.stage import Stage, StageApp


class Counter(Stage):
    """A stage with somebody at the teller screen."""

    def __init__(self, **chosen: object) -> None:
        super().__init__(StageApp(**{"local_host": True, **chosen}))
        self.enrol("ada", "+12025550142")
        self.enrol("ben", "+12025550187")
        self.teller_token = ""

    def hand_off(self, name: str = "ada") -> str:
        self.to_granted(name)
        self.show(name)
        return self.app.handoff.ask(self.stored())

    def to_teller(self, name: str = "ada") -> None:
        self.teller_token, _ = self.app.teller.open(self.hand_off(name))

    def balance(self) -> int:
        return self.app.ledger.accounts("C-ada")[0].cents

    def withdraw(self, amount: str = "70.00", key: str | None = None) -> int:
        stored = self.app.teller.visit(self.teller_token)
        return self.app.teller.withdraw(stored, "checking", amount, key or str(uuid.uuid4()))[0].balance


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_the_customer_is_welcomed_by_name_with_their_accounts(counter: Counter) -> None:
    token, screen = counter.app.teller.open(counter.hand_off())
    assert screen.person.name == "Ada"
    assert [a.kind for a in screen.accounts] == ["checking", "savings", "credit"]
    assert screen.scene.session.state is State.HANDED_OFF
    assert counter.app.teller.show(counter.app.teller.visit(token)).accounts == screen.accounts


def test_two_customers_have_accounts_of_their_own(counter: Counter) -> None:
    counter.to_teller("ada")
    counter.withdraw()
    counter.to_teller("ben")
    screen = counter.app.teller.show(counter.app.teller.visit(counter.teller_token))
    assert screen.person.name == "Ben"
    assert screen.accounts[0].cents == 1_250_00


def test_somebody_the_bank_has_no_reference_for_sees_no_accounts_and_gets_no_cash(counter: Counter) -> None:
    app = counter.app
    app.people.save(replace(app.people.require("pada"), customer=None))
    counter.to_teller()
    assert app.teller.show(app.teller.visit(counter.teller_token)).accounts == ()
    with pytest.raises(NotFound):
        counter.withdraw()


def test_where_there_is_no_demo_bank_there_are_no_accounts() -> None:
    deployed = Counter(local_host=False)
    deployed.to_teller()
    assert deployed.app.teller.show(deployed.app.teller.visit(deployed.teller_token)).accounts == ()


def test_the_teller_opens_once_for_each_hand_off(counter: Counter) -> None:
    token = counter.hand_off()
    counter.app.teller.open(token)
    with pytest.raises(AlreadyRedeemed):
        counter.app.teller.open(token)


def test_what_the_bank_redeemed_itself_opens_no_teller_screen_here(counter: Counter) -> None:
    token = counter.hand_off()
    counter.app.handoff.redeem(counter.app.handoff.read(token))
    with pytest.raises(AlreadyRedeemed):
        counter.app.teller.open(token)
    with pytest.raises(NotAllowed):
        counter.app.visit.open(counter.session, counter.token, f"{counter.session}.")


def test_the_teller_token_is_not_stored_and_no_other_token_passes_for_it(counter: Counter) -> None:
    counter.to_teller()
    secret = counter.teller_token.partition(".")[2]
    assert len(secret) == 43
    assert not any(secret in text for text in counter.app.fake_documents.texts())
    wrong = f"{counter.session}.{'A' * 43}"
    for token in (None, "", "x", counter.token, counter.session, wrong, f"{counter.session}/.{secret}", "a" * 5000):
        with pytest.raises(NotAllowed):
            counter.app.teller.visit(token)


def test_the_token_of_one_customer_does_not_open_anothers_screen(counter: Counter) -> None:
    counter.to_teller("ada")
    secret = counter.teller_token.partition(".")[2]
    counter.to_teller("ben")
    with pytest.raises(NotAllowed):
        counter.app.teller.visit(f"{counter.session}.{secret}")


def test_the_visit_goes_on_with_the_teller_token_alone(counter: Counter) -> None:
    counter.to_teller()
    assert counter.app.visit.open(counter.session, None, counter.teller_token).session.id == counter.session
    with pytest.raises(NotAllowed):
        counter.app.visit.open(counter.session, counter.token)


def test_cash_is_paid_to_the_customer_in_front_and_noted(counter: Counter) -> None:
    counter.to_teller()
    assert counter.withdraw("70.00") == 1_180_00
    (given,) = [e for e in counter.app.timeline.of(counter.session) if e["what"] == "cash_given"]
    assert given["facts"] == {}


def test_the_receipt_carries_the_visits_reference(counter: Counter) -> None:
    counter.to_teller()
    receipt, _ = counter.app.teller.withdraw(
        counter.app.teller.visit(counter.teller_token), "savings", "100", str(uuid.uuid4())
    )
    assert receipt.reference == counter.now().reference


def test_without_the_face_for_five_seconds_no_money_moves_until_it_is_back(counter: Counter) -> None:
    counter.to_teller()
    counter.show(*["nobody"] * 5, every=1)
    assert counter.view()["teller"] == {"locked": True}
    with pytest.raises(Locked):
        counter.withdraw()
    assert counter.balance() == 1_250_00
    counter.show("ada", every=0.4)
    assert counter.view()["teller"] == {"locked": False}
    assert counter.withdraw() == 1_180_00


def test_just_under_five_seconds_it_is_still_open(counter: Counter) -> None:
    counter.to_teller()
    counter.app.fake_clock.advance(4.9)
    assert counter.withdraw() == 1_180_00


def test_two_people_in_front_lock_it_too(counter: Counter) -> None:
    counter.to_teller()
    counter.show(*["ada+ben"] * 5, every=1)
    with pytest.raises(Locked):
        counter.withdraw()


def test_after_fifteen_seconds_the_next_request_finds_the_visit_over(counter: Counter) -> None:
    counter.to_teller()
    counter.app.fake_clock.advance(15)
    with pytest.raises(Refused) as over:
        counter.withdraw()
    assert over.value.code == "session_over"
    assert (counter.state, counter.now().reason) == (State.ENDED, Reason.LEFT)
    assert counter.balance() == 1_250_00


def test_a_frame_that_shows_the_customer_counts_even_when_its_event_is_late(counter: Counter) -> None:
    counter.to_teller()
    counter.show("ada", every=2, deliver=False)
    counter.app.fake_clock.advance(4.9)
    assert counter.withdraw() == 1_180_00


def test_somebody_else_in_front_ends_it_at_once(counter: Counter) -> None:
    counter.to_teller()
    counter.show("ben")
    with pytest.raises(Refused):
        counter.withdraw()
    assert counter.now().reason is Reason.DIFFERENT_FACE
    assert counter.balance() == 1_250_00


def test_after_it_is_finished_nothing_is_shown_or_paid(counter: Counter) -> None:
    counter.to_teller()
    counter.app.visit.leave(counter.app.teller.visit(counter.teller_token))
    assert (counter.state, counter.now().reason) == (State.ENDED, Reason.FINISHED)
    with pytest.raises(Refused):
        counter.app.teller.show(counter.app.teller.visit(counter.teller_token))
    with pytest.raises(Refused):
        counter.withdraw()
    assert counter.balance() == 1_250_00


def test_an_expired_visit_pays_nothing_however_long_the_customer_looks(counter: Counter) -> None:
    counter.to_teller()
    while counter.app.clock.now() < counter.now().expires_at:
        counter.show("ada", every=2)
    with pytest.raises(Refused):
        counter.withdraw()
    assert counter.now().reason is Reason.EXPIRED


def test_a_token_that_expired_on_the_way_opens_nothing(counter: Counter) -> None:
    token = counter.hand_off()
    counter.app.fake_clock.advance(30)
    with pytest.raises(BadToken):
        counter.app.teller.open(token)


def test_fifty_taps_at_once_through_the_teller_never_overdraw(counter: Counter) -> None:
    counter.to_teller()
    stored = counter.app.teller.visit(counter.teller_token)
    counter.app.fake_documents.gather(LEDGER, 50)

    def tap(_: int) -> int | None:
        try:
            return counter.app.teller.withdraw(stored, "checking", "100.00", str(uuid.uuid4()))[0].balance
        except InsufficientFunds:
            return None

    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(tap, range(50)))
    assert sorted(r for r in results if r is not None) == [50_00 + n * 100_00 for n in range(12)]
    assert counter.balance() == 50_00
