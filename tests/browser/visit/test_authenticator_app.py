"""An authenticator app in a real browser against the real stack: set up at the teller, used at the next visit."""

from datetime import timedelta

import pyotp
from playwright.sync_api import expect

from devhost.demo.people import ADA
from tests.browser.visit.conftest import Bank, Kiosk

STEP = timedelta(seconds=30)


def test_an_app_set_up_at_the_teller_gives_the_code_of_the_next_visit(kiosk: Kiosk, bank: Bank) -> None:
    page = kiosk.page
    kiosk.starts(ADA)
    kiosk.sees("pin")
    expect(page.locator('[data-act="use-app"]')).to_have_count(0)
    kiosk.types_pin(bank.code())
    kiosk.reads_aloud(ADA.voice, seed=60)
    kiosk.sees("teller", 90)
    kiosk.act("service-settings")
    kiosk.act("begin-authenticator")
    app = pyotp.TOTP("".join(page.locator(".secret").inner_text().split()))
    kiosk.types_pin(app.at(bank.app.clock.now()))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your app is ready")
    kiosk.act("terminate")
    kiosk.act("terminate-yes")
    kiosk.sees("final")
    kiosk.act("done")
    kiosk.sees("attract")
    kiosk.starts(ADA)
    kiosk.sees("pin")
    kiosk.act("use-app")
    kiosk.types_pin(app.at(bank.app.clock.now() + STEP))  # each step's code counts once: the next one
    kiosk.sees("voice")
    kiosk.act("terminate")
    kiosk.sees("final")
    bank.app.authenticators.remove(str(bank.app.people.by_phone(ADA.phone)))
