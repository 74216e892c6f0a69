"""The demo bank on the real embedded store: threads that all want the same money."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.adapters.cursors import Cursors
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.adapters.system import SystemClock, SystemRandomness
from shared.domain.account import InsufficientFunds, Receipt
from shared.services.teller.ledger import Ledger
from tests.fakes import fake_keys


@pytest.fixture
def documents(tmp_path: Path) -> Iterator[SqliteDocuments]:
    store = SqliteDocuments(tmp_path / "documents.sqlite", SystemClock(), Cursors(fake_keys()))
    yield store
    store.close()


def test_fifty_taps_and_their_repetitions_pay_each_tap_once_and_never_overdraw(documents: SqliteDocuments) -> None:
    """Two instances of the bank, as two processes would be, each asked for every one of fifty taps."""
    banks = [Ledger(documents, SystemClock(), SystemRandomness(), opens=True) for _ in range(2)]
    keys = [str(uuid.uuid4()) for _ in range(50)] * 2

    def tap(number: int) -> Receipt | None:
        try:
            return banks[number % 2].withdraw("C-ada", "checking", 70_00, keys[number])[0]
        except InsufficientFunds:
            return None

    with ThreadPoolExecutor(50) as pool:
        receipts = [r for r in pool.map(tap, range(100)) if r is not None]
    paid = {r.key: r for r in receipts}
    assert all(paid[r.key] == r for r in receipts)
    assert sorted(r.balance for r in paid.values()) == [60_00 + n * 70_00 for n in range(17)]
    assert banks[0].accounts("C-ada")[0].cents == 1_250_00 - 17 * 70_00
