"""Registering on the spot, as the page asks: one question at a time, each refusal at the place to put it right."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page.conftest import Evaluate
from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.stations import name, number, screen, shows


def presses(page: Page, keys: str) -> None:
    for key in keys:
        page.locator(f'[data-key="{"space" if key == " " else key}"]').click()


def test_somebody_registers_by_touch_alone(kiosk: Page, bank: FakeBank) -> None:
    name(kiosk, bank)
    presses(kiosk, "Ana Example")
    kiosk.locator('[data-act="submit-name"]').click()
    kiosk.locator('[data-field="country"]').select_option("GB")
    presses(kiosk, "7700900123")
    kiosk.locator('[data-act="submit-details"]').click()
    expect(screen(kiosk, "capture")).to_contain_text("Look straight at the camera")
    sent = {"name": "Ana Example", "phone": "+447700900123", "adult": True, "consentVersion": "2026-10"}
    assert bank.called("details") == [sent]


def test_nothing_is_asked_before_the_consent_is_given(kiosk: Page, bank: FakeBank) -> None:
    shows(state="enrolling", enrolment={"step": "details"})(kiosk, bank)
    expect(screen(kiosk, "consent")).to_contain_text("Version 2026-10")
    kiosk.locator('[data-act="agree"]').click(force=True)
    kiosk.locator('[data-field="consent"]').check()
    kiosk.locator('[data-act="agree"]').click(force=True)
    expect(screen(kiosk, "consent")).to_be_visible()
    kiosk.locator('[data-field="adult"]').check()
    kiosk.locator('[data-act="agree"]').click()
    expect(screen(kiosk, "name")).to_be_visible()


@pytest.mark.parametrize(
    ("code", "place", "words"),
    [
        ("bad_phone", "number", "check the phone number"),
        ("bad_name", "name", "type your full name"),
        ("adults_only", "consent", "18 or older"),
        ("consent_changed", "consent", "read it again"),
    ],
)
def test_a_refusal_is_said_where_it_can_be_put_right(
    kiosk: Page, bank: FakeBank, code: str, place: str, words: str
) -> None:
    number(kiosk, bank)
    presses(kiosk, "9012345678")
    bank.refuse("details", 400, code)
    bank.config["consent"]["version"] = "2026-11"
    kiosk.locator('[data-act="submit-details"]').click()
    expect(screen(kiosk, place)).to_contain_text(words)
    if code == "consent_changed":
        expect(screen(kiosk, place)).to_contain_text("Version 2026-11")
        expect(kiosk.locator('[data-field="consent"]')).not_to_be_checked()


def test_what_was_typed_is_still_there_after_going_back(kiosk: Page, bank: FakeBank) -> None:
    number(kiosk, bank)
    kiosk.locator('[data-act="back"]').click()
    expect(kiosk.locator('[data-field="name"]')).to_have_value("Ana Example")
    kiosk.locator('[data-act="back"]').click()
    expect(kiosk.locator('[data-field="consent"]')).to_be_checked()


def test_a_new_name_begins_with_the_next_customer(kiosk: Page, bank: FakeBank) -> None:
    number(kiosk, bank)
    kiosk.locator('[data-act="terminate"]').click()
    kiosk.locator('[data-act="done"]').click()
    expect(screen(kiosk, "attract")).to_be_visible()
    bank.view = bank.view | {"state": "identifying"}
    name(kiosk, bank)
    expect(kiosk.locator('[data-field="name"]')).to_have_value("")


def test_names_of_other_scripts_are_typed_by_touch(kiosk: Page, bank: FakeBank) -> None:
    name(kiosk, bank)
    field = kiosk.locator('[data-field="name"]')
    kiosk.locator('[data-act="language-ja"]').click()
    presses(kiosk, "ハ゛ト゛ウ小")
    expect(field).to_have_value("バドゥ")
    kiosk.locator('[data-act="language-ar"]').click()
    field.fill("")
    presses(kiosk, "علي")
    expect(field).to_have_value("علي")
    kiosk.locator('[data-act="language-es"]').click()
    field.fill("Jos")
    kiosk.locator('[data-key="layer-accents"]').click()
    presses(kiosk, "é")
    expect(field).to_have_value("José")


def test_capitals_come_by_themselves_and_marks_only_where_they_exist(lab: Evaluate) -> None:
    assert lab("layouts.js", "m.rowsOf('latin', '')[0][0]") == "Q"
    assert lab("layouts.js", "m.rowsOf('latin', 'Ana')[0][0]") == "q"
    assert lab("layouts.js", "m.rowsOf('latin', 'Ana ')[0][0]") == "Q"
    assert lab("layouts.js", "m.rowsOf('accents', '')[2].at(-1)") == "ß"
    assert lab("layouts.js", "[m.typed('カ', '゛'), m.typed('ハ', '゜'), m.typed('ナ', '゛'), m.typed('', '小')]") == [
        "ガ",
        "パ",
        "ナ",
        "",
    ]


def test_learning_shows_how_far_it_is(kiosk: Page, bank: FakeBank) -> None:
    shows(state="enrolling", enrolment={"step": "learning", "taken": 3, "needed": 6, "pose": None})(kiosk, bank)
    expect(kiosk.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "50")
    bank.show(enrolment={"step": "learning", "taken": 6, "needed": 6, "pose": None})
    expect(kiosk.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
