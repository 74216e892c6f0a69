"""The chain of seals over the audit: what a seal covers, its keyed head, and what a broken chain looks like.

A day's entries are covered by seals 1, 2, 3, …; each names its entries with their digests, the head before it, and
whether it closes the day. A head is HMAC-SHA-256 over all of that under a key that is not in the stores, so whoever
can write to them cannot make one. The first seal of a day carries the last head of the day before it, by date. A copy
of each head (an anchor) lies in another store: so a tail that was cut off is found as well.

What it cannot show: an entry altered in the minute before it is sealed, and the last seals of the newest day when
their anchors were removed with them (in Azure the anchors' container is immutable).
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

type Digests = Mapping[str, str]
"""Entry id → digest of the entry as it is stored now."""

GENESIS = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """`covers`: (entry id, digest), by id. `before_day` is None in every seal but a day's first, and in the very first.

    `key` is the id of the key under which `head` was made.
    """

    day: str
    number: int
    at: str
    covers: tuple[tuple[str, str], ...]
    before: str
    before_day: str | None
    closes: bool
    key: str
    head: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first thing found wrong. `entry` is an entry's id, or `seal.000001` for a seal."""

    day: str
    entry: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where a day's chain ended."""

    day: str
    number: int
    head: str


def entry_digest(day: str, entry_id: str, body: Mapping[str, object]) -> str:
    """SHA-256 of an entry in one spelling, whatever order a store gives its fields back in."""
    text = json.dumps([day, entry_id, body], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def head_of(secret: bytes, seal: Seal) -> str:
    """The head a seal must have."""
    said = [seal.day, seal.number, seal.at, seal.covers, seal.before, seal.before_day, seal.closes, seal.key]
    return hmac.new(secret, json.dumps(said, separators=(",", ":")).encode(), hashlib.sha256).hexdigest()


def seal_id(number: int) -> str:
    return f"seal.{number:06d}"


def first_broken(
    day: str,
    seals: Sequence[Seal],
    entries: Digests,
    anchors: Mapping[int, str],
    before: Link | None,
    secret: Callable[[str], bytes | None],
    *,
    last: bool,
) -> Broken | None:
    """What is wrong with one day, entry by entry in the order of sealing; None when nothing is.

    `seals` by number. `anchors`: number → head, read before the seals were. `before`: the end of the day before in the
    chain; None for its beginning. `secret` gives None for a key that is no longer valid. `last`: no later day is in
    the chain, so this one may still be open, and its newest seal may not be anchored yet.
    """
    found = _broken_seal(day, seals, anchors, before, secret, last)
    if found is not None:
        return found
    covered: dict[str, str] = {}
    for seal in seals:
        for entry_id, digest in seal.covers:
            if entry_id in covered:
                return Broken(day, entry_id, "sealed_twice")
            covered[entry_id] = digest
            if entry_id not in entries:
                return Broken(day, entry_id, "entry_missing")
            if not hmac.compare_digest(entries[entry_id], digest):
                return Broken(day, entry_id, "entry_altered")
    if closed(seals):
        stray = min(set(entries) - set(covered), default=None)
        return Broken(day, stray, "entry_added") if stray is not None else None
    return None if last else Broken(day, None, "day_not_closed")


def closed(seals: Sequence[Seal]) -> bool:
    return bool(seals) and seals[-1].closes


def _broken_seal(
    day: str,
    seals: Sequence[Seal],
    anchors: Mapping[int, str],
    before: Link | None,
    secret: Callable[[str], bytes | None],
    last: bool,
) -> Broken | None:
    head, head_day = (before.head, before.day) if before else (GENESIS, None)
    for place, seal in enumerate(seals, start=1):
        name = seal_id(place)
        if seal.number != place:
            return Broken(day, name, "seal_missing")
        key = secret(seal.key)
        if key is None:
            return Broken(day, name, "key_not_valid")
        if seal.day != day or not hmac.compare_digest(head_of(key, seal), seal.head):
            return Broken(day, name, "seal_altered")
        if seal.before != head or seal.before_day != (head_day if place == 1 else None):
            return Broken(day, name, "chain_broken")
        anchor = anchors.get(place)
        if anchor is None and not (last and place == len(seals)):
            return Broken(day, name, "anchor_missing")
        if anchor is not None and not hmac.compare_digest(anchor, seal.head):
            return Broken(day, name, "anchor_differs")
        if seal.closes and place != len(seals):
            return Broken(day, seal_id(place + 1), "sealed_after_close")
        head = seal.head
    beyond = min((number for number in anchors if number > len(seals)), default=None)
    return Broken(day, seal_id(beyond), "tail_cut" if seals else "day_missing") if beyond is not None else None
