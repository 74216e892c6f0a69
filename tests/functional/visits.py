"""Visits at each point of their way in a running stack: moved there by the table itself, no picture needed."""

import itertools
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from devhost.demo.client import KioskClient
from shared.domain import events as e
from shared.domain.frames import FrameFact, Shows
from shared.domain.pin import NONCE_BYTES
from shared.domain.session import Session
from shared.services.people.registry import Status
from shared.wiring import App
from tests.unit.session_roads import fitting

type Step = tuple[type[e.Event], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A visit and what opens it. `handoff`: its token, not redeemed yet."""

    id: str
    headers: dict[str, str]
    handoff: str = ""


class Visits:
    """`stage` names the points; the one customer of all visits has accounts, and stands in front."""

    def __init__(self, app: App, kiosk: KioskClient) -> None:
        self._app = app
        self._kiosk = kiosk
        self._people = itertools.count(1)
        self._person = self.somebody("C-7")

    def somebody(self, customer: str | None = None) -> str:
        """One more person; returns their id."""
        person = self._app.people.new_id()
        self._app.people.create(
            person,
            name="Ana Example",
            given_name="Ana",
            phone=f"+1202555{next(self._people):04d}",
            status=Status.ACTIVE,
            language="en",
            consent_version=None,
            assurance="staff",
            customer=customer,
        )
        return person

    def at(self, stage: str) -> Standing:
        begun = self._kiosk.start()
        session = self._app.sessions.load(begun.session).session
        for kind, changes in self._way(stage):
            session = self._moved(session, kind, changes)
        self._in_front(session)
        if stage == "handed_off":
            return Standing(session.id, begun.headers, begun.handoff())
        if stage == "teller":
            begun.open_teller(begun.handoff())
        return Standing(session.id, begun.headers)

    def _way(self, stage: str) -> Iterator[Step]:
        secret = {"nonce": secrets.token_hex(NONCE_BYTES), "key": self._app.keys.current}
        accepted: Step = (e.FaceAccepted, {**secret, "person": self._person})
        voice: tuple[Step, ...] = (accepted, (e.PinSubmitted, {}))
        granted: tuple[Step, ...] = (*voice, (e.VoiceReceived, {}), (e.VoiceChecked, {}))
        unknown: Step = (e.FaceUnknown, {})
        ways: dict[str, tuple[Step, ...]] = {
            "identifying": (),
            "challenge": ((e.PresentationDoubted, {}),),
            "unknown": (unknown,),
            "ambiguous": ((e.FaceAmbiguous, {}),),
            "claiming": (unknown, (e.Claimed, {"person": self._person})),
            "enrolling": (unknown, (e.EnrolmentAsked, {"person": self._app.people.new_id()})),
            "assistance": ((e.AssistanceAsked, {}),),
            "pin": (accepted,),
            "voice": voice,
            "granted": granted,
            "handed_off": granted,
            "teller": granted,
            "ended": ((e.Left, {}),),
        }
        yield from ways[stage]

    def _moved(self, session: Session, kind: type[e.Event], changes: dict[str, Any]) -> Session:
        now = self._app.clock.now()
        return self._app.sessions.change(session.id, lambda s: fitting(s, kind, at=now, **changes))[0]

    def _in_front(self, session: Session) -> None:
        """Two frames that show the accepted person, just now."""
        if session.person is None:
            return
        for seq in (session.since_seq + 1, session.since_seq + 2):
            self._app.log.add(
                session.id,
                FrameFact(
                    seq=seq,
                    at=self._app.clock.now(),
                    readable=True,
                    faces=1,
                    near_faces=1,
                    live=True,
                    link=True,
                    person=session.person,
                    shows=Shows.PERSON,
                ),
            )
