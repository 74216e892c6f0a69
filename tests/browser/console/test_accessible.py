"""For everyone at the desk: axe-core on every view in both themes, zoom, narrow screens, focus and keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.console.conftest import watched
from tests.browser.console.fake_desk import FakeDesk, Served
from tests.browser.console.stations import STATIONS, act, go, heading

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {"laptop at 200 % zoom": (720, 450), "phone": (400, 800), "400 % zoom": (320, 256)}
TARGET = 24
"""Pixels of the smallest target: WCAG 2.2, 2.5.8."""


@pytest.fixture(scope="module")
def walker(officer: BrowserContext) -> Iterator[Page]:
    """One page for all views."""
    page = officer.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("name", list(STATIONS))
def test_a_view_passes_axe_in_both_themes_and_fits_when_zoomed(walker: Page, server: Served, name: str) -> None:
    errors = watched(walker)
    server.desk = FakeDesk(STATIONS[name].role)
    walker.goto("about:blank")
    walker.set_viewport_size({"width": 1440, "height": 900})
    walker.emulate_media(color_scheme="light")
    go(walker, server.url, server.desk, name)
    complaints = violations(walker, {"runOnly": STANDARD}) + small_targets(walker)
    walker.emulate_media(color_scheme="dark")
    complaints += [
        f"dark: {one}" for one in violations(walker, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
    ]
    for size, (width, height) in SIZES.items():
        walker.set_viewport_size({"width": width, "height": height})
        if walker.evaluate("document.documentElement.scrollWidth > innerWidth"):
            complaints.append(f"{size}: scrolls sideways")
    assert complaints + errors == []


def violations(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe-core finds, one line each."""
    page.evaluate("() => window.axe ?? import('/test/axe.js').catch(() => {})")
    options = options | {"resultTypes": ["violations"]}
    found = page.evaluate("async (options) => (await window.axe.run(document, options)).violations", options)
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def small_targets(page: Page) -> list[str]:
    """Controls smaller than a fingertip; links inside a sentence are excepted, as the standard does."""
    found: list[str] = page.evaluate(
        """(least) => [...document.querySelectorAll("button, select, input:not([type=checkbox]), a.button, nav a")]
          .filter((e) => e.type !== "radio")
          .filter((e) => e.checkVisibility())
          .filter((e) => Math.min(e.getBoundingClientRect().width, e.getBoundingClientRect().height) < least)
          .map((e) => "small " + e.outerHTML.slice(0, 80))""",
        TARGET,
    )
    return found


def test_a_new_view_has_a_title_and_the_focus_on_its_heading_and_a_dialog_gives_it_back(
    page: Page, desk: FakeDesk, server: Served
) -> None:
    go(page, server.url, desk, "attention")
    expect(heading(page, "Needs attention")).to_be_focused()
    page.get_by_role("link", name="Kiosks").first.click()
    expect(heading(page, "Kiosks")).to_be_focused()
    expect(page).to_have_title("Kiosks – Face ATM console")
    act(page, "revoke").click()
    expect(page.locator("#field-reason")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(act(page, "revoke")).to_be_focused()


def test_a_visit_is_found_opened_and_left_by_keyboard_alone(page: Page, desk: FakeDesk, server: Served) -> None:
    go(page, server.url, desk, "visits")
    tab_to(page, "visit-0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("PageDown")
    expect(page.locator("#visit-1")).not_to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#visit-59")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(heading(page, f"Visit {desk.visits[1]['reference']}")).to_be_focused()
    tab_to(page, "frame-2")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#frame-3")).to_be_focused()
    expect(page.locator("figure.screen img")).to_have_attribute(
        "src", f"/api/visits/{desk.visits[1]['id']}/media/frame/3"
    )
    page.go_back()
    expect(page.locator("#visit-1")).to_be_focused()


def tab_to(page: Page, element: str) -> None:
    for _ in range(80):
        if page.evaluate("document.activeElement?.id") == element:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {element}")


def test_what_was_done_is_read_out_and_what_went_wrong_is_an_alert(page: Page, desk: FakeDesk, server: Served) -> None:
    go(page, server.url, desk, "acknowledge")
    desk.refuse("/api/attention/a1/acknowledge", 409, "lost_race")
    act(page, "dialog-confirm").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Somebody else changed this")
    page.locator("#field-note").fill("On my way")
    act(page, "dialog-confirm").click()
    expect(page.locator('[role="status"].notices')).to_contain_text("Acknowledged.")
    assert desk.posted["/api/attention/a1/acknowledge"][-1] == {"note": "On my way"}
