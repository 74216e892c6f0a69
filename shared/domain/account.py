"""The demo bank's accounts of one customer, and how cash leaves them: the whole amount, once, never more than is there.

Money is whole cents of US dollars. A book keeps its receipts, so that a repeated request finds the one it already has.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.errors import BadRequest, LimitReached, NotFound, WrongState

CURRENCY = "USD"
_AMOUNT = re.compile(r"[0-9]{1,7}(?:\.[0-9]{2})?")


class AccountKind(StrEnum):
    CHECKING = "checking"
    SAVINGS = "savings"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """`number` is masked, as it is shown. `cents`: what is there; for a credit card, what is owed."""

    id: str
    kind: AccountKind
    name: str
    number: str
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`key` names the tap it answers; `balance` is the account's in cents afterwards; `reference` is the visit's."""

    id: str
    key: str
    account: str
    cents: int
    balance: int
    at: datetime
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One customer's accounts, and their receipts, oldest first."""

    accounts: tuple[Account, ...]
    receipts: tuple[Receipt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CashRule:
    """Amounts in cents, as a machine with ten-dollar notes pays them; `quick` is the original's Quick Cash.

    A receipt is kept for `keep`, longer than any visit may last, so no repeated tap ever outlives it; `receipts` is how
    many there may be in that time, and bounds the document.
    """

    least: int = 10_00
    most: int = 500_00
    step: int = 10_00
    quick: int = 70_00
    receipts: int = 200
    keep: timedelta = timedelta(hours=3)


class NoCash(WrongState):
    """A credit card account gives no cash here. Please choose another account."""

    code = "no_cash"


class InsufficientFunds(WrongState):
    """There is not enough money in this account."""

    code = "insufficient_funds"


class KeyReused(WrongState):
    """This key was used for another withdrawal. Use a new one for each."""

    code = "key_reused"


def withdraw(book: Book, asked: Receipt, rule: CashRule) -> tuple[Book, Receipt]:
    """Pay `asked` (its balance is not looked at) out of the book; the receipt comes back with the new balance.

    A book that holds a receipt with that key comes back unchanged, with that receipt. Raises KeyReused if it was for
    something else, NotFound, NoCash, BadRequest("bad_amount"), InsufficientFunds and LimitReached.
    """
    earlier = next((r for r in book.receipts if r.key == asked.key), None)
    if earlier is not None:
        if (earlier.account, earlier.cents) != (asked.account, asked.cents):
            raise KeyReused("one key, two withdrawals")
        return book, earlier
    account = next((a for a in book.accounts if a.id == asked.account), None)
    if account is None:
        raise NotFound("no such account")
    if account.kind is AccountKind.CREDIT:
        raise NoCash("a credit card")
    if not rule.least <= asked.cents <= rule.most or asked.cents % rule.step:
        raise BadRequest("bad_amount", "an amount this machine does not pay")
    if asked.cents > account.cents:
        raise InsufficientFunds("not enough")
    kept = tuple(r for r in book.receipts if asked.at - r.at < rule.keep)
    if len(kept) >= rule.receipts:
        raise LimitReached("withdrawals", (rule.keep - (asked.at - kept[0].at)).total_seconds())
    lowered = replace(account, cents=account.cents - asked.cents)
    paid = replace(asked, balance=lowered.cents)
    accounts = tuple(lowered if a is account else a for a in book.accounts)
    return Book(accounts=accounts, receipts=(*kept, paid)), paid


def parse_amount(text: str) -> int:
    """`70` or `70.00` in cents. Raises BadRequest("bad_amount")."""
    if not _AMOUNT.fullmatch(text):
        raise BadRequest("bad_amount", "an amount is whole dollars, or dollars and cents")
    whole, _, cents = text.partition(".")
    return int(whole) * 100 + int(cents or 0)


def amount_text(cents: int) -> str:
    """`7000` as `70.00`."""
    return f"{cents // 100}.{cents % 100:02d}"
