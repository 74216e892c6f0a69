"""Once a minute, one writer: the audit's new entries are sealed, and a day that is over is closed."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from shared.domain.audit_chain import GENESIS, Broken, Link, Seal, head_of, seal_id
from shared.domain.errors import AlreadyExists, LostRace
from shared.domain.stamp import from_stamp, stamp
from shared.logs import say
from shared.ports import Clock, Keys, Randomness
from shared.services.audit.chain import PURPOSE, AuditChain, End

LEASE = timedelta(seconds=90)
"""Longer than a run takes; a writer that died holds the others up this long."""
LATE = timedelta(minutes=5)
"""How late an entry may be written after the time it carries, and be sealed; a day is closed this long after it."""
_ENTRIES_MOST = 1_000
"""Entries a seal covers: about 100 bytes each, far below what a document may hold."""
_SEALS_MOST = 50


class AuditSealer:
    """`alarm` is told when the chain cannot go on because it was tampered with. Nothing is sealed from then on."""

    def __init__(
        self,
        chain: AuditChain,
        keys: Keys,
        clock: Clock,
        randomness: Randomness,
        alarm: Callable[[Broken], None],
    ) -> None:
        self._chain = chain
        self._keys = keys
        self._clock = clock
        self._randomness = randomness
        self._alarm = alarm

    def run(self) -> int:
        """How many seals were made; none while another writer holds the lease."""
        end = self._leased()
        made = 0
        while end is not None and made < _SEALS_MOST:
            seal = self._due(end)
            if seal is None:
                break
            end = self._set(end, seal)
            made += end is not None
        if end is not None:
            self._release(end)
        return made

    # --- the lease ---

    def _leased(self) -> End | None:
        now, holder = self._clock.now(), self._randomness.bytes(9).hex()
        end = self._chain.end() or End(None, False, "", "", "")
        if end.until and from_stamp(end.until) > now:
            return None
        if not self._holds(end):
            return None
        try:
            return self._chain.set_end(replace(end, holder=holder, until=stamp(now + LEASE)))
        except (AlreadyExists, LostRace):
            return None

    def _release(self, end: End) -> None:
        try:
            self._chain.set_end(replace(end, until=stamp(self._clock.now())))
        except LostRace:
            return

    def _holds(self, end: End) -> bool:
        """The end still is what it was; otherwise going on would only hide where it broke."""
        link = end.link
        if link is None:
            first = self._chain.first_day()  # of the very first seal a crash may have left, and it is taken over
            if first is not None and (not end.etag or self._chain.seal(first, 2) is not None):
                return self._broken(Broken(first, None, "end_missing"))
            return True
        seal = self._chain.seal(link.day, link.number)
        if seal is None or seal.head != link.head:
            return self._broken(Broken(link.day, seal_id(link.number), "seal_altered" if seal else "tail_cut"))
        return True

    def _broken(self, broken: Broken) -> bool:
        say(logging.ERROR, "the audit's chain is broken", day=broken.day, entry=broken.entry, why=broken.why)
        self._alarm(broken)
        return False

    # --- the next seal ---

    def _due(self, end: End) -> Seal | None:
        link, now = end.link, self._clock.now()
        if link is None or end.closed:
            day = self._chain.next_day(date.fromisoformat(link.day) if link else None)
            number, fresh = 1, True
        else:
            day, number, fresh = link.day, link.number + 1, False
        if day is None:
            return None
        over = now >= _end_of(day) + LATE
        entries = self._unsealed(day, None if over or fresh or link is None else link.number)
        closes = over and len(entries) <= _ENTRIES_MOST
        if not entries and not (closes and not fresh):
            return None
        seal = Seal(
            day=day,
            number=number,
            at=stamp(now),
            covers=tuple(sorted(entries.items())[:_ENTRIES_MOST]),
            before=link.head if link else GENESIS,
            before_day=link.day if link and fresh else None,
            closes=closes,
            key=self._keys.current,
            head="",
        )
        return replace(seal, head=head_of(self._keys.secret(PURPOSE, seal.key), seal))

    def _unsealed(self, day: str, since_seal: int | None) -> dict[str, str]:
        """What no seal covers yet. In an open day only what is written since shortly before the last seal is read."""
        since: str | None = None
        if since_seal is not None and (last := self._chain.seal(day, since_seal)) is not None:
            since = stamp(from_stamp(last.at) - LATE)
        entries = self._chain.entries(day, since)
        # What such an entry is covered by was made after it was written.
        for seal in self._chain.seals(day, since):
            for entry, _ in seal.covers:
                entries.pop(entry, None)
        return entries

    def _set(self, end: End, seal: Seal) -> End | None:
        """Seal, anchor, then move the end on: after a crash in between, the seal that lies there is taken over."""
        try:
            self._chain.keep(seal)
        except AlreadyExists:
            found = self._chain.seal(seal.day, seal.number)
            if found is None or not self._ours(found, seal):
                self._broken(Broken(seal.day, seal_id(seal.number), "seal_altered"))
                return None
            seal = found
        if not self._chain.anchor(seal):
            self._broken(Broken(seal.day, seal_id(seal.number), "anchor_differs"))
            return None
        link = Link(seal.day, seal.number, seal.head)
        try:
            return self._chain.set_end(replace(end, link=link, closed=seal.closes))
        except LostRace:
            return None  # the lease ran out, and another writer goes on

    def _ours(self, found: Seal, wanted: Seal) -> bool:
        secret = self._chain.secret(found.key)
        same_place = (found.before, found.before_day) == (wanted.before, wanted.before_day)
        return secret is not None and same_place and head_of(secret, found) == found.head


def _end_of(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)
