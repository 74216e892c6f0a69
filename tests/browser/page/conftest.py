"""A fresh fake bank and a fresh customer for every test; one browser a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from tests.browser.chromium import launched, visitor
from tests.browser.page.fake_bank import FakeBank, Served

expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def browser(playwright: Playwright, media: dict[str, Path]) -> Iterator[Browser]:
    """Chromium with somebody in front of the camera who speaks for four seconds and is silent for four."""
    with launched(playwright, media["face"], media["voice"]) as running:
        yield running


@pytest.fixture
def bank() -> FakeBank:
    return FakeBank()


@pytest.fixture
def served(bank: FakeBank) -> Iterator[str]:
    """Address of the fake bank."""
    with Served(bank) as server:
        yield server.url


@pytest.fixture
def customer(browser: Browser) -> Iterator[BrowserContext]:
    with visitor(browser) as context:
        yield context


@pytest.fixture
def page(customer: BrowserContext) -> Iterator[Page]:
    """A page on which any script error or refused resource fails the test."""
    page = customer.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console", lambda message: errors.append(message.text) if "Content Security Policy" in message.text else None
    )
    yield page
    assert errors == []


@pytest.fixture
def kiosk(page: Page, served: str) -> Page:
    """The page, paired and at the attract screen."""
    page.goto(f"{served}/#pair=PAIR-1")
    expect(screen(page, "attract")).to_be_visible()
    return page


def screen(page: Page, name: str) -> Locator:
    """The section of the screen with this name."""
    return page.locator(f'section[data-screen="{name}"]')
