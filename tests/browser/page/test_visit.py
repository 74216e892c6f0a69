"""A customer's way through the page when everything goes well."""

from playwright.sync_api import Page, expect

from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.stations import screen


def test_a_known_customer_walks_from_the_attract_screen_to_cash(kiosk: Page, bank: FakeBank) -> None:
    bank.walks = True
    kiosk.locator('[data-act="start"]').click()
    expect(screen(kiosk, "pin")).to_be_visible()
    kiosk.keyboard.type("123456")
    kiosk.keyboard.press("Enter")
    expect(screen(kiosk, "voice")).to_be_visible()
    kiosk.locator('[data-act="record"]').click()
    expect(screen(kiosk, "teller")).to_be_visible(timeout=20_000)
    expect(kiosk.get_by_role("heading", level=1)).to_have_text("Welcome, Ana")
    kiosk.locator('[data-act="quick-cash"]').click()
    expect(screen(kiosk, "receipt")).to_contain_text("$70.00")
    assert bank.signatures == [True]
    assert bank.accounts[0]["balance"] == "1180.00"
