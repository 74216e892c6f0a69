"""A fresh fake bank and a fresh page for every test; one browser, one profile and one address a session.

What a browser keeps of the page's files it keeps from test to test, as a kiosk does from customer to customer.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    ViewportSize,
    expect,
)

from tests.browser.chromium import launched, visitor
from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.served import Served
from tests.browser.page.stations import pair

expect.set_options(timeout=10_000)

VIEWPORT: ViewportSize = {"width": 1280, "height": 720}

type Evaluate = Callable[..., Any]

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


@pytest.fixture(scope="session")
def browser(playwright: Playwright, media: dict[str, Path]) -> Iterator[Browser]:
    """Chromium with somebody in front of the camera who speaks without end."""
    with launched(playwright, media["face"], media["speech"]) as running:
        yield running


@pytest.fixture
def bank() -> FakeBank:
    return FakeBank()


@pytest.fixture(scope="session")
def server() -> Iterator[Served]:
    with Served(FakeBank()) as server:
        yield server


@pytest.fixture
def served(server: Served, bank: FakeBank) -> str:
    """Address of the fake bank."""
    server.bank = bank
    return server.url


@pytest.fixture(scope="session")
def customer(browser: Browser) -> Iterator[BrowserContext]:
    """The kiosk's profile, with its pairing. A page of its own has a session storage of its own."""
    with visitor(browser, calm=True) as context:
        context.add_init_script(WATCH_STREAMS)
        yield context


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A page in a profile of its own, where nothing is paired and the clock may be turned."""
    with visitor(browser, calm=True) as context:
        page = context.new_page()
        with watched(page):
            yield page


@pytest.fixture
def own_page(customer: BrowserContext) -> Iterator[Page]:
    """A page for this test alone, whose devices or network it may spoil; watched like the others."""
    page = customer.new_page()
    with watched(page):
        yield page
        page.close()


@pytest.fixture(scope="session")
def walker(customer: BrowserContext, server: Served) -> Iterator[Page]:
    """One page for all: a page's first start takes more of the processor than most tests."""
    page = customer.new_page()
    page.goto(f"{server.url}/test/blank")
    yield page
    page.close()


@pytest.fixture
def page(walker: Page, server: Served) -> Iterator[Page]:
    """As new, and one on which any script error or refused resource fails the test.

    `watchStreams()` makes it count tracks. What was begun in it ends with the test, before another bank answers.
    """
    with watched(walker):
        yield walker
        walker.goto(f"{server.url}/test/blank")
        walker.evaluate("sessionStorage.clear()")
        walker.set_viewport_size(VIEWPORT)
        walker.emulate_media(media="null", reduced_motion="reduce", forced_colors="null", contrast="null")


@contextmanager
def watched(page: Page) -> Iterator[None]:
    """Fails at the end where there were script errors or breaches of the content policy."""
    errors: list[str] = []

    def failed(error: Error) -> None:
        errors.append(str(error))

    def said(line: ConsoleMessage) -> None:
        if "Content Security Policy" in line.text:
            errors.append(line.text)

    page.on("pageerror", failed)
    page.on("console", said)
    yield
    page.remove_listener("pageerror", failed)
    page.remove_listener("console", said)
    assert errors == []


@pytest.fixture
def kiosk(page: Page, served: str) -> Page:
    """The page, paired and at the attract screen."""
    pair(page, served)
    return page


@pytest.fixture(scope="session")
def lab(browser: Browser, server: Served) -> Iterator[Evaluate]:
    """Runs JavaScript with one of the page's modules as `m`: `lab("hints.js", "m.HOLD_MS")`."""
    with visitor(browser, calm=True) as context:
        page = context.new_page()
        page.goto(f"{server.url}/test/blank")

        def evaluate(module: str, script: str, argument: Any = None) -> Any:
            imported = f"const m = await import('/kiosk/js/{module}');"
            return page.evaluate(f"async (a) => {{ {imported} return await (async () => {script})(); }}", argument)

        yield evaluate
