"""The demo's customers and its kiosks, put straight into the stack's own stores."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from devhost import portraits, speech
from shared.domain.errors import AlreadyExists
from shared.services.enrolment.from_files import Applicant
from shared.settings import load_settings
from shared.wiring import App


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """`face` names a folder of portraits, `voice` a synthetic speaker."""

    name: str
    given_name: str
    phone: str
    face: str
    voice: str
    customer: str

    def frames(self) -> list[bytes]:
        """What the camera sees of them: pictures that their templates were not made from."""
        return [p.read_bytes() for p in self._pictures()[3:]]

    def enrolment_photos(self) -> list[bytes]:
        return [p.read_bytes() for p in self._pictures()[:3]]

    def enrolment_clips(self) -> list[bytes]:
        return [speech.say(self.voice, digits, seed=900 + i) for i, digits in enumerate(("273604", "918275", "406531"))]

    def _pictures(self) -> list[Path]:
        return sorted((portraits.ensure() / "people" / self.face).glob("*.jpg"), key=lambda p: int(p.stem))


ADA = Customer(
    name="Amara Okafor",
    given_name="Amara",
    phone="+12025550142",
    face="person-a",
    voice="rms",
    customer="C-1001",
)
BEN = Customer(
    name="Benjamin Hart",
    given_name="Benjamin",
    phone="+12025550187",
    face="person-b",
    voice="kal16",
    customer="C-1002",
)
STRANGER = Customer(
    name="Carla Reyes",
    given_name="Carla",
    phone="+12025550163",
    face="person-c",
    voice="slt",
    customer="",
)


def open_app(environment: dict[str, str]) -> App:
    """The app's services on the stores of a running stack. This process's own environment stays as it was."""
    before = dict(os.environ)
    try:
        os.environ.update(environment)
        return App(load_settings())
    finally:
        os.environ.clear()
        os.environ.update(before)


def enrol(app: App, person: Customer) -> bool:
    """True if the person was not enrolled before."""
    applicant = Applicant(
        name=person.name,
        given_name=person.given_name,
        phone=person.phone,
        language="en",
        consent_version=app.settings.consent_version,
        assurance="staff",
        customer=person.customer,
        registered_by="demo",
    )
    if app.people.by_phone(person.phone) is not None:
        return False
    app.enrol.by_staff(applicant, person.enrolment_photos(), person.enrolment_clips())
    return True


def pairing_code(app: App, kiosk: str, name: str, time_zone: str) -> str:
    """A one-time code for a kiosk, which is made if there is none."""
    with contextlib.suppress(AlreadyExists):
        app.kiosks.create(kiosk, name, time_zone)
    return app.kiosks.pairing_code(kiosk)
