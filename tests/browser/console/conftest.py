"""One browser and one address a session, a fresh fake desk and a fresh page for every test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from shared.domain.roles import Role
from tests.browser.chromium import launched, visitor
from tests.browser.console.fake_desk import FakeDesk, Served

expect.set_options(timeout=10_000)

type Evaluate = Callable[..., Any]


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with launched(playwright, extra=["--autoplay-policy=no-user-gesture-required"]) as running:
        yield running


@pytest.fixture(scope="session")
def server() -> Iterator[Served]:
    with Served(FakeDesk()) as server:
        yield server


@pytest.fixture
def desk(server: Served) -> FakeDesk:
    """The back end, with an administrator signed in."""
    server.desk = FakeDesk(Role.ADMIN)
    return server.desk


@pytest.fixture(scope="session")
def officer(browser: Browser) -> Iterator[BrowserContext]:
    """One profile: what it has of the page's files it keeps from test to test."""
    with visitor(browser, 1440, 900, calm=True) as context:
        yield context


@pytest.fixture
def page(officer: BrowserContext, desk: FakeDesk, server: Served) -> Iterator[Page]:
    """A page on which any script error or refused resource fails the test."""
    page = officer.new_page()
    errors = watched(page)
    yield page
    page.goto(server.url.replace("/console/", "/test/blank"))
    page.evaluate("localStorage.clear()")
    page.close()
    assert errors == []


def watched(page: Page) -> list[str]:
    """Script errors and breaches of the content policy, as they come."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
    page.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
    return errors


@pytest.fixture
def lab(page: Page, server: Served) -> Evaluate:
    """Runs JavaScript with one of the console's modules as `m`: `lab("times.js", "m.length(62)")`."""
    page.goto(server.url.replace("/console/", "/test/blank"))

    def evaluate(module: str, script: str, argument: Any = None) -> Any:
        return page.evaluate(
            f"async (a) => {{ const m = await import('/console/js/{module}'); return {script}; }}", argument
        )

    return evaluate
