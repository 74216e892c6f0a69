"""Visits put into a running stack's own stores, with recordings of real faces, at times that a test chooses."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from devhost import speech
from devhost.demo.people import ADA, BEN, STRANGER, Customer, enrol, open_app, pairing_code
from devhost.operators import local_operators
from devhost.stack import Stack, StackOptions
from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.domain.roles import Role
from shared.domain.session import Reason, State
from shared.domain.stamp import stamp
from shared.domain.visit_facts import Faces, Outcome, VisitFacts
from shared.wiring import App

KIOSKS = {"K7": ("Shibuya Station", "Asia/Tokyo"), "K2": ("Lisbon, Rossio", "Europe/Lisbon")}
LENGTH = timedelta(seconds=31)
FRAMES = 3
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


class Bank:
    """A running stack with two customers and two kiosks; `visit` adds a visit of the past."""

    def __init__(self, stack: Stack) -> None:
        self.url = f"{stack.url}/console/"
        self.app: App = open_app(stack.environment)
        self.passwords = {role: (name, word) for name, role, word in local_operators(stack.options.data)[1]}
        self._random = Random(7)
        for kiosk, (name, zone) in KIOSKS.items():
            pairing_code(self.app, kiosk, name, zone)
        for customer in (ADA, BEN):
            enrol(self.app, customer)

    def id_of(self, customer: Customer) -> str | None:
        return self.app.people.by_phone(customer.phone)

    def credentials(self, role: Role) -> tuple[str, str]:
        return self.passwords[role]

    def visit(self, kiosk: str, at: datetime, who: Customer, denied: Reason | None = None) -> VisitFacts:
        """Somebody known is granted, or denied for this reason; a stranger is not recognised."""
        person = self.id_of(who)
        letters = "".join(self._random.choices(_LETTERS, k=24))
        session = f"{kiosk}_{at:%Y%m%d}_{letters}"
        granted = person is not None and denied is None
        facts = VisitFacts(
            session=session,
            kiosk=kiosk,
            reference=f"{kiosk}-{''.join(self._random.choices('23456789ABCDEFGHJKMN', k=4))}",
            at=at,
            ended_at=at + LENGTH,
            state=State.DENIED if denied else State.ENDED,
            outcome=Outcome.DENIED if denied else Outcome.GRANTED if granted else Outcome.NOT_RECOGNISED,
            reason=denied,
            assurance="full" if granted else None,
            person=person if granted else None,
            claimed=person if denied else None,
            matched=(person,) if person and denied else (),
            faces=Faces.KNOWN if person else Faces.UNKNOWN,
            frames=FRAMES,
            clips=1,
            thumbnail=1,
            granted_s=20.0 if granted else None,
        )
        self.app.visit_index.restore(facts)
        self._record(facts, who)
        return facts

    def _record(self, facts: VisitFacts, who: Customer) -> None:
        for number, picture in enumerate((who.frames() * FRAMES)[:FRAMES], 1):
            self._put(facts, RecordingKind.FRAME, number, picture, "image/jpeg")
        clip = speech.say(who.voice, "481516", seed=1)
        self._put(facts, RecordingKind.VOICE, 1, clip, "audio/wav")
        if facts.faces is Faces.KNOWN:
            self.app.timeline.add(facts.session, "face_accepted", facts.at + timedelta(seconds=2), "1", seq=2)
        end = "granted" if facts.outcome is Outcome.GRANTED else "denied" if facts.reason else "ended"
        self.app.timeline.add(facts.session, end, facts.at + LENGTH, "2", reason=facts.reason)

    def _put(self, facts: VisitFacts, kind: RecordingKind, number: int, data: bytes, content_type: str) -> None:
        name = str(recording_name(facts.session, kind, number))
        at = stamp(facts.at + timedelta(seconds=number))
        self.app.media.put(CONTAINER, name, data, content_type=content_type, metadata={"at": at})
        self.app.index.recording(name)


@contextmanager
def running(state: Path) -> Iterator[Bank]:
    """Search by face is on for enrolled people."""
    settings = {"FACE_SEARCH": "people"}
    with Stack(StackOptions(state=state, usual_ports=False, quiet=True, settings=settings)) as stack:
        yield Bank(stack)


__all__ = ["ADA", "BEN", "STRANGER", "Bank", "running"]
