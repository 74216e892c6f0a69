"""The code from the text message: typed, wrong, late, sent again."""

from playwright.sync_api import Page, expect

from tests.browser.page.contract import iso, pin_view
from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.stations import (
    pair,
    screen,
    shows,
)


def test_a_wrong_code_says_how_many_tries_are_left_and_clears_the_field(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.keyboard.type("000000")
    kiosk.keyboard.press("Enter")
    expect(kiosk.get_by_role("alert")).to_contain_text("2 tries left")
    expect(kiosk.locator("#code")).to_have_value("")
    assert bank.called("pin") == [{"code": "000000"}]


def test_the_code_can_be_touched_corrected_and_pasted(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    for key in ("1", "2", "9", "backspace", "3"):
        kiosk.locator(f'[data-key="{key}"]').click()
    expect(kiosk.locator("#code")).to_have_value("123")
    kiosk.locator("#code").fill("123 456")
    expect(kiosk.locator("#code")).to_have_value("123456")
    kiosk.locator('[data-act="submit-pin"]').click()
    expect(screen(kiosk, "voice")).to_be_visible()


def test_five_digits_are_not_sent(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.keyboard.type("12345")
    kiosk.keyboard.press("Enter")
    kiosk.locator('[data-act="submit-pin"]').click(force=True)
    kiosk.keyboard.type("6")
    kiosk.keyboard.press("Enter")
    expect(screen(kiosk, "voice")).to_be_visible()
    assert bank.called("pin") == [{"code": "123456"}]


def test_a_code_typed_while_looking_away_is_sent_again_when_the_face_is_back(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view, presence="look")(kiosk, bank)
    bank.refuse("pin", 409, "not_in_front")
    kiosk.keyboard.type("123456")
    kiosk.keyboard.press("Enter")
    expect(kiosk.get_by_role("alert")).to_contain_text("Please look at the camera")
    expect(kiosk.locator("#code")).to_have_value("123456")
    bank.show(presence="ok")
    expect(screen(kiosk, "voice")).to_be_visible()


def test_an_expired_code_can_be_sent_again_at_once(kiosk: Page, bank: FakeBank) -> None:
    shows(lambda: pin_view(expiresAt=iso(-1), resendAt=iso(-1)))(kiosk, bank)
    expect(kiosk.get_by_role("alert")).to_contain_text("expired")
    kiosk.locator('[data-act="resend"]').click()
    expect(kiosk.get_by_role("alert")).to_have_count(0)
    assert bank.called("pin/resend") == [{}]


def test_resending_waits_for_its_time_and_ends_with_the_last_send(stranger: Page, served: str, bank: FakeBank) -> None:
    pair(stranger, served)
    stranger.clock.install()
    shows(lambda: pin_view(resendAt=iso(30)))(stranger, bank)
    resend = stranger.locator('[data-act="resend"]')
    expect(resend).to_have_attribute("aria-disabled", "true")
    bank.ahead = 31
    stranger.clock.fast_forward(31_000)
    expect(resend).not_to_have_attribute("aria-disabled", "true")
    bank.show(pin=bank.view["pin"] | {"sendsLeft": 0})
    expect(resend).to_have_count(0)


def test_a_late_message_is_explained(stranger: Page, served: str, bank: FakeBank) -> None:
    pair(stranger, served)
    stranger.clock.install()
    shows(pin_view)(stranger, bank)
    expect(stranger.get_by_text("up to a minute")).to_have_count(0)
    bank.ahead = 26
    stranger.clock.fast_forward(26_000)
    expect(stranger.get_by_text("up to a minute")).to_be_visible()


def test_send_my_code_comes_first_where_the_bank_wants_it(kiosk: Page, bank: FakeBank) -> None:
    shows(lambda: pin_view(sms="waiting"))(kiosk, bank)
    expect(kiosk.locator("#code")).to_have_count(0)
    kiosk.locator('[data-act="send-code"]').click()
    expect(kiosk.locator("#code")).to_be_visible()
