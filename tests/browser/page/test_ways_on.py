"""No dead ends: whatever says no, something that can be done about it stands on the screen and can be touched."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page.contract import iso, pin_view, voice_view
from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.stations import (
    ALL_WAYS,
    BROKEN_DEVICES,
    PASSED,
    STATIONS,
    Station,
    cash,
    number,
    pair,
    shows,
    start,
    wait_until,
)

TELEPHONE = "+81 3 5555 0100"
ALWAYS = ["help", "terminate"]
"""On every screen of a visit."""


def touched(station: Station, act: str, route: str, status: int, code: str) -> Station:
    """A station where a touch is refused."""

    def go(page: Page, bank: FakeBank) -> None:
        station(page, bank)
        bank.refuse(route, status, code)
        page.locator(f'[data-act="{act}"]').first.click()
        wait_until(page, lambda: not bank.refusals[route])

    return go


def typed(code: str) -> Station:
    """The right code, refused."""

    def go(page: Page, bank: FakeBank) -> None:
        shows(pin_view)(page, bank)
        if code == "not_in_front":
            bank.show(presence="look")  # as long as nobody is: then the page sends the code again by itself
        bank.refuse("pin", 409, code)
        page.keyboard.type("123456")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()

    return go


def spoken(code: str) -> Station:
    def go(page: Page, bank: FakeBank) -> None:
        STATIONS["recording"](page, bank)
        bank.refuse("voice", 400, code)
        page.locator('[data-act="finish-recording"]').click()
        wait_until(page, lambda: not bank.refusals["voice"])

    return go


def registered(code: str) -> Station:
    def go(page: Page, bank: FakeBank) -> None:
        number(page, bank)
        page.keyboard.type("9012345678")
        bank.refuse("details", 400, code)
        page.locator('[data-act="submit-details"]').click()
        expect(page.get_by_role("alert")).to_be_visible()

    return go


def handed_over(page: Page, bank: FakeBank) -> None:
    start(page)
    bank.refuse("open", 409, "already_redeemed")
    bank.show(state="granted", presence="ok", factors=PASSED)
    expect(page.get_by_role("alert")).to_be_visible()
    polled = len(bank.polls)
    wait_until(page, lambda: len(bank.polls) > polled + 2)  # the server says by now that it was handed over


def ended(kind: str, telephone: str | None = TELEPHONE) -> Station:
    return shows(state="denied" if kind == "denied" else "ended", end={"kind": kind, "telephone": telephone})


REFUSALS: dict[str, tuple[Station, list[str]]] = {
    "the visit cannot begin now": (
        lambda page, bank: touched(STATIONS["attract"], "start", "sessions", 429, "limit_reached")(page, bank),
        ["start", "help"],
    ),
    "no face is found in the gallery": (STATIONS["unknown"], [*ALL_WAYS, *ALWAYS]),
    "two people are alike": (STATIONS["ambiguous"], [*ALL_WAYS, *ALWAYS]),
    "registering is closed": (
        shows(state="unknown", options=["retry", "claim", "assistance"]),
        ["retry", "claim", "assistance", *ALWAYS],
    ),
    "the number was claimed too often": (
        shows(state="unknown", options=["register", "assistance"]),
        ["register", "assistance", *ALWAYS],
    ),
    "the claimed face does not match": (STATIONS["claiming"], ["retry", "assistance", *ALWAYS]),
    "the claimed number is no number": (
        lambda page, bank: claimed(page, bank, "bad_phone"),
        ["submit-claim", "back", *ALWAYS],
    ),
    "two people stand in front": (STATIONS["people"], ALWAYS),
    "the lens is covered": (STATIONS["covered"], ["help-covered", *ALWAYS]),
    "the head cannot be turned": (STATIONS["challenge"], ["assistance", *ALWAYS]),
    "the head cannot be turned for the pictures": (STATIONS["capture"], ["assistance", *ALWAYS]),
    "the message does not arrive": (STATIONS["pin-failed"], ["resend", "assistance", *ALWAYS]),
    "there is no phone at hand": (STATIONS["pin"], ["assistance", *ALWAYS]),
    "there is no message, but an app": (STATIONS["pin-app"], ["use-app", "assistance", *ALWAYS]),
    "the code is wrong": (STATIONS["pin-wrong"], ["submit-pin", "assistance", *ALWAYS]),
    "the code has expired": (STATIONS["pin-expired"], ["resend", "assistance", *ALWAYS]),
    "no code can be sent any more": (
        shows(lambda: pin_view(sms="failed", expiresAt=iso(-1), sendsLeft=0)),
        ["assistance", *ALWAYS],
    ),
    "a code is asked for too soon": (
        touched(shows(lambda: pin_view(resendAt=iso(-1))), "resend", "resend", 429, "too_soon"),
        ["submit-pin", "assistance", *ALWAYS],
    ),
    "nobody is in front at the code": (typed("not_in_front"), ["submit-pin", "assistance", *ALWAYS]),
    "the code came too late": (typed("pin_expired"), ["submit-pin", "assistance", *ALWAYS]),
    "the voice does not match": (STATIONS["voice-again"], ["record", "assistance", *ALWAYS]),
    "there is no voice": (shows(voice_view), ["record", "assistance", *ALWAYS]),
    "the clip cannot be read": (spoken("clip_truncated"), ["record", "assistance", *ALWAYS]),
    "the clip is too long": (spoken("clip_too_long"), ["record", "assistance", *ALWAYS]),
    "the microphone cannot be used": (STATIONS["microphone"], ["retry-microphone", "assistance", *ALWAYS]),
    "the camera cannot be used": (STATIONS["camera"], ["retry-camera", "help"]),
    "staff cannot be called from here": (
        touched(shows(pin_view), "assistance", "assistance", 409, "wrong_state"),
        ["dialog-close"],
    ),
    "staff do not answer": (shows(state="assistance", assistance={"telephone": TELEPHONE}), ALWAYS),
    "the hand-off fails": (handed_over, ["handoff", *ALWAYS]),
    "the customer looks away from the accounts": (STATIONS["locked"], ALWAYS),
    "there is not enough money": (
        touched(cash, "amount-60", "withdrawals", 409, "insufficient_funds"),
        ["amount-20", "back", *ALWAYS],
    ),
    "there is no account": (lambda page, bank: poor(page, bank), ["service-other", *ALWAYS]),
    "the consent is not given": (STATIONS["consent"], ["assistance", *ALWAYS]),
    "the name is refused": (registered("bad_name"), ["submit-name", "back", *ALWAYS]),
    "the new number is refused": (registered("bad_phone"), ["submit-details", "back", *ALWAYS]),
    "the customer is too young": (registered("adults_only"), ["agree", "assistance", *ALWAYS]),
    "time runs out": (STATIONS["more-time"], ["more-time", *ALWAYS]),
    "the network is gone": (STATIONS["offline"], ["help"]),
    "the visit is refused": (ended("denied"), ["done", "help"]),
    "the visit expired": (ended("expired"), ["done", "help"]),
    "nobody was there": (ended("idle"), ["done", "help"]),
    "a person is to be approved": (ended("approval"), ["done", "help"]),
}
WITH_A_TELEPHONE = (
    "the camera cannot be used",
    "staff cannot be called from here",
    "staff do not answer",
    "the network is gone",
    "the visit is refused",
)


def claimed(page: Page, bank: FakeBank, code: str) -> None:
    STATIONS["claim"](page, bank)
    page.keyboard.type("9012345678")
    bank.refuse("claim", 400, code)
    page.locator('[data-act="submit-claim"]').click()
    expect(page.get_by_role("alert")).to_be_visible()


def poor(page: Page, bank: FakeBank) -> None:
    bank.accounts = []
    STATIONS["teller"](page, bank)


@pytest.mark.parametrize("refusal", list(REFUSALS))
def test_a_refusal_leaves_a_way_on(request: pytest.FixtureRequest, served: str, bank: FakeBank, refusal: str) -> None:
    station, ways = REFUSALS[refusal]
    broken = [device for device in ("camera", "microphone") if device in refusal]
    page: Page = request.getfixturevalue("own_page" if broken else "page")
    for device in broken:
        BROKEN_DEVICES[device](page)
    pair(page, served)
    station(page, bank)
    for way in ways:
        expect(page.locator(f'[data-act="{way}"]').first).to_be_visible()
    if refusal in WITH_A_TELEPHONE:
        expect(page.get_by_text(TELEPHONE).first).to_be_visible()


@pytest.mark.parametrize("name", ["challenge", "people", "locked", "capture", "checking", "consent", "phrases"])
def test_help_calls_staff_or_gives_the_telephone_wherever_a_customer_is_stuck(
    kiosk: Page, bank: FakeBank, name: str
) -> None:
    STATIONS[name](kiosk, bank)
    kiosk.locator('[data-act="help"]').click()
    dialog = kiosk.get_by_role("dialog")
    expect(dialog).to_contain_text(TELEPHONE)
    expect(dialog).to_contain_text("24 h")
    if name != "locked":
        kiosk.locator('[data-act="dialog-assistance"]').click()
        expect(kiosk.locator('section[data-screen="assistance"]')).to_be_visible()
