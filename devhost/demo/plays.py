"""The visits the demo plays: who stands there, what they do, and how it must end."""

import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

from devhost import speech
from devhost.demo.camera import Camera
from devhost.demo.client import KioskClient, Problem, VisitClient
from devhost.demo.people import Customer

_CODE = re.compile(r"^(\d{6}) ")


@dataclass(slots=True)
class Script:
    """What happened in one visit, with the seconds since it began."""

    name: str
    begun: float = field(default_factory=time.monotonic)
    steps: list[tuple[float, str]] = field(default_factory=list)

    def note(self, what: str) -> None:
        self.steps.append((time.monotonic() - self.begun, what))


@dataclass(frozen=True, slots=True)
class Stage:
    """The kiosk, the dev phone's address, and the messages read there."""

    kiosk: KioskClient
    phone_url: str
    read: set[str] = field(default_factory=set)

    def code_for(self, phone: str, seconds: float = 30) -> str:
        """The code of the next message to a number."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            messages = requests.get(f"{self.phone_url}messages", params={"to": phone}, timeout=5).json()["messages"]
            for message in messages:
                if message["sid"] not in self.read and (found := _CODE.match(message["text"])):
                    self.read.add(message["sid"])
                    return found[1]
            time.sleep(0.1)
        raise TimeoutError("no message came")


class Unexpected(Exception):
    """The visit did not go the way it must."""


def expect(camera: Camera, state: str, seconds: float = 60) -> None:
    view = camera.wait_for(state, seconds=seconds)
    if view["state"] != state:
        raise Unexpected(f"expected {state}, but the visit is {view['state']} ({view['end']})")


def until_voice(stage: Stage, script: Script, visit: VisitClient, camera: Camera, person: Customer) -> None:
    """Face and PIN."""
    expect(camera, "pin")
    script.note("face accepted, code on its way")
    code = stage.code_for(person.phone)
    script.note("code arrived on the phone")
    if not present(camera, lambda: visit.pin(code))["accepted"]:
        raise Unexpected("the right code was not accepted")
    expect(camera, "voice")
    script.note("PIN accepted")


def present[T](camera: Camera, act: Callable[[], T], seconds: float = 60) -> T:
    """Do something that needs the customer in front, as soon as the machine sees them there."""
    deadline = time.monotonic() + seconds
    while True:
        camera.wait(lambda view: view["presence"] == "ok" or view["end"] is not None, seconds, "presence")
        try:
            return act()
        except Problem as problem:
            if problem.code != "not_in_front" or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def speak(script: Script, visit: VisitClient, camera: Camera, voice: str, digits: str | None = None) -> None:
    """Read the phrase now shown (or other digits) in a voice, once."""
    phrase = camera.wait(lambda view: bool(view["voice"]) and not view["voice"]["checking"], 10, "a phrase")["voice"]
    clip = speech.say(voice, digits or phrase["digits"], seed=uuid.uuid4().int % 2**32)
    present(camera, lambda: visit.voice(phrase["attempt"], clip))
    camera.wait(lambda view: not view["voice"] or view["voice"]["attempt"] > phrase["attempt"], 60, "the voice check")
    script.note("voice checked")


def known_customer(stage: Stage, person: Customer, _stranger: Customer) -> Script:
    """A customer comes, is recognised, and takes cash."""
    script = Script("A customer takes $70")
    visit = stage.kiosk.start()
    with Camera(visit, person.frames()) as camera:
        until_voice(stage, script, visit, camera, person)
        speak(script, visit, camera, person.voice)
        expect(camera, "granted")
        script.note("granted")
        opened = visit.open_teller(present(camera, visit.handoff))
        script.note(f"teller screen: {opened['customer']['name']}, {len(opened['accounts'])} accounts")
        account = opened["accounts"][0]["id"]
        receipt = visit.withdraw(account, "70.00", str(uuid.uuid4()))
        script.note(f"cash: balance {receipt['balance']}")
        visit.leave()
        camera.wait(lambda view: view["end"] is not None, 10, "the end")
        script.note("left")
    return script


def unknown_person(stage: Stage, _person: Customer, stranger: Customer) -> Script:
    """Somebody nobody knows is offered ways on, and nothing is sent."""
    script = Script("An unknown person")
    visit = stage.kiosk.start()
    with Camera(visit, stranger.frames()) as camera:
        expect(camera, "unknown")
        script.note(f"unknown; offered: {', '.join(camera.view['options'])}")
        visit.leave()
    return script


def wrong_pin(stage: Stage, person: Customer, _stranger: Customer) -> Script:
    """Three wrong codes end the visit."""
    script = Script("A wrong PIN, three times")
    visit = stage.kiosk.start()
    with Camera(visit, person.frames()) as camera:
        expect(camera, "pin")
        script.note("face accepted")
        code = stage.code_for(person.phone)
        for number in range(3):
            wrong = f"{(int(code) + number + 1) % 1_000_000:06d}"
            if present(camera, lambda wrong=wrong: visit.pin(wrong))["accepted"]:  # type: ignore[misc]
                raise Unexpected("a wrong code was accepted")
        expect(camera, "denied")
        script.note("denied")
    return script


def wrong_voice(stage: Stage, person: Customer, stranger: Customer) -> Script:
    """Face and PIN of one person, the voice of another."""
    script = Script("Somebody else's voice")
    visit = stage.kiosk.start()
    with Camera(visit, person.frames()) as camera:
        until_voice(stage, script, visit, camera, person)
        for _ in range(3):
            speak(script, visit, camera, stranger.voice)
        expect(camera, "denied")
        script.note("denied")
    return script


def change_of_person(stage: Stage, person: Customer, stranger: Customer) -> Script:
    """After the PIN somebody else steps in front: everything is cleared."""
    script = Script("Another person steps in after the PIN")
    visit = stage.kiosk.start()
    with Camera(visit, person.frames()) as camera:
        until_voice(stage, script, visit, camera, person)
        camera.show(stranger.frames())
        view = camera.wait(lambda v: v["state"] != "voice" or v["end"] is not None, 20, "the change to be seen")
        if view["factors"]["face"] == "passed" or view["state"] == "granted":
            raise Unexpected("the factors were not cleared")
        script.note(f"cleared; now {view['state']}")
        visit.leave()
    return script


type Play = Callable[[Stage, Customer, Customer], Script]

PLAYS: tuple[Play, ...] = (
    known_customer,
    unknown_person,
    wrong_pin,
    wrong_voice,
    change_of_person,
)
