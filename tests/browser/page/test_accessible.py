"""For everyone: axe-core on every screen, keyboard alone, focus, live regions, target sizes, zoom, motion, reach."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page.contract import pin_view
from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.stations import BROKEN_DEVICES, STATIONS, pair, screen, shows, start, teller, wait_until

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {
    "portrait": (1080, 1920),
    "landscape": (1920, 1080),
    "laptop": (1280, 720),
    "phone": (390, 844),
    "laptop at 200 % zoom": (640, 360),
}
KIOSKS = ("portrait", "landscape")
"""Displays on which nothing scrolls."""
SCROLLS: set[tuple[str, str]] = set()
"""Exceptions, by screen and display."""
TARGET = 44
KEY = 64


def violations(page: Page, standard: Sequence[str] = STANDARD) -> list[str]:
    """What axe-core finds, one line each."""
    page.evaluate("() => import('/test/axe.js').catch(() => {})")
    options: dict[str, Any] = {"runOnly": [*standard], "resultTypes": ["violations"]}
    found = page.evaluate("async (options) => (await window.axe.run(document, options)).violations", options)
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("name", list(STATIONS))
def test_a_screen_passes_axe_fits_every_display_and_can_be_touched(
    request: pytest.FixtureRequest, served: str, bank: FakeBank, name: str
) -> None:
    page: Page = request.getfixturevalue("own_page" if name in BROKEN_DEVICES else "page")
    if name in BROKEN_DEVICES:
        BROKEN_DEVICES[name](page)
    pair(page, served)
    STATIONS[name](page, bank)
    complaints = violations(page)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        scrolls = size not in KIOSKS or (name, size) in SCROLLS
        complaints += [f"{size}: {one}" for one in misfits(page, scrolls)]
    assert complaints == []


def misfits(page: Page, may_scroll_down: bool) -> list[str]:
    """What is too small to touch, stands outside, or does not fit on a display."""
    found: list[str] = page.evaluate(
        """([target, key, scrolls]) => {
          const page = document.documentElement;
          const inSight = (e) => e.checkVisibility() && !e.matches("label.check input");
          const touched = [...document.querySelectorAll("button, select, input:not(.code-input), label.check")]
            .filter(inSight)
            .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect(), e.matches(".key") ? key : target]);
          return [
            ...touched.filter(([, { width, height }, least]) => Math.min(width, height) < least - 0.5)
              .map(([e]) => `small ${e}`),
            ...touched.filter(([, box]) => box.left < 0 || box.right > innerWidth).map(([e]) => `outside ${e}`),
            ...(page.scrollWidth > innerWidth ? ["scrolls sideways"] : []),
            ...(!scrolls && page.scrollHeight > innerHeight ? ["scrolls down"] : []),
          ];
        }""",
        [TARGET, KEY, may_scroll_down],
    )
    return found


@pytest.mark.parametrize(
    "name", ["attract", "pin", "voice-again", "teller", "consent", "name", "challenge-up", "challenge-nod"]
)
def test_a_screen_passes_axe_and_fits_in_every_language(kiosk: Page, bank: FakeBank, name: str) -> None:
    STATIONS[name](kiosk, bank)
    complaints = []
    for language in ("es", "ja", "ar"):
        kiosk.set_viewport_size({"width": 1280, "height": 720})
        kiosk.locator(f'[data-act="language-{language}"]').click()
        expect(kiosk.locator("html")).to_have_attribute("lang", language)
        complaints += [f"{language}: {one}" for one in violations(kiosk)]
        for size in KIOSKS:
            width, height = SIZES[size]
            kiosk.set_viewport_size({"width": width, "height": height})
            complaints += [f"{language} {size}: {one}" for one in misfits(kiosk, (name, size) in SCROLLS)]
    assert complaints == []


def test_every_new_screen_puts_the_focus_on_its_heading(kiosk: Page, bank: FakeBank) -> None:
    expect(kiosk.get_by_role("heading", level=1)).to_be_focused()
    start(kiosk)
    expect(kiosk.get_by_role("heading", name="Please look at the camera")).to_be_focused()
    bank.show(**pin_view())
    expect(kiosk.get_by_role("heading", name="Welcome back")).to_be_focused()
    bank.show(state="unknown", options=["retry", "assistance"])
    expect(kiosk.get_by_role("heading", name="We have not found you")).to_be_focused()


def test_a_poll_does_not_take_the_focus_away(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.locator("#code").focus()
    polled = len(bank.polls)
    bank.show(guidance="come_closer")
    wait_until(kiosk, lambda: len(bank.polls) > polled + 3)
    expect(kiosk.locator("#code")).to_be_focused()


def test_a_closed_dialog_gives_the_focus_back(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.locator('[data-act="help"]').click()
    expect(kiosk.get_by_role("dialog")).to_be_visible()
    kiosk.keyboard.press("Escape")
    expect(kiosk.get_by_role("dialog")).to_have_count(0)
    expect(kiosk.locator('[data-act="help"]')).to_be_focused()


def test_hints_are_announced_and_problems_are_alerts(kiosk: Page, bank: FakeBank) -> None:
    start(kiosk)
    hint = kiosk.locator(".hint")
    expect(hint).to_have_role("status")
    bank.show(guidance="take_off_sunglasses")
    expect(hint).to_have_text("Please take off your sunglasses")
    bank.show(guidance=None)
    expect(hint).to_have_text("")


def by_keyboard(page: Page, act: str) -> None:
    """Tabs to a button and presses Enter."""
    for _ in range(60):
        if page.evaluate("document.activeElement?.dataset.act") == act:
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {act}")


def test_a_whole_visit_by_keyboard_alone(kiosk: Page, bank: FakeBank) -> None:
    bank.walks = True
    by_keyboard(kiosk, "start")
    expect(screen(kiosk, "pin")).to_be_visible()
    kiosk.keyboard.type("123456")
    kiosk.keyboard.press("Enter")
    expect(screen(kiosk, "voice")).to_be_visible()
    by_keyboard(kiosk, "record")
    expect(kiosk.locator(".meter .lit").first).to_be_visible()
    by_keyboard(kiosk, "finish-recording")
    expect(screen(kiosk, "teller")).to_be_visible()
    by_keyboard(kiosk, "get-cash")
    by_keyboard(kiosk, "account-a1")
    kiosk.keyboard.type("30")
    kiosk.keyboard.press("Enter")
    expect(screen(kiosk, "receipt")).to_contain_text("$30.00")
    by_keyboard(kiosk, "finish")
    expect(screen(kiosk, "final")).to_be_visible()
    by_keyboard(kiosk, "done")
    expect(screen(kiosk, "attract")).to_be_visible()


def test_somebody_registers_by_keyboard_alone(kiosk: Page, bank: FakeBank) -> None:
    STATIONS["consent"](kiosk, bank)
    for box in ("adult", "consent"):
        while kiosk.evaluate("document.activeElement?.dataset.field") != box:
            kiosk.keyboard.press("Tab")
        kiosk.keyboard.press("Space")
    by_keyboard(kiosk, "agree")
    expect(screen(kiosk, "name")).to_be_visible()
    kiosk.keyboard.type("Ana Example")
    expect(kiosk.locator('[data-field="name"]')).to_have_value("Ana Example")
    kiosk.keyboard.press("Enter")
    expect(screen(kiosk, "number")).to_be_visible()
    kiosk.keyboard.type("+34600100200")
    kiosk.keyboard.press("Enter")
    expect(screen(kiosk, "capture")).to_be_visible()
    assert bank.called("details")[0]["phone"] == "+34600100200"


def announced(page: Page, name: str) -> None:
    """What a screen reader reads when a step begins: its heading has the focus."""
    expect(page.get_by_role("heading", level=1, name=name)).to_be_focused()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_whole_visit_by_what_a_screen_reader_is_told(kiosk: Page, bank: FakeBank) -> None:
    """Roles, names and live regions alone: nothing here is found by how it looks or where it stands."""
    for landmark in ("banner", "main", "contentinfo"):
        expect(kiosk.get_by_role(landmark)).to_have_count(1)
    announced(kiosk, "Your face opens your account")
    press(kiosk, "Touch to start")
    announced(kiosk, "Please look at the camera")
    bank.show(guidance="come_closer")
    expect(kiosk.get_by_role("status").filter(has_text="Come a little closer")).to_be_visible()
    bank.show(**pin_view(), guidance=None)
    announced(kiosk, "Welcome back")
    steps = kiosk.get_by_role("list", name="Progress").get_by_role("listitem")
    expect(steps.nth(0)).to_contain_text("done")
    expect(steps.nth(1)).to_have_attribute("aria-current", "step")
    code = kiosk.get_by_role("textbox", name="Code of 6 digits")
    expect(code).to_have_accessible_description(re.compile("3 tries left"))
    code.fill("000000")
    press(kiosk, "OK")
    expect(kiosk.get_by_role("alert")).to_contain_text("2 tries left")
    expect(code).to_have_attribute("aria-invalid", "true")
    code.fill("123456")
    press(kiosk, "OK")
    announced(kiosk, "Read this aloud")
    press(kiosk, "Start speaking")
    expect(kiosk.get_by_role("status").filter(has_text="Recording")).to_be_visible()
    press(kiosk, "I have finished")
    bank.show(voice=bank.view["voice"] | {"checking": True})
    announced(kiosk, "Thank you")
    expect(kiosk.get_by_role("status").filter(has_text="Checking")).to_be_visible()
    bank.show(state="granted", voice=None, factors=dict.fromkeys(("face", "pin", "voice"), "passed"))
    announced(kiosk, "Welcome, Ana")
    expect(kiosk.get_by_role("list", name="Your accounts").get_by_role("listitem")).to_have_count(3)
    press(kiosk, "Get Cash")
    announced(kiosk, "From which account?")
    kiosk.get_by_role("button", name="Everyday").click()
    announced(kiosk, "How much?")
    amount = kiosk.get_by_role("textbox", name="Another amount")
    expect(amount).to_have_accessible_description("From $10 to $500, in steps of $10")
    amount.fill("50")
    press(kiosk, "Take $50")
    announced(kiosk, "Please take your $50.00")
    press(kiosk, "Finish")
    announced(kiosk, "Goodbye, and thank you")


@pytest.mark.parametrize("name", ["attract", "pin", "voice", "teller", "cash", "consent", "name"])
def test_high_contrast_keeps_every_screen_legible(kiosk: Page, bank: FakeBank, name: str) -> None:
    kiosk.locator('[data-act="contrast"]').click()
    STATIONS[name](kiosk, bank)
    assert violations(kiosk, ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21aa", "wcag22aa"]) == []


def test_a_device_that_asks_for_contrast_gets_it_without_a_touch(page: Page, served: str) -> None:
    page.emulate_media(contrast="more")
    pair(page, served)
    expect(page.locator("html")).to_have_attribute("data-contrast", "more")


@pytest.mark.parametrize("name", ["pin", "teller"])
def test_with_forced_colours_whatever_can_be_touched_has_an_edge(kiosk: Page, bank: FakeBank, name: str) -> None:
    kiosk.emulate_media(forced_colors="active")
    STATIONS[name](kiosk, bank)
    edges = kiosk.locator("button:visible").evaluate_all(
        "list => list.map((e) => getComputedStyle(e)).map((s) => s.borderTopStyle + parseFloat(s.borderTopWidth))"
    )
    assert all(not edge.startswith(("none", "hidden")) and edge != "solid0" for edge in edges)


def test_what_has_the_keyboard_is_clearly_marked(kiosk: Page, bank: FakeBank) -> None:
    teller(kiosk, bank)
    for act in ("quick-cash", "help", "language-es"):
        kiosk.locator(f'[data-act="{act}"]').focus()
        kiosk.keyboard.press("Shift+Tab")
        kiosk.keyboard.press("Tab")
        style = kiosk.locator(f'[data-act="{act}"]').evaluate("e => getComputedStyle(e).outlineWidth")
        assert float(style.removesuffix("px")) >= 3


def test_nothing_moves_for_those_who_ask_for_calm(kiosk: Page, bank: FakeBank) -> None:
    running = "document.getAnimations().filter((a) => a.playState === 'running').length"
    kiosk.emulate_media(reduced_motion="no-preference")
    start(kiosk)
    assert kiosk.evaluate(running) > 0
    kiosk.emulate_media(reduced_motion="reduce")
    assert kiosk.evaluate(running) == 0


@pytest.mark.parametrize("name", ["attract", "unknown", "pin", "voice", "teller"])
def test_with_low_controls_everything_that_is_touched_is_in_the_lower_half(
    kiosk: Page, bank: FakeBank, name: str
) -> None:
    width, height = SIZES["portrait"]
    kiosk.set_viewport_size({"width": width, "height": height})
    kiosk.locator('[data-act="reach"]').click()
    STATIONS[name](kiosk, bank)
    tops = kiosk.locator("button:visible").evaluate_all("list => list.map((e) => e.getBoundingClientRect().top)")
    assert min(tops) >= height / 2


def test_spoken_guidance_says_what_stands_on_the_screen(kiosk: Page, bank: FakeBank) -> None:
    kiosk.evaluate("""() => {
      window.spoken = [];
      speechSynthesis.speak = (utterance) => window.spoken.push([utterance.lang, utterance.text]);
    }""")
    kiosk.locator('[data-act="spoken"]').click()
    shows(pin_view)(kiosk, bank)
    wait_until(kiosk, lambda: any("Welcome back" in text for _, text in kiosk.evaluate("window.spoken")))
    bank.show(guidance="move_back")
    wait_until(kiosk, lambda: kiosk.evaluate("window.spoken").count(["en", "Move back a little"]) == 1)
    spoken = [text for _, text in kiosk.evaluate("window.spoken")]
    assert not any("123456" in text for text in spoken)
