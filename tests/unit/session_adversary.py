"""Somebody who tries everything: events that fit and events that do not, of any person, at any time, in any order."""

from dataclasses import fields, replace
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

from shared.domain import events as e
from shared.domain.pin import SmsState
from shared.domain.session import Reason, Session, State
from shared.domain.transitions import TABLE
from tests.unit import session_roads as r

PEOPLE = ("ann", "ben", "new", "nobody")
_TIMES = (-3600.0, -30.0, -1.0, 0.0, 0.3, 1.0, 5.0, 29.0, 30.0, 31.0, 60.0, 179.0, 180.0, 299.0, 300.0, 3600.0)
_LEAST_LIKELY = {e.Left, e.Tick, e.AssistanceAsked, e.EnrolmentRefused, e.StaffRefused, e.DifferentFace}
_LUCK = (0.05, 0.6, 0.95)
_NAMES_A_CODE = (e.PinSubmitted, e.SmsChanged)
_ANY: dict[str, tuple[Any, ...]] = {
    "person": PEOPLE,
    "presence": tuple(e.Presence),
    "seq": (0, 1, 2, 3, 5, 8, 100),
    "number": (0, 1, 2, 3),
    "attempt": (0, 1, 2, 3, 4, 5),
    "nonce": ("", "nonce-1", "nonce-2", "nonce-3", "nonce-4", "nonce-5", "nonce-6"),
    "officers": ((), ("olga",), ("olga", "olga"), ("olga", "otto")),
    "reason": tuple(Reason),
    "before": tuple(SmsState),
    "after": tuple(SmsState),
    "token_hash": ("token", "forged"),
}


class Adversary:
    """`spite`: how likely an event is spoilt, or does not belong here at all. Some know the code, some the voice."""

    def __init__(self, random: Random, spite: float = 0.25) -> None:
        self._random = random
        self._spite = spite
        self._knows_code, self._has_voice = random.choice(_LUCK), random.choice(_LUCK)

    def event(self, session: Session) -> e.Event:
        kind = self._random.choice(r.EVENTS) if self._spiteful() else self._likely(session)
        event = r.fitting(session, kind)
        if self._random.random() < 0.7:
            event = self._plausible(event)
        return self._spoilt(event) if self._spiteful() else event

    def _spiteful(self) -> bool:
        return self._random.random() < self._spite

    def _likely(self, session: Session) -> type[e.Event]:
        """An event the session's state has a row for; the ones that end or interrupt it less often."""
        kinds, weights = _kinds_in(session.state)
        return self._random.choices(kinds, weights)[0]

    def _plausible(self, event: e.Event) -> e.Event:
        """Facts may be either way; the time is a little later."""
        later = event.at + timedelta(seconds=self._random.choice((0.0, 0.3, 1.0, 5.0)))
        chances = {
            "passed": self._has_voice,
            "correct": self._knows_code,
            "free": 0.9,
            "doubted": 0.2,
            "counts": 0.8,
            "more": 0.4,
            "open": 0.8,
        }
        facts = {name: self._random.random() < chance for name, chance in chances.items() if hasattr(event, name)}
        return replace(event, at=later, **facts)

    def _spoilt(self, event: e.Event) -> e.Event:
        """One or two fields hold something else, or the clock does. What the server draws at random it draws well."""
        names = [f.name for f in fields(event) if f.name != "nonce" or isinstance(event, _NAMES_A_CODE)]
        changes: dict[str, Any] = {}
        for name in self._random.choices(names, k=2):
            value = getattr(event, name)
            if name in _ANY:
                changes[name] = self._random.choice(_ANY[name])
            elif isinstance(value, bool):
                changes[name] = not value
            elif name == "at":
                changes[name] = value + timedelta(seconds=self._random.choice(_TIMES))
        return replace(event, **changes)


@cache
def _kinds_in(state: State) -> tuple[list[type[e.Event]], list[float]]:
    kinds = sorted({row.event for row in TABLE if state in row.states} or set(r.EVENTS), key=lambda kind: kind.__name__)
    return kinds, [0.05 if kind in _LEAST_LIKELY else 1.0 for kind in kinds]
