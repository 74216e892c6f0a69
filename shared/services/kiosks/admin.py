"""Looking after the machines: named, placed, paired by a one-time code, revoked."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from zoneinfo import available_timezones

from shared.domain.errors import BadRequest, NotFound
from shared.domain.recording import KIOSK
from shared.domain.roles import Operator
from shared.ports import Json
from shared.services.audit.entries import Audit, Ground
from shared.services.kiosks.pairing import Kiosk, Kiosks

_ID = re.compile(KIOSK)
_NAME_MOST = 60


class KioskAdmin:
    def __init__(self, kiosks: Kiosks, cut_off: Callable[[str], int], audit: Audit) -> None:
        """`cut_off` ends the visits at a kiosk and returns how many."""
        self._kiosks = kiosks
        self._cut_off = cut_off
        self._audit = audit

    def list(self) -> list[Kiosk]:
        return self._kiosks.list()

    def create(self, operator: Operator, kiosk_id: str, name: str, time_zone: str) -> Kiosk:
        """Raises BadRequest, AlreadyExists."""
        if not _ID.fullmatch(kiosk_id):
            raise BadRequest("bad_id", "a kiosk's id is a capital letter, then up to seven capitals or digits")
        name, zone = checked_name(name), checked_zone(time_zone)
        with self._audit.act(operator, "kiosk_created", {"kiosk": kiosk_id}, name=name, timeZone=zone):
            return self._kiosks.create(kiosk_id, name, zone)

    def change(self, operator: Operator, kiosk_id: str, changes: Mapping[str, str]) -> Kiosk:
        """`name` and `timeZone`, either or both. Raises BadRequest, NotFound, LostRace."""
        kiosk = self._require(kiosk_id)
        name, zone = changes.get("name"), changes.get("timeZone")
        if name is None and zone is None:
            raise BadRequest("nothing_to_change", "`name` or `timeZone` must be given")
        changed = replace(
            kiosk,
            name=kiosk.name if name is None else checked_name(name),
            time_zone=kiosk.time_zone if zone is None else checked_zone(zone),
        )
        now: dict[str, Json] = {"name": changed.name, "timeZone": changed.time_zone}
        with self._audit.act(operator, "kiosk_changed", {"kiosk": kiosk_id}, None, **now):
            return self._kiosks.save(changed)

    def pairing_code(self, operator: Operator, kiosk_id: str) -> str:
        """A one-time code; a page paired before goes on until the code is used. Raises NotFound, LostRace."""
        self._require(kiosk_id)
        with self._audit.act(operator, "kiosk_pairing_code", {"kiosk": kiosk_id}):
            return self._kiosks.pairing_code(kiosk_id)

    def revoke(self, operator: Operator, kiosk_id: str, why: Ground) -> int:
        """No page signs for this kiosk any more, and its visits end; returns how many. Raises NotFound, LostRace.

        Its key is forgotten, so that a later pairing code brings back no key that was revoked.
        """
        kiosk = self._require(kiosk_id)
        with self._audit.act(operator, "kiosk_revoked", {"kiosk": kiosk_id}, why):
            self._kiosks.save(
                replace(kiosk, revoked=True, public_key=None, paired_at=None, pairing_hash=None, pairing_expires=None)
            )
            return self._cut_off(kiosk_id)

    def _require(self, kiosk_id: str) -> Kiosk:
        kiosk = self._kiosks.get(kiosk_id) if _ID.fullmatch(kiosk_id) else None
        if kiosk is None:
            raise NotFound("no such kiosk")
        return kiosk


def checked_name(name: str) -> str:
    """Single spaces, printable. Raises BadRequest("bad_name")."""
    text = " ".join(name.split())
    if not 1 <= len(text) <= _NAME_MOST or not text.isprintable():
        raise BadRequest("bad_name", f"a name has 1 to {_NAME_MOST} printable characters")
    return text


def checked_zone(name: str) -> str:
    """An IANA time zone by its exact name. Raises BadRequest("bad_time_zone")."""
    if name not in _zones():
        raise BadRequest("bad_time_zone", "a time zone has an IANA name, like Asia/Tokyo")
    return name


@cache
def _zones() -> frozenset[str]:
    """`Factory` and `localtime` are in the database, too, and are no places."""
    return frozenset(available_timezones()) - {"Factory", "localtime"}
