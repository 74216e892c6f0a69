"""The whole stack with its real engines, a browser in front of it, and somebody to stand there."""

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from devhost import portraits, speech
from devhost.demo.client import KioskClient
from devhost.demo.people import ADA, Customer, enrol, open_app, pairing_code
from devhost.demo.plays import Stage
from devhost.stack import Stack, StackOptions
from shared.wiring import App
from tests.browser.chromium import launched, visitor
from tests.patience import PATIENT

expect.set_options(timeout=60_000)

ACTOR = Path(__file__).with_name("actor.js")
_kiosks = count(1)


class Bank:
    """The running stack, its stores and its dev phone."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.app: App = open_app(stack.environment)
        self.stage = Stage(KioskClient(stack.url), stack.phone_url)

    def close_visits(self) -> None:
        """Nobody stands anywhere any more: a person may be in one visit only."""
        for session in self.app.live.begun_before(self.app.clock.now() + timedelta(minutes=1)):
            self.app.visit.leave(self.app.sessions.load(session))

    def code(self, phone: str = ADA.phone) -> str:
        return self.stage.code_for(phone)


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    state = tmp_path_factory.mktemp("stack")
    with Stack(StackOptions(state=state, usual_ports=False, quiet=True, settings=PATIENT)) as stack:
        bank = Bank(stack)
        enrol(bank.app, ADA)
        yield bank


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    with launched(playwright, extra=["--autoplay-policy=no-user-gesture-required"]) as running:
        yield running


class Kiosk:
    """A kiosk page, and whoever stands in front of it."""

    def __init__(self, page: Page, bank: Bank) -> None:
        self.page = page
        self.bank = bank

    def stands(self, who: Customer | str | Sequence[bytes] | None) -> None:
        """A customer, a scene of the portraits by name, pictures of one's own, or nobody."""
        if isinstance(who, Customer):
            pictures: Sequence[bytes] = who.frames()
        elif isinstance(who, str):
            pictures = [(portraits.ensure() / "scenes" / f"{who}.jpg").read_bytes()]
        else:
            pictures = who or []
        self.page.evaluate("jpegs => actor.show(jpegs)", [base64.b64encode(p).decode() for p in pictures])

    def starts(self, who: Customer | str | Sequence[bytes] | None) -> None:
        self.act("start")  # before anybody stands there: the page begins a visit by itself a second after that
        self.stands(who)

    def act(self, name: str) -> None:
        self.page.locator(f'[data-act="{name}"]').first.click()

    def sees(self, screen: str, seconds: float = 60) -> None:
        """The screen is shown (or was already); a visit that ends meanwhile is said at once."""
        either = self.page.locator(f'html:is([data-screen="{screen}"], [data-screen="final"])')
        expect(either).to_be_attached(timeout=seconds * 1000)
        shown = self.page.evaluate("document.documentElement.dataset.screen")
        assert shown == screen, self.page.locator("main").inner_text()

    def types_pin(self, code: str) -> None:
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    def reads_aloud(self, voice: str, digits: str | None = None, seed: int = 1, screen: str = "voice") -> None:
        """Press record and read the digits on the screen (or others)."""
        self.sees(screen)
        shown = digits or self.digits()
        clip = speech.say(voice, shown, seed=seed)
        self.act("record")
        expect(self.page.locator('[data-act="finish-recording"]')).to_be_visible()
        self.page.evaluate("clip => actor.say(clip)", base64.b64encode(clip).decode())

    def digits(self) -> str:
        return "".join(c for c in self.page.locator(".phrase-digits").first.inner_text() if c.isdigit())

    def sees_other_digits_than(self, before: str) -> None:
        """A new phrase is asked for."""
        shown = "() => (document.querySelector('.phrase-digits')?.textContent ?? '').replace(/\\D/g, '')"
        self.page.wait_for_function(
            f"before => {{ const now = ({shown})(); return now && now !== before; }}", arg=before, timeout=60_000
        )

    def shot(self, name: str) -> None:
        folder = self.bank.stack.options.state / "shots"
        folder.mkdir(exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")


@contextmanager
def at_a_kiosk(chromium: Browser, bank: Bank) -> Iterator[Kiosk]:
    """A freshly paired kiosk of its own, at the attract screen; a script error fails the test."""
    with visitor(chromium) as context:
        context.add_init_script(path=ACTOR)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        code = pairing_code(bank.app, f"B{next(_kiosks)}", "Browser test", "UTC")
        page.goto(f"{bank.stack.url}/#pair={code}")
        shown = Kiosk(page, bank)
        shown.sees("attract")
        yield shown
        bank.close_visits()
        assert errors == []


@pytest.fixture
def kiosk(chromium: Browser, bank: Bank) -> Iterator[Kiosk]:
    with at_a_kiosk(chromium, bank) as shown:
        yield shown
