"""The demo bank, which stands for a real bank's system: one document of accounts for each customer."""

import base64
import re

from pydantic import TypeAdapter

from shared.containers import LEDGER
from shared.domain.account import Account, AccountKind, Book, CashRule, Receipt, withdraw
from shared.domain.errors import AlreadyExists, BadRequest, LostRace, NotFound
from shared.ports import Clock, Document, Documents, Randomness

_ID = "accounts"
_WELCOME = (
    (AccountKind.CHECKING, "Checking", 1_250_00),
    (AccountKind.SAVINGS, "Savings", 8_300_50),
    (AccountKind.CREDIT, "Credit Card", 312_40),
)
_KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_RACES = 200  # each lost race is another withdrawal's success, and one customer has one kiosk

_codec: TypeAdapter[Book] = TypeAdapter(Book)


class Ledger:
    """`opens`: a customer without accounts gets them, with a welcome balance, when first asked for."""

    def __init__(
        self, documents: Documents, clock: Clock, randomness: Randomness, *, opens: bool, rule: CashRule | None = None
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._randomness = randomness
        self._opens = opens
        self.rule = rule or CashRule()

    def accounts(self, customer: str | None) -> tuple[Account, ...]:
        """The accounts of a bank customer reference; nobody's reference (None) has none."""
        document = self._document(customer) if customer else None
        return _codec.validate_python(document.body).accounts if document else ()

    def withdraw(
        self, customer: str | None, account: str, cents: int, key: str, reference: str = ""
    ) -> tuple[Receipt, bool]:
        """Pay cash out once for each `key` (a UUID), however often it is asked: the receipt, and whether it is new.

        Raises BadRequest("bad_key"), LostRace, and what `shared.domain.account.withdraw` raises.
        """
        if not _KEY.fullmatch(key):
            raise BadRequest("bad_key", "`key` must be a UUID, a new one for each tap")
        asked = Receipt(
            id="R" + base64.b32encode(self._randomness.bytes(10)).decode(),
            key=key.lower(),
            account=account,
            cents=cents,
            balance=0,
            at=self._clock.now(),
            reference=reference,
        )
        for _ in range(_RACES):
            document = self._document(customer) if customer else None
            if document is None:
                raise NotFound("no accounts")
            book = _codec.validate_python(document.body)
            after, receipt = withdraw(book, asked, self.rule)
            if after is book:
                return receipt, False
            try:
                self._documents.replace(
                    LEDGER, document.partition, _ID, _codec.dump_python(after, mode="json"), document.etag
                )
            except LostRace:
                continue
            return receipt, True
        raise LostRace("the accounts change too quickly")

    def _document(self, customer: str) -> Document | None:
        document = self._documents.get(LEDGER, customer, _ID)
        if document is None and self._opens:
            try:
                return self._documents.create(LEDGER, customer, _ID, _codec.dump_python(self._new(), mode="json"))
            except AlreadyExists:
                return self._documents.get(LEDGER, customer, _ID)
        return document

    def _new(self) -> Book:
        def number() -> str:
            return f"•••• {int.from_bytes(self._randomness.bytes(4)) % 10_000:04d}"

        return Book(
            accounts=tuple(
                Account(id=kind.value, kind=kind, name=name, number=number(), cents=cents)
                for kind, name, cents in _WELCOME
            )
        )
