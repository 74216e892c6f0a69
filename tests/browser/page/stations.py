"""Every screen of the page and how to come to it: used by the accessibility tests and by the gallery of screenshots."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.page.contract import iso, pin_view, voice_view
from tests.browser.page.fake_bank import FakeBank

type Station = Callable[[Page, FakeBank], None]

ALL_WAYS = ["retry", "claim", "register", "assistance"]
PASSED = {"face": "passed", "pin": "passed", "voice": "passed"}


def screen(page: Page, name: str) -> Locator:
    """The section of the screen with this name."""
    return page.locator(f'section[data-screen="{name}"]')


def wait_until(page: Page, condition: Callable[[], bool], seconds: float = 10) -> None:
    """Until something has happened at the server; the page goes on meanwhile."""
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came true")


def pair(page: Page, url: str) -> None:
    """From nothing to the attract screen."""
    page.goto(f"{url}/#pair=PAIR-1")
    expect(screen(page, "attract")).to_be_visible()


def start(page: Page) -> None:
    """From the attract screen into a visit."""
    page.locator('[data-act="start"]').click()
    expect(page.locator('[data-act="terminate"]')).to_be_visible()


def shows(make: Callable[[], dict[str, Any]] = dict, **fixed: Any) -> Station:
    """A visit whose View the server sets; `make` gives the parts that hold times, when they are wanted."""

    def go(page: Page, bank: FakeBank) -> None:
        view = make() | fixed
        start(page)
        bank.show(**view)
        expect(page.locator(f"html[data-screen={screen_for(view)}]")).to_be_attached()

    return go


def screen_for(view: dict[str, Any]) -> str:
    """The screen a View leads to, spelled out for the test."""
    state = view.get("state", "identifying")
    if state in ("unknown", "ambiguous"):
        return "choices"
    if state in ("denied", "ended"):
        return "final"
    if state == "voice" and view["factors"]["voice"] == "checking":
        return "checking"
    if state == "enrolling":
        step = str(view["enrolment"]["step"])
        return "consent" if step == "details" else step
    return "identifying" if state == "claiming" else str(state)


def choices(page: Page, bank: FakeBank) -> None:
    shows(state="unknown", options=ALL_WAYS)(page, bank)


def claim(page: Page, bank: FakeBank) -> None:
    choices(page, bank)
    page.locator('[data-act="claim"]').click()
    expect(screen(page, "claim")).to_be_visible()


def claiming(page: Page, bank: FakeBank) -> None:
    shows(state="claiming", options=["retry", "assistance"])(page, bank)
    expect(page.locator('[data-act="retry"]')).to_be_visible()


def wrong_pin(page: Page, bank: FakeBank) -> None:
    shows(lambda: pin_view(sms="delivered"))(page, bank)
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()


def recording(page: Page, bank: FakeBank) -> None:
    shows(voice_view)(page, bank)
    page.locator('[data-act="record"]').click()
    expect(page.locator(".meter .lit").first).to_be_visible()


def teller(page: Page, bank: FakeBank) -> None:
    start(page)
    bank.show(state="granted", presence="ok", factors=PASSED, customer={"givenName": "Ana"})
    expect(screen(page, "teller")).to_be_visible()


def pressed(station: Station, act: str, name: str) -> Station:
    """One touch further than another station."""

    def go(page: Page, bank: FakeBank) -> None:
        station(page, bank)
        page.locator(f'[data-act="{act}"]').first.click()
        expect(screen(page, name)).to_be_visible()

    return go


def cash(page: Page, bank: FakeBank) -> None:
    pressed(teller, "get-cash", "cash")(page, bank)
    page.locator('[data-act="account-a1"]').click()
    expect(page.locator('[data-act="amount-20"]')).to_be_visible()


def app_setup(page: Page, bank: FakeBank) -> None:
    pressed(teller, "service-settings", "authenticator")(page, bank)
    page.locator('[data-act="begin-authenticator"]').click()
    expect(page.locator(".setup img")).to_be_visible()


def locked(page: Page, bank: FakeBank) -> None:
    teller(page, bank)
    bank.show(teller={"locked": True}, presence="look")
    expect(screen(page, "locked")).to_be_visible()


def end_dialog(page: Page, bank: FakeBank) -> None:
    teller(page, bank)
    page.locator('[data-act="terminate"]').click()
    expect(page.get_by_role("dialog")).to_be_visible()


def help_dialog(page: Page, bank: FakeBank) -> None:
    shows(pin_view)(page, bank)
    page.locator('[data-act="help"]').click()
    expect(page.get_by_role("dialog")).to_be_visible()


def offline(page: Page, bank: FakeBank) -> None:
    shows(pin_view)(page, bank)
    bank.reachable = False
    expect(screen(page, "offline")).to_be_visible(timeout=15_000)


def without(device: str, error: str) -> Callable[[Page], None]:
    """A page in which opening the camera ("video") or the microphone ("audio") fails like this."""
    script = f"""
      const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      window.deviceFails = true;
      navigator.mediaDevices.getUserMedia = (wanted) =>
        wanted.{device} && window.deviceFails ? Promise.reject(new DOMException("", "{error}")) : real(wanted);
    """

    def broken(page: Page) -> None:
        page.add_init_script(script)

    return broken


def camera_trouble(page: Page, _: FakeBank) -> None:
    page.locator('[data-act="start"]').click()
    expect(screen(page, "camera")).to_be_visible()


def microphone_trouble(page: Page, bank: FakeBank) -> None:
    shows(voice_view)(page, bank)
    page.locator('[data-act="record"]').click()
    expect(screen(page, "microphone")).to_be_visible()


def hinted(guidance: str, text: str) -> Station:
    def go(page: Page, bank: FakeBank) -> None:
        shows(guidance=guidance)(page, bank)
        expect(page.locator(f'[data-hint="{guidance}"]')).to_be_visible()
        expect(page.locator("main")).to_contain_text(text)

    return go


def enrolling(step: str, **facts: Any) -> Station:
    return shows(state="enrolling", enrolment={"step": step} | facts)


def name(page: Page, bank: FakeBank) -> None:
    enrolling("details")(page, bank)
    page.locator('[data-field="adult"]').check()
    page.locator('[data-field="consent"]').check()
    page.locator('[data-act="agree"]').click()
    expect(screen(page, "name")).to_be_visible()


def number(page: Page, bank: FakeBank) -> None:
    name(page, bank)
    page.keyboard.type("Ana Example")
    page.locator('[data-act="submit-name"]').click()
    expect(screen(page, "number")).to_be_visible()


def phrase() -> dict[str, Any]:
    """The second of three phrases: as in a visit it stands in View.voice."""
    return {"voice": voice_view(attempt=2, digits="902735")["voice"]}


def challenge_view(step: str) -> dict[str, Any]:
    """The second of three movements."""
    return {"challenge": {"step": step, "stepsDone": 1, "steps": 3, "expiresAt": iso(12)}}


STATIONS: dict[str, Station] = {
    "attract": lambda page, bank: None,
    "identifying": shows(),
    "identifying-closer": hinted("come_closer", ""),
    "people": hinted("one_person", ""),
    "covered": hinted("camera_covered", ""),
    "challenge": shows(lambda: challenge_view("turn_left"), state="challenge"),
    "challenge-up": shows(lambda: challenge_view("look_up"), state="challenge"),
    "challenge-nod": shows(lambda: challenge_view("nod"), state="challenge"),
    "unknown": choices,
    "ambiguous": shows(state="ambiguous", options=ALL_WAYS),
    "claim": claim,
    "claiming": claiming,
    "pin": shows(pin_view),
    "pin-look": shows(pin_view, presence="look"),
    "pin-wrong": wrong_pin,
    "pin-send-first": shows(lambda: pin_view(sms="waiting")),
    "pin-failed": shows(lambda: pin_view(sms="failed", resendAt=iso(-1))),
    "pin-expired": shows(lambda: pin_view(expiresAt=iso(-1), resendAt=iso(-1))),
    "pin-app": shows(lambda: pin_view(app=True)),
    "voice": shows(voice_view),
    "voice-digits": shows(lambda: voice_view(sentence=None)),
    "voice-again": shows(lambda: voice_view(attempt=2, attemptsLeft=2, problem="try_again", digits="730264")),
    "recording": recording,
    "checking": shows(lambda: voice_view(checking=True), factors=PASSED | {"voice": "checking"}),
    "teller": teller,
    "cash-account": pressed(teller, "get-cash", "cash"),
    "cash": cash,
    "receipt": pressed(teller, "quick-cash", "receipt"),
    "service": pressed(teller, "service-deposit", "service"),
    "app-settings": pressed(teller, "service-settings", "authenticator"),
    "app-setup": app_setup,
    "locked": locked,
    "end-dialog": end_dialog,
    "help-dialog": help_dialog,
    "more-time": shows(lambda: pin_view() | {"expiresAt": iso(20)}),
    "assistance": shows(state="assistance"),
    "denied": shows(state="denied", end={"kind": "denied", "telephone": "+81 3 5555 0100"}),
    "ended": shows(state="ended", end={"kind": "ended", "telephone": None}),
    "expired": shows(state="ended", end={"kind": "expired", "telephone": None}),
    "idle": shows(state="ended", end={"kind": "idle", "telephone": None}),
    "cancelled": pressed(shows(), "terminate", "final"),
    "camera": camera_trouble,
    "microphone": microphone_trouble,
    "offline": offline,
    "consent": enrolling("details"),
    "name": name,
    "number": number,
    "capture": enrolling("capture", taken=2, needed=5, pose="left"),
    "phrases": shows(phrase, state="enrolling", enrolment={"step": "phrases", "taken": 1, "needed": 3, "pose": None}),
    "learning": enrolling("learning", taken=4, needed=6, pose=None),
    "approval": enrolling("approval"),
    "ended-approval": shows(state="ended", end={"kind": "approval", "telephone": None}),
}
"""Name of a station → how to reach it from the attract screen."""

BROKEN_DEVICES = {"camera": without("video", "NotAllowedError"), "microphone": without("audio", "NotReadableError")}
"""Stations that need a browser with something missing."""
