"""An authenticator app instead of the text message: set up at the teller or while registering, used at the code."""

from playwright.sync_api import Page, expect

from tests.browser.page.contract import pin_view
from tests.browser.page.fake_bank import SECRET, FakeBank
from tests.browser.page.stations import STATIONS, app_setup, phrase, screen, shows, teller


def confirms(page: Page, code: str) -> None:
    page.locator("#code").fill(code)
    page.locator('[data-act="confirm-authenticator"]').click()


def test_an_app_is_set_up_in_the_account_settings_with_a_picture_or_a_key(kiosk: Page, bank: FakeBank) -> None:
    app_setup(kiosk, bank)
    picture = kiosk.get_by_role("img", name="QR code for your authenticator app")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    key = kiosk.locator(".secret").inner_text()
    assert key.replace(" ", "") == SECRET
    confirms(kiosk, "000000")
    expect(kiosk.get_by_role("alert")).to_contain_text("next code")
    confirms(kiosk, bank.correct_code)
    expect(screen(kiosk, "authenticator")).to_contain_text("Your app is ready")
    assert SECRET[:4] not in kiosk.content()
    kiosk.locator('[data-act="close-authenticator"]').click()
    expect(screen(kiosk, "teller")).to_be_visible()


def test_an_app_is_removed_by_its_owner(kiosk: Page, bank: FakeBank) -> None:
    bank.app_set_up = True
    teller(kiosk, bank)
    kiosk.locator('[data-act="service-settings"]').click()
    expect(screen(kiosk, "authenticator")).to_contain_text("is set up")
    kiosk.locator('[data-act="remove-authenticator"]').click()
    expect(screen(kiosk, "authenticator")).to_contain_text("No authenticator app")
    assert bank.app_set_up is False


def test_the_key_is_not_on_the_page_while_the_customer_is_away(kiosk: Page, bank: FakeBank) -> None:
    app_setup(kiosk, bank)
    bank.show(teller={"locked": True}, presence="look")
    expect(screen(kiosk, "locked")).to_be_visible()
    assert SECRET[:4] not in kiosk.content()


def test_whoever_came_in_with_staff_is_told_what_is_needed(kiosk: Page, bank: FakeBank) -> None:
    teller(kiosk, bank)
    kiosk.locator('[data-act="service-settings"]').click()
    bank.refuse("POST /api/teller/authenticator", 403, "full_visit_needed")
    kiosk.locator('[data-act="begin-authenticator"]').click()
    expect(kiosk.get_by_role("alert")).to_contain_text("your face, your code and your voice")


def test_an_app_is_offered_while_registering_and_the_phrases_go_on(kiosk: Page, bank: FakeBank) -> None:
    step = {"step": "phrases", "taken": 1, "needed": 3, "pose": None}
    shows(phrase, state="enrolling", enrolment=step)(kiosk, bank)
    kiosk.locator('[data-act="open-authenticator"]').click()
    kiosk.locator('[data-act="begin-authenticator"]').click()
    expect(kiosk.locator(".setup img")).to_be_visible()
    confirms(kiosk, bank.correct_code)
    expect(screen(kiosk, "authenticator")).to_contain_text("Your app is ready")
    kiosk.locator('[data-act="close-authenticator"]').click()
    expect(screen(kiosk, "phrases")).to_be_visible()
    assert any(path.startswith("/api/sessions/") for _, name, path in bank.calls if name == "authenticator")


def test_the_code_of_the_app_takes_the_place_of_the_message(kiosk: Page, bank: FakeBank) -> None:
    STATIONS["pin-app"](kiosk, bank)
    kiosk.locator('[data-act="use-app"]').click()
    expect(screen(kiosk, "pin")).to_contain_text("authenticator app shows now")
    expect(kiosk.locator('[data-act="resend"]')).to_have_count(0)
    kiosk.keyboard.type("123456")
    kiosk.keyboard.press("Enter")
    expect(screen(kiosk, "voice")).to_be_visible()
    assert bank.called("pin") == [{"code": "123456", "by": "app"}]


def test_a_code_of_the_app_that_was_used_waits_for_the_next(kiosk: Page, bank: FakeBank) -> None:
    STATIONS["pin-app"](kiosk, bank)
    kiosk.locator('[data-act="use-app"]').click()
    bank.refuse("pin", 409, "code_used")
    kiosk.keyboard.type("123456")
    kiosk.keyboard.press("Enter")
    expect(kiosk.get_by_role("alert")).to_contain_text("wait for the next one")
    expect(kiosk.locator("#code")).to_have_value("")
    kiosk.locator('[data-act="use-message"]').click()
    expect(screen(kiosk, "pin")).to_contain_text("phone ending in 42")


def test_nobody_without_an_app_is_offered_one_at_the_code(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    expect(kiosk.locator('[data-act="use-app"]')).to_have_count(0)
