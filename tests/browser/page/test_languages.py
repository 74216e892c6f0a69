"""Languages of the page, and whose choice they are."""

from playwright.sync_api import Page, expect

from tests.browser.page.contract import pin_view
from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.stations import (
    screen,
    shows,
    start,
    wait_until,
)


def test_arabic_is_written_from_right_to_left_and_the_keypad_is_not(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.locator('[data-act="language-ar"]').click()
    expect(kiosk.locator("html")).to_have_attribute("dir", "rtl")
    expect(kiosk.locator("html")).to_have_attribute("lang", "ar")
    one, three = (kiosk.locator(f'[data-key="{key}"]').bounding_box() for key in ("1", "3"))
    assert one and three
    assert one["x"] < three["x"]


def test_the_language_of_an_earlier_visit_is_taken_unless_another_was_chosen(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view, language="ja")(kiosk, bank)
    expect(kiosk.locator("html")).to_have_attribute("lang", "ja")
    kiosk.locator('[data-act="language-en"]').click()
    expect(kiosk.locator("html")).to_have_attribute("lang", "en")
    bank.show(guidance="hold_still")
    expect(kiosk.locator(".hint")).to_have_text("Hold still for a moment")
    expect(kiosk.locator("html")).to_have_attribute("lang", "en")


def test_a_language_chosen_in_the_middle_of_a_visit_is_told_to_the_server(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.locator('[data-act="language-es"]').click()
    wait_until(kiosk, lambda: bank.called("language") == [{"language": "es"}])
    expect(kiosk.locator("html")).to_have_attribute("lang", "es")


def test_a_language_chosen_before_a_visit_is_told_with_its_start(kiosk: Page, bank: FakeBank) -> None:
    kiosk.locator('[data-act="language-ja"]').click()
    expect(kiosk.locator("html")).to_have_attribute("lang", "ja")
    start(kiosk)
    assert bank.starts[-1]["language"] == "ja"
    assert bank.called("language") == []


def test_the_next_customer_finds_the_kiosks_own_language(kiosk: Page, bank: FakeBank) -> None:
    kiosk.locator('[data-act="language-es"]').click()
    expect(kiosk.locator("html")).to_have_attribute("lang", "es")
    start(kiosk)
    assert bank.starts[-1]["language"] == "es"
    kiosk.locator('[data-act="terminate"]').click()
    kiosk.locator('[data-act="done"]').click()
    expect(screen(kiosk, "attract")).to_be_visible()
    expect(kiosk.locator("html")).to_have_attribute("lang", "en")
