"""What comes in by itself leaves the focus, the caret and the words where they are: nobody works against the page."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.console import records
from tests.browser.console.fake_desk import PASSWORD, FakeDesk, Served
from tests.browser.console.stations import act, go, heading

LONGER_MS = 4100
"""Longer than any region waits before it asks again."""

type Find = Callable[[Page], Locator]
type Change = Callable[[FakeDesk], None]


def somebody_else_takes_the_first_call(desk: FakeDesk) -> None:
    taken = {"by": "vera", "at": records.iso(datetime.now(UTC)), "note": None}
    desk.items[0]["acknowledged"] = taken
    desk.items.insert(0, records.item("a9", "assistance", desk.now, kiosk="K2", session=desk.visits[1]["id"]))
    del desk.items[2]


def another_visit_comes_first(desk: FakeDesk) -> None:
    desk.live_turned = True


def the_machine_knows_the_customer_now(desk: FakeDesk) -> None:
    desk.recognised = records.person_id(0)


def the_visit_ends(desk: FakeDesk) -> None:
    desk.live["outcome"] = "granted"


REGIONS: dict[str, tuple[str, Find, Change, Find]] = {
    "attention": (
        "attention",
        lambda page: page.locator('[data-kind="approval"] [data-act="acknowledge"]'),
        somebody_else_takes_the_first_call,
        lambda page: page.locator(".card.done", has_text="vera"),
    ),
    "navigation": (
        "attention",
        lambda page: page.get_by_role("link", name="People"),
        somebody_else_takes_the_first_call,
        lambda page: page.locator(".card.done", has_text="vera"),
    ),
    "live view": (
        "live",
        lambda page: page.locator(".tile-link").last,
        another_visit_comes_first,
        lambda page: page.locator(".tiles > :first-child", has_text="Voice"),
    ),
    "a call": (
        "call-unrecognised",
        lambda page: act(page, "refuse"),
        the_machine_knows_the_customer_now,
        lambda page: act(page, "vouch"),
    ),
    "a visit that goes on": (
        "visit-live",
        lambda page: page.locator("#frame-1"),
        the_visit_ends,
        lambda page: page.locator(".head .tag.good"),
    ),
    "the list of visits": (
        "visits",
        lambda page: page.locator("#visit-0"),
        somebody_else_takes_the_first_call,
        lambda page: page.locator(".notices", has_text="Somebody asks for staff"),
    ),
    "a question": (
        "acknowledge",
        lambda page: page.locator("#field-note"),
        somebody_else_takes_the_first_call,
        lambda page: page.locator(".card.done", has_text="vera"),
    ),
}
"""Where somebody stands with the focus on what, what comes in, and how that is seen."""


@pytest.mark.parametrize("region", list(REGIONS))
def test_the_focus_stays_where_it_is_when_something_new_comes_in(
    page: Page, desk: FakeDesk, server: Served, region: str
) -> None:
    station, find, change, seen = REGIONS[region]
    page.clock.install()
    go(page, server.url, desk, station)
    find(page).focus()
    page.evaluate(
        "() => { window.held = document.activeElement; window.lost = 0; held.onblur = () => { window.lost++; }; }"
    )
    change(desk)
    page.clock.fast_forward(LONGER_MS)
    expect(seen(page)).to_be_visible()
    assert page.evaluate("[document.activeElement === held, held.isConnected, lost]") == [True, True, 0]


def test_the_focus_goes_to_the_heading_when_its_element_is_gone(page: Page, desk: FakeDesk, server: Served) -> None:
    page.clock.install()
    go(page, server.url, desk, "attention")
    page.locator('[data-kind="approval"] [data-act="acknowledge"]').focus()
    desk.items = []
    page.clock.fast_forward(LONGER_MS)
    expect(heading(page, "Needs attention")).to_be_focused()


def test_the_answer_to_an_old_session_does_not_end_the_new_one(page: Page, desk: FakeDesk, server: Served) -> None:
    go(page, server.url, desk, "visits")
    late: list[Route] = []
    page.route("**/api/people/search", lambda route: late.append(route))
    with page.expect_request("**/api/people/search"):
        page.get_by_role("link", name="People").click()
    desk.refuse("/api/visits/live", 401, "not_allowed")
    page.get_by_role("link", name="Live").click()
    expect(page.get_by_text("You were signed out")).to_be_visible()
    page.locator("#field-name").fill("anna")
    page.locator("#field-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(heading(page, "Live")).to_be_visible()
    with page.expect_response("**/api/people/search"):
        late[0].fulfill(status=401, json={"code": "not_allowed"})
    page.get_by_role("link", name="Kiosks").click()
    expect(page.locator("tbody tr").first).to_be_visible()
