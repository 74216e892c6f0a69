"""Becoming a customer at the kiosk, in a real browser against the real stack and the real engines."""

from playwright.sync_api import Browser, expect

from devhost.demo.people import STRANGER
from tests.browser.visit.conftest import Bank, Kiosk, at_a_kiosk
from tests.browser.visit.poses import poses

CARLA = STRANGER
"""Who registers; nobody knows her before."""


def registers(kiosk: Kiosk, phone: str, country: str = "US") -> None:
    """From an unknown face to the pictures."""
    kiosk.starts(poses()["straight"])
    kiosk.sees("choices")
    kiosk.act("register")
    kiosk.sees("consent")
    page = kiosk.page
    expect(page.locator(".consent")).to_contain_text("Version")
    page.locator('[data-field="adult"]').check()
    page.locator('[data-field="consent"]').check()
    kiosk.act("agree")
    kiosk.sees("name")
    for letter in CARLA.name:
        page.locator(f'[data-key="{"space" if letter == " " else letter}"]').click()
    kiosk.act("submit-name")
    kiosk.sees("number")
    page.locator('[data-field="country"]').select_option(country)
    for digit in phone:
        page.locator(f'[data-key="{digit}"]').click()
    kiosk.act("submit-details")


NEXT = """shown => {
    if (["pin", "final"].includes(document.documentElement.dataset.screen)) return "done";
    const asked = document.querySelector("[data-pose]")?.dataset.pose;
    return asked !== shown && asked;
}"""
"""The next direction asked for, read in one look: between two looks the page may have gone on. Or that none is."""


def turns_as_asked(kiosk: Kiosk) -> None:
    """Follows the machine's words until it has all its pictures."""
    kiosk.sees("capture")
    shown = ""
    while (asked := kiosk.page.wait_for_function(NEXT, arg=shown, timeout=60_000).json_value()) != "done":
        kiosk.stands(poses()[asked])
        shown = asked
    kiosk.sees("pin")


def test_an_unknown_person_becomes_a_customer_and_is_known_at_the_next_kiosk(
    kiosk: Kiosk, bank: Bank, chromium: Browser
) -> None:
    page = kiosk.page
    registers(kiosk, CARLA.phone.removeprefix("+1"))
    turns_as_asked(kiosk)
    kiosk.stands(poses()["straight"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your phone")
    kiosk.types_pin(bank.code(CARLA.phone))
    for number in range(3):
        kiosk.sees("phrases")
        expect(page.get_by_role("heading", level=1)).to_contain_text(f"({number + 1} of 3)", timeout=60_000)
        kiosk.reads_aloud(CARLA.voice, seed=40 + number, screen="phrases")
    kiosk.sees("teller", 120)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Carla")
    expect(page.locator('section[data-screen="teller"]')).to_contain_text("$1,250.00")
    kiosk.act("terminate")
    kiosk.act("terminate-yes")
    kiosk.sees("final")
    with at_a_kiosk(chromium, bank) as another:
        another.starts(poses()["straight"])
        another.sees("pin")
        expect(another.page.get_by_role("heading", level=1)).to_have_text("Welcome back")
        another.types_pin(bank.code(CARLA.phone))
        another.sees("voice")
        another.reads_aloud(CARLA.voice, seed=50)
        another.sees("teller", 90)
        expect(another.page.get_by_role("heading", level=1)).to_contain_text("Carla")
