"""The audit's seals: whoever can write to the stores cannot hide that they did."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.adapters.keyring import Keyring
from shared.containers import AUDIT
from shared.domain.audit_chain import Broken, Link
from shared.domain.errors import LostRace
from shared.ports import Query
from shared.services.audit.chain import ANCHORS, AuditChain
from shared.services.audit.entries import Audit
from shared.services.audit.seal import LATE, LEASE, AuditSealer
from shared.services.audit.verify import AuditVerify, Verified
from tests.fakes import FakeClock, FakeDocuments, FakeMedia, FakeRandomness, fake_keys

DAY1, DAY2, DAY3 = "2026-11-20", "2026-11-21", "2026-11-22"


@dataclass
class Bank:
    """Stores, a sealer and a verifier over them; and somebody with write access to all of it, but without the key."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(datetime(2026, 11, 20, 9, tzinfo=UTC)))
    randomness: FakeRandomness = field(default_factory=FakeRandomness)
    alarms: list[Broken] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.documents, self.media = FakeDocuments(self.clock), FakeMedia(self.clock)
        self.keys = fake_keys()
        self.audit = Audit(self.documents, self.clock, self.randomness)
        self.chain = AuditChain(self.documents, self.media, self.keys)
        self.verifier = AuditVerify(self.chain, self.clock)

    @property
    def sealer(self) -> AuditSealer:
        return AuditSealer(self.chain, self.keys, self.clock, self.randomness, self.alarms.append)

    def act(self, action: str, minutes: float = 1) -> str:
        """One entry, and the timer a while later."""
        entry = self.audit.record(None, action, {"session": "K7"}, number=7)
        self.clock.advance(60 * minutes)
        self.sealer.run()
        return entry

    def three_days(self) -> list[str]:
        entries = []
        for day in (20, 21, 22):
            self.clock.set(datetime(2026, 11, day, 9, tzinfo=UTC))
            self.sealer.run()
            entries += [self.act(f"{word}_{day}") for word in ("opened", "looked", "left")]
        return entries

    def verify(self, first: str | None = None, last: str | None = None) -> Verified:
        return self.verifier.run(
            date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None
        )

    # --- somebody with write access ---

    def edit(self, day: str, entry: str, **change: Any) -> None:
        found = self.documents.get(AUDIT, day, entry)
        assert found is not None
        self.documents.replace(AUDIT, day, entry, {**found.body, **change}, found.etag)

    def remove(self, day: str, which: Callable[[str], bool] = lambda _: True) -> None:
        for document in self.documents.query(Query(AUDIT, day, limit=1000)).items:
            if which(document.id):
                self.documents.delete(AUDIT, day, document.id)

    def remove_anchors(self, day: str, above: int = 0) -> None:
        for info in list(self.media.list(ANCHORS, f"{day}/")):
            if int(info.name[-10:-4]) > above:
                self.media.delete(ANCHORS, info.name)


@pytest.fixture
def bank() -> Bank:
    return Bank()


@pytest.fixture
def sealed(bank: Bank) -> Bank:
    bank.three_days()
    assert bank.verify() == Verified(9, 3, 0, None)
    return bank


def test_three_days_are_one_chain_and_only_today_is_open(sealed: Bank) -> None:
    assert [seal.closes for seal in sealed.chain.seals(DAY1)] == [False, False, False, True]
    assert sealed.chain.seals(DAY2)[0].before == sealed.chain.seals(DAY1)[-1].head
    assert sealed.chain.seals(DAY2)[0].before_day == DAY1
    assert not any(seal.closes for seal in sealed.chain.seals(DAY3))


def test_a_head_is_made_with_a_key_that_is_in_no_store(sealed: Bank) -> None:
    stored = " ".join(sealed.documents.texts()) + " ".join(i.name for i in sealed.media.list(ANCHORS))
    secret = sealed.keys.secret("audit-chain", "k1")
    assert secret.hex() not in stored
    other = AuditVerify(AuditChain(sealed.documents, sealed.media, fake_keys("k2")), sealed.clock)
    assert other.run().broken == Broken(DAY1, "seal.000001", "key_not_valid")


def test_an_edited_line_is_named(sealed: Bank) -> None:
    entry = sealed.chain.seals(DAY2)[1].covers[0][0]
    sealed.edit(DAY2, entry, operator="nobody")
    assert sealed.verify().broken == Broken(DAY2, entry, "entry_altered")
    assert sealed.verify(last=DAY1).ok
    assert sealed.verify(first=DAY3).ok


def test_a_removed_line_is_named(sealed: Bank) -> None:
    entry = sealed.chain.seals(DAY1)[2].covers[0][0]
    sealed.documents.delete(AUDIT, DAY1, entry)
    assert sealed.verify().broken == Broken(DAY1, entry, "entry_missing")


def test_a_line_slipped_into_a_day_that_is_closed_is_named(sealed: Bank) -> None:
    sealed.documents.create(AUDIT, DAY1, "100000.000.ff", {"kind": "entry", "at": f"{DAY1}T10:00:00.000Z"})
    assert sealed.verify().broken == Broken(DAY1, "100000.000.ff", "entry_added")


def test_a_seal_made_to_fit_an_edited_line_lacks_the_key(sealed: Bank) -> None:
    seal = sealed.chain.seals(DAY1)[0]
    entry = seal.covers[0][0]
    sealed.edit(DAY1, entry, operator="nobody")
    digest = sealed.chain.entries(DAY1)[entry]
    sealed.edit(DAY1, "seal.000001", covers=[[entry, digest]])
    assert sealed.verify().broken == Broken(DAY1, "seal.000001", "seal_altered")


def test_cutting_the_tail_is_found_by_the_heads_in_the_other_store(sealed: Bank) -> None:
    last = sealed.chain.seals(DAY3)[-1]
    sealed.remove(DAY3, lambda i: i in {"seal.000003", last.covers[0][0]})
    assert sealed.verify().broken == Broken(DAY3, "seal.000003", "tail_cut")


def test_and_without_them_by_the_chains_end(sealed: Bank) -> None:
    gone = {"seal.000003", sealed.chain.seals(DAY3)[-1].covers[0][0]}
    sealed.remove(DAY3, gone.__contains__)
    sealed.remove_anchors(DAY3, above=2)
    assert sealed.verify().broken == Broken(DAY3, "seal.000003", "tail_cut")


def test_cutting_the_tail_of_a_day_that_is_over_is_found_though_its_anchors_went_too(sealed: Bank) -> None:
    gone = {"seal.000003", "seal.000004", sealed.chain.seals(DAY1)[2].covers[0][0]}
    sealed.remove(DAY1, gone.__contains__)
    sealed.remove_anchors(DAY1, above=2)
    assert sealed.verify().broken == Broken(DAY1, None, "day_not_closed")


@pytest.mark.parametrize("anchors", [True, False])
@pytest.mark.parametrize("day", [DAY1, DAY2, DAY3])
def test_a_deleted_day_is_found(sealed: Bank, day: str, anchors: bool) -> None:
    sealed.remove(day)
    if not anchors:
        sealed.remove_anchors(day)
    broken = sealed.verify().broken
    assert broken is not None
    assert (broken.day, broken.why) == (day, "day_missing")


def test_a_day_rewritten_by_this_very_code_with_another_key_is_found(sealed: Bank) -> None:
    sealed.remove(DAY3)
    sealed.remove_anchors(DAY3)
    thief = Bank(clock=FakeClock(datetime(2026, 11, 22, 9, tzinfo=UTC)))
    thief.documents, thief.media, thief.audit = sealed.documents, sealed.media, sealed.audit
    secret = {"k1": b"the thief's own".ljust(32, b"*")}
    thief.keys = Keyring(secret, "face-atm")
    thief.chain = AuditChain(thief.documents, thief.media, thief.keys)
    yesterday = sealed.chain.seals(DAY2)[-1]
    end = sealed.chain.end()
    assert end is not None
    sealed.chain.set_end(replace(end, link=Link(DAY2, yesterday.number, yesterday.head), closed=True, until=""))
    sealed.clock.set(thief.clock.now())
    thief.act("nothing happened")
    assert len(sealed.chain.seals(DAY3)) == 1
    assert sealed.verify().broken == Broken(DAY3, "seal.000001", "seal_altered")


def test_an_anchor_that_was_exchanged_is_found(sealed: Bank) -> None:
    sealed.media.delete(ANCHORS, f"{DAY1}/000002.txt")
    assert sealed.verify().broken == Broken(DAY1, "seal.000002", "anchor_missing")
    sealed.media.put(ANCHORS, f"{DAY1}/000002.txt", b"x", content_type="text/plain", metadata={"head": "0" * 64})
    assert sealed.verify().broken == Broken(DAY1, "seal.000002", "anchor_differs")


def test_the_sealer_does_not_go_on_over_a_break_and_raises_the_alarm(sealed: Bank) -> None:
    sealed.edit(DAY3, "seal.000003", head="0" * 64)
    sealed.act("meanwhile")
    assert sealed.alarms == [Broken(DAY3, "seal.000003", "seal_altered")]
    assert len(sealed.chain.seals(DAY3)) == 3


def test_nor_over_an_end_that_vanished(sealed: Bank) -> None:
    sealed.documents.delete(AUDIT, "chain", "head")
    sealed.act("meanwhile")
    assert [alarm.why for alarm in sealed.alarms] == ["end_missing"]
    broken = sealed.verify().broken
    assert broken is not None and broken.why == "end_missing"


def test_an_entry_written_late_into_a_sealed_window_is_sealed_with_the_next(bank: Bank) -> None:
    bank.act("opened")
    late = bank.audit.record(None, "late")
    found = bank.documents.get(AUDIT, DAY1, late)
    assert found is not None
    bank.act("looked")
    earlier = {**found.body, "at": f"{DAY1}T09:00:30.000Z"}
    bank.documents.create(AUDIT, DAY1, "090030.000.aa", earlier)  # its writer was slow
    bank.act("left")
    assert "090030.000.aa" in dict(bank.chain.seals(DAY1)[-1].covers)
    assert bank.verify() == Verified(5, 1, 0, None)


def test_one_that_comes_later_still_is_sealed_when_the_day_closes(bank: Bank) -> None:
    bank.act("opened")
    bank.clock.advance(3600)
    bank.act("looked")
    bank.documents.create(AUDIT, DAY1, "090030.000.aa", {"kind": "entry", "at": f"{DAY1}T09:00:30.000Z"})
    bank.act("left")
    assert bank.verify().waiting == 1
    bank.clock.set(datetime(2026, 11, 21, tzinfo=UTC) + LATE)
    assert bank.sealer.run() == 1
    assert bank.verify() == Verified(4, 1, 0, None)


def test_entries_not_sealed_yet_are_counted_and_break_nothing(bank: Bank) -> None:
    bank.act("opened")
    bank.audit.record(None, "looked")
    assert bank.verify() == Verified(1, 1, 1, None)


def test_a_stack_that_slept_for_days_closes_them_in_order(bank: Bank) -> None:
    bank.act("opened")
    bank.clock.advance(3 * 86_400)
    bank.act("opened again")
    bank.act("once more")
    assert bank.verify() == Verified(3, 2, 0, None)
    assert bank.chain.seals("2026-11-23")[0].before_day == DAY1


def test_two_sealers_at_once_make_one_chain(bank: Bank) -> None:
    bank.audit.record(None, "opened")
    one, two = bank.sealer, bank.sealer
    end = one._leased()
    assert end is not None
    assert two.run() == 0
    bank.clock.advance(LEASE.total_seconds() + 1)  # the first one died
    assert two.run() == 1
    with pytest.raises(LostRace):
        bank.chain.set_end(end)
    assert bank.verify().ok


@pytest.mark.parametrize("crash", ["anchor", "set_end"])
def test_a_crash_between_two_writes_is_made_good(bank: Bank, crash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.act("opened")
    bank.audit.record(None, "looked")
    whole = getattr(bank.chain, crash)
    calls = iter([True, False] if crash == "set_end" else [False])

    def crashing(given: Any) -> Any:
        if next(calls):
            return whole(given)
        raise SystemExit

    monkeypatch.setattr(bank.chain, crash, crashing)
    with pytest.raises(SystemExit):
        bank.sealer.run()
    monkeypatch.setattr(bank.chain, crash, whole)
    assert bank.verify().ok
    bank.clock.advance(LEASE.total_seconds() + 1)
    bank.act("left")
    assert bank.verify() == Verified(3, 1, 0, None)
    assert bank.alarms == []


def test_a_rotated_key_goes_on_proving_what_it_sealed_while_it_is_valid(bank: Bank) -> None:
    bank.act("opened")
    bank.keys = fake_keys("k2", "k1")
    bank.chain = AuditChain(bank.documents, bank.media, bank.keys)
    bank.verifier = AuditVerify(bank.chain, bank.clock)
    bank.act("looked")
    assert [seal.key for seal in bank.chain.seals(DAY1)] == ["k1", "k2"]
    assert bank.verify() == Verified(2, 1, 0, None)


def test_many_entries_become_several_seals(bank: Bank) -> None:
    for _ in range(2_100):
        bank.audit.record(None, "opened")
    bank.clock.advance(timedelta(minutes=1).total_seconds())
    assert bank.sealer.run() == 3
    assert bank.verify() == Verified(2_100, 1, 0, None)


def test_nothing_was_ever_sealed_and_that_is_fine(bank: Bank) -> None:
    assert bank.sealer.run() == 0
    assert bank.verify() == Verified(0, 0, 0, None)
