"""A fresh fake bank and a fresh customer for every test; one browser a session."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.browser.chromium import launched, visitor
from tests.browser.page.fake_bank import FakeBank, Served
from tests.browser.page.stations import pair

expect.set_options(timeout=10_000)

type Evaluate = Callable[..., Any]


@pytest.fixture(scope="session")
def browser(playwright: Playwright, media: dict[str, Path]) -> Iterator[Browser]:
    """Chromium with somebody in front of the camera who speaks and is silent in turn."""
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


WATCH_STREAMS = """
  window.watchStreams = () => {
    window.streams = [];
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await real(wanted);
      window.streams.push(stream);
      return stream;
    };
  };
  window.liveTracks = () =>
    window.streams.flatMap((s) => s.getTracks()).filter((t) => t.readyState === "live").map((t) => t.kind).sort();
"""


@pytest.fixture
def page(customer: BrowserContext) -> Iterator[Page]:
    """A page on which any script error or refused resource fails the test. `watchStreams()` makes it count tracks."""
    customer.add_init_script(WATCH_STREAMS)
    page = customer.new_page()
    errors = watched(page)
    yield page
    assert errors == []


def watched(page: Page) -> list[str]:
    """Script errors and breaches of the content policy, as they come."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
    return errors


@pytest.fixture
def kiosk(page: Page, served: str) -> Page:
    """The page, paired and at the attract screen."""
    pair(page, served)
    return page


@pytest.fixture(scope="session")
def lab(browser: Browser) -> Iterator[Evaluate]:
    """Runs JavaScript with one of the page's modules as `m`: `lab("hints.js", "m.HOLD_MS")`."""
    with Served(FakeBank()) as server, visitor(browser) as context:
        page = context.new_page()
        page.goto(f"{server.url}/test/blank")

        def evaluate(module: str, script: str, argument: Any = None) -> Any:
            imported = f"const m = await import('/kiosk/js/{module}');"
            return page.evaluate(f"async (a) => {{ {imported} return await (async () => {script})(); }}", argument)

        yield evaluate
