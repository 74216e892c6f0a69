"""The demo bank: cash leaves an account whole, once for each tap, and never more than is there."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.containers import LEDGER
from shared.domain.account import (
    Account,
    AccountKind,
    Book,
    CashRule,
    InsufficientFunds,
    KeyReused,
    NoCash,
    Receipt,
    amount_text,
    parse_amount,
    withdraw,
)
from shared.domain.errors import AtmError, BadRequest, LimitReached, NotFound
from shared.services.teller.ledger import Ledger
from tests.fakes import NOON, FakeClock, FakeDocuments, FakeRandomness

ADA = "C-ada"
RULE = CashRule()


class Bank:
    """A ledger on fakes, and what a test asks of it."""

    def __init__(self, *, opens: bool = True) -> None:
        self.clock = FakeClock()
        self.documents = FakeDocuments(self.clock)
        self.ledger = Ledger(self.documents, self.clock, FakeRandomness(), opens=opens)

    def balance(self, account: str = "checking", customer: str = ADA) -> int:
        return next(a.cents for a in self.ledger.accounts(customer) if a.id == account)

    def tap(self, dollars: int = 70, account: str = "checking", key: str | None = None) -> tuple[Receipt, bool]:
        return self.ledger.withdraw(ADA, account, dollars * 100, key or str(uuid.uuid4()), "K7-4F2Q")


@pytest.fixture
def bank() -> Bank:
    return Bank()


def together(count: int, action: Callable[[int], object]) -> list[object]:
    """What each of `count` threads got: a result, or the error's type."""

    def attempt(number: int) -> object:
        try:
            return action(number)
        except AtmError as failure:
            return type(failure)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(attempt, range(count)))


def test_a_new_customer_is_welcomed_with_three_accounts(bank: Bank) -> None:
    accounts = bank.ledger.accounts(ADA)
    assert [a.kind for a in accounts] == ["checking", "savings", "credit"]
    assert all(a.cents > 0 and a.number.startswith("•••• ") and a.number[5:].isdigit() for a in accounts)
    assert bank.ledger.accounts(ADA) == accounts


def test_somebody_without_a_customer_reference_has_no_accounts_and_gets_no_cash(bank: Bank) -> None:
    assert bank.ledger.accounts(None) == ()
    with pytest.raises(NotFound):
        bank.ledger.withdraw(None, "checking", 70_00, str(uuid.uuid4()))
    assert bank.documents.writes == 0


def test_outside_the_local_host_nobody_is_given_money() -> None:
    deployed = Bank(opens=False)
    assert deployed.ledger.accounts(ADA) == ()
    with pytest.raises(NotFound):
        deployed.tap()
    assert deployed.documents.writes == 0


def test_two_kiosks_that_open_the_accounts_at_once_open_them_once(bank: Bank) -> None:
    bank.documents.gather(LEDGER, 8)
    opened = together(8, lambda _: bank.ledger.accounts(ADA))
    assert set(map(str, opened)) == {str(bank.ledger.accounts(ADA))}
    assert bank.documents.writes == 1


def test_cash_lowers_the_balance_and_the_receipt_says_so(bank: Bank) -> None:
    receipt, new = bank.tap(70)
    assert new
    assert (receipt.account, receipt.cents, receipt.at, receipt.reference) == ("checking", 7_000, NOON, "K7-4F2Q")
    assert receipt.balance == bank.balance() == 1_180_00


def test_the_same_tap_twice_pays_once_and_shows_the_same_receipt(bank: Bank) -> None:
    key = str(uuid.uuid4())
    first, _ = bank.tap(key=key)
    bank.tap(500, "savings")
    bank.clock.advance(60)
    again, new = bank.tap(key=key.upper())
    assert (again, new) == (first, False)
    assert bank.balance() == 1_180_00


def test_a_repeated_tap_gets_its_receipt_even_when_the_account_is_empty_by_then(bank: Bank) -> None:
    key = str(uuid.uuid4())
    first, _ = bank.tap(500, key=key)
    bank.tap(500)
    bank.tap(250)
    assert bank.balance() == 0
    assert bank.tap(500, key=key) == (first, False)


@pytest.mark.parametrize(("dollars", "account"), [(80, "checking"), (70, "savings")])
def test_a_key_means_one_withdrawal_and_no_other(bank: Bank, dollars: int, account: str) -> None:
    key = str(uuid.uuid4())
    bank.tap(70, key=key)
    with pytest.raises(KeyReused):
        bank.tap(dollars, account, key)


def test_fifty_taps_at_once_never_overdraw(bank: Bank) -> None:
    before = bank.balance()
    bank.documents.gather(LEDGER, 50)
    results = together(50, lambda _: bank.tap(70))
    paid = [r[0] for r in results if isinstance(r, tuple)]
    assert len(paid) == before // 7_000 == 17
    assert results.count(InsufficientFunds) == 33
    assert bank.balance() == before - 17 * 7_000 == 60_00
    assert sorted(r.balance for r in paid) == [60_00 + n * 70_00 for n in range(17)]
    assert len({r.id for r in paid}) == 17


def test_one_tap_sent_fifty_times_at_once_pays_once(bank: Bank) -> None:
    before, key = bank.balance(), str(uuid.uuid4())
    bank.documents.gather(LEDGER, 50)
    results = together(50, lambda _: bank.tap(70, key=key))
    assert bank.balance() == before - 7_000
    assert len({r[0].id for r in results if isinstance(r, tuple)}) == 1
    assert [r[1] for r in results if isinstance(r, tuple)].count(True) == 1


def test_a_credit_card_shows_what_is_owed_but_gives_no_cash(bank: Bank) -> None:
    with pytest.raises(NoCash):
        bank.tap(10, "credit")
    assert bank.balance("credit") == 312_40


def test_an_account_of_nobody_is_not_found(bank: Bank) -> None:
    with pytest.raises(NotFound):
        bank.tap(10, "offshore")


@pytest.mark.parametrize("cents", [0, -70_00, 5_00, 9_99, 70_01, 75_00, 510_00, 10**12])
def test_only_amounts_the_machine_can_pay(bank: Bank, cents: int) -> None:
    with pytest.raises(BadRequest, match="does not pay"):
        bank.ledger.withdraw(ADA, "savings", cents, str(uuid.uuid4()))


@pytest.mark.parametrize("cents", [10_00, 70_00, 500_00])
def test_the_smallest_the_largest_and_quick_cash_are_paid(bank: Bank, cents: int) -> None:
    assert bank.ledger.withdraw(ADA, "savings", cents, str(uuid.uuid4()))[0].cents == cents


@pytest.mark.parametrize("key", ["", "tap", "1" * 36, "d1705600-8375-48d3-8b26-4b69b96b87c7\n", "../" + "0" * 33])
def test_a_key_is_a_uuid(bank: Bank, key: str) -> None:
    with pytest.raises(BadRequest) as refused:
        bank.tap(key=key or " ")
    assert refused.value.code == "bad_key"


def test_the_store_being_down_pays_nothing(bank: Bank) -> None:
    before = bank.balance()
    bank.documents.down = True
    with pytest.raises(AtmError, match="not available"):
        bank.tap()
    bank.documents.down = False
    assert bank.balance() == before


def test_the_receipts_are_bounded_and_none_is_forgotten_while_its_tap_may_come_again() -> None:
    book, at = _book(10_000_00), NOON
    for number in range(RULE.receipts):
        book, _ = withdraw(book, _asked(f"tap {number}", at=at), RULE)
    with pytest.raises(LimitReached) as full:
        withdraw(book, _asked("one more", at=at + timedelta(hours=1)), RULE)
    assert full.value.retry_after == timedelta(hours=2).total_seconds()
    assert withdraw(book, _asked("tap 0", at=at + RULE.keep), RULE)[0] is book
    later, _ = withdraw(book, _asked("one more", at=at + RULE.keep), RULE)
    assert [r.key for r in later.receipts] == ["one more"]


@given(
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["checking", "savings"]), st.integers(-100, 60_000))),
    st.integers(0, 200_000),
)
def test_whatever_is_asked_money_is_neither_made_nor_lost(taps: list[tuple[int, str, int]], start: int) -> None:
    book = _book(start)
    for key, account, cents in taps:
        try:
            book, _ = withdraw(book, _asked(str(key), account, cents), RULE)
        except AtmError:
            continue
    paid = sum(r.cents for r in book.receipts)
    assert sum(a.cents for a in book.accounts) + paid == 3 * start
    assert all(a.cents >= 0 for a in book.accounts)
    assert len({r.key for r in book.receipts}) == len(book.receipts)


@given(st.integers(0, 10**9 - 1))
def test_an_amount_reads_as_it_was_written(cents: int) -> None:
    assert parse_amount(amount_text(cents)) == cents


@pytest.mark.parametrize("text", ["", "-70", "70.0", "70,00", "7e1", " 70", "70.000", "٧٠", "NaN", "70\n", "9" * 8])
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_amount(text)
    assert refused.value.code == "bad_amount"


def _book(cents: int) -> Book:
    return Book(accounts=tuple(Account(id=k, kind=k, name=k, number="", cents=cents) for k in AccountKind))


def _asked(key: str, account: str = "checking", cents: int = 10_00, at: datetime = NOON) -> Receipt:
    return Receipt(id=key, key=key, account=account, cents=cents, balance=0, at=at, reference="")
