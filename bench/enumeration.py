"""`atm.py bench enumeration`: whether an answer's time tells who is a customer, an operator or on a visit.

Two arms of calls take turns against the running stack: about somebody who exists, and about nobody. AUC is the chance
that a random call about somebody took longer than a random one about nobody: .5 tells nothing, and .45-.55 is the
target at 500 calls an arm (one standard deviation of chance is .018). That the answers are the same is for the tests.
"""

import argparse
import itertools
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from devhost.demo.client import KioskClient, Problem, VisitClient
from devhost.demo.people import open_app, pairing_code
from devhost.stack import Stack, StackOptions
from shared.domain.credentials import SALT_BYTES, Credential, hashed
from shared.domain.events import EnrolmentAsked, Event, FaceUnknown
from shared.domain.roles import Role
from shared.domain.session import Session
from shared.services.people.registry import Status
from shared.wiring import App

LEAST, MOST = 0.45, 0.55
_CONSOLE = {"X-Requested-With": "console"}
OPERATORS = 8  # each name takes a hundred tries
SETTINGS = {
    "LIMIT_SESSIONS_KIOSK_MINUTE": "1000",
    "LIMIT_OPERATOR_TRIES": "100",
    "LIMIT_OPERATOR_TRIES_ADDRESS": "1000",
    "OPERATORS": "local",
    "WARM_ENGINES": "false",
}

type Arm = Iterator[Callable[[], object]]
"""Calls that are ready to be timed, one after the other."""


class Doors:
    """Every place where somebody might ask who exists. Each gives two arms: somebody, and nobody."""

    def __init__(self, stack: Stack) -> None:
        self.app: App = open_app(stack.environment)
        self.kiosks = [KioskClient(stack.url) for _ in range(4)]  # together they may start 4,000 visits a minute
        for number, kiosk in enumerate(self.kiosks):
            kiosk.pair(pairing_code(self.app, f"E{number}", "Bench", "UTC"))
        self.kiosk = self.kiosks[0]
        self._turn = itertools.cycle(self.kiosks)
        self._unlike = itertools.count()
        for number in range(40):
            self.app.people.create(
                self.app.people.new_id(),
                name=f"Somebody {number}",
                given_name="Somebody",
                phone=known_phone(number),
                status=Status.ACTIVE,
                language="en",
                consent_version="1",
                assurance="staff",
            )

    def claim(self, known: bool) -> Arm:
        """A number typed at "I am already a customer"."""
        while True:
            visit = self._at(_unknown)
            phone = self._phone(known)
            yield lambda visit=visit, phone=phone: visit.step("claim", phone=phone)  # type: ignore[misc]

    def registration(self, known: bool) -> Arm:
        """A number typed while registering."""
        while True:
            visit = self._at(_unknown, self._enrolling)
            body = {
                "name": "Some Body",
                "phone": self._phone(known),
                "adult": True,
                "consentVersion": self.app.settings.consent_version,
            }
            yield lambda visit=visit, body=body: visit.call("PUT", "/enrolment/details", json=body)  # type: ignore[misc]

    def sign_in(self, known: bool) -> Arm:
        """An operator's name with a wrong password."""
        for turn in itertools.count():  # each name as often as any other
            name = f"bench{turn % OPERATORS}" if known else f"nobody{turn % OPERATORS}"
            body = {"name": name, "password": "wrong password"}
            yield lambda body=body: self.kiosk.call("POST", "/api/operators/login", json=body, headers=_CONSOLE)  # type: ignore[misc]

    def visit(self, known: bool) -> Arm:
        """A visit's id without its token."""
        there = self.kiosk.start().session
        absent = there[:-4] + ("aaaa" if not there.endswith("aaaa") else "bbbb")
        while True:
            guess = VisitClient(self.kiosk, there if known else absent, "not-its-token")
            yield guess.view

    def _phone(self, known: bool) -> str:
        number = next(self._unlike)
        return known_phone(number % 40) if known else f"+1202556{number % 10_000:04d}"

    def _at(self, *events: Callable[[Session], Event]) -> VisitClient:
        visit = next(self._turn).start()
        for event in events:
            self.app.sessions.change(visit.session, event)
        return visit

    def _enrolling(self, session: Session) -> Event:
        return EnrolmentAsked(at=session.changed_at, person=self.app.people.new_id(), seq=0, allowed=True)


def _unknown(session: Session) -> Event:
    return FaceUnknown(at=session.changed_at, seq=1)


def known_phone(number: int) -> str:
    return f"+1202555{number:04d}"


def timed(known: Arm, nobody: Arm, calls: int) -> tuple[list[float], list[float]]:
    """Seconds of each call, the arms taking turns, which goes first changing too."""
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(calls):
        order = (True, False) if number % 2 else (False, True)
        for arm in order:
            call = next(known if arm else nobody)
            begun = time.perf_counter()
            try:
                call()
            except Problem as problem:
                if problem.status not in {401, 409}:
                    raise
            times[arm].append(time.perf_counter() - begun)
    return times[True], times[False]


def auc(longer: Sequence[float], shorter: Sequence[float]) -> float:
    """The chance that one of the first is longer than one of the second (Mann-Whitney), ties counting half."""
    ranked = sorted([(value, True) for value in longer] + [(value, False) for value in shorter])
    total, place = 0.0, 0
    for _, group in itertools.groupby(ranked, key=lambda pair: pair[0]):
        members = list(group)
        middle = place + (len(members) + 1) / 2
        total += middle * sum(mine for _, mine in members)
        place += len(members)
    return (total - len(longer) * (len(longer) + 1) / 2) / (len(longer) * len(shorter))


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py bench enumeration", description=__doc__)
    parser.add_argument("--calls", type=int, default=500, help="calls an arm")
    parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
    given = parser.parse_args(argv)
    password = hashed("a password nobody types", bytes(SALT_BYTES))
    names = [str(Credential(f"bench{n}", Role.VIEWER, password)) for n in range(OPERATORS)]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        options = StackOptions(
            state=Path(folder), usual_ports=False, quiet=True, settings={**SETTINGS, "LOCAL_OPERATORS": ",".join(names)}
        )
        with Stack(options) as stack:
            doors = Doors(stack)
            for door in (doors.visit, doors.claim, doors.registration, doors.sign_in):
                somebody, nobody = timed(door(True), door(False), given.calls)
                rows.append(
                    {
                        "door": door.__name__,
                        "calls": len(somebody),
                        "somebody_ms": round(1000 * sorted(somebody)[len(somebody) // 2], 2),
                        "nobody_ms": round(1000 * sorted(nobody)[len(nobody) // 2], 2),
                        "auc": round(auc(somebody, nobody), 3),
                    }
                )
                if not given.json:
                    _print(rows[-1])
    if given.json:
        print(json.dumps(rows))
    return 0 if all(LEAST <= row["auc"] <= MOST for row in rows) else 1


def _print(row: dict[str, Any]) -> None:
    print(
        f"  {row['door']:<14} {row['calls']} calls an arm   somebody {row['somebody_ms']:7.2f} ms"
        f"   nobody {row['nobody_ms']:7.2f} ms   AUC {row['auc']:.3f}",
        flush=True,
    )
