"""A network that fails, crawls or says no, and a kiosk's identity."""

from playwright.sync_api import Page, expect

from tests.browser.page.contract import pin_view
from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.stations import pair, screen, shows, start, wait_until

SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""400 kbit/s each way and 400 ms of round trip, as Chromium's own "Slow 3G" profile."""


def test_the_visit_goes_on_by_itself_when_the_network_is_back(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.keyboard.type("123")
    bank.reachable = False
    expect(screen(kiosk, "offline")).to_contain_text("Your visit is safe", timeout=15_000)
    bank.reachable = True
    expect(screen(kiosk, "pin")).to_be_visible(timeout=15_000)
    expect(kiosk.locator("#code")).to_have_value("123")


def test_a_kiosk_without_network_comes_up_when_there_is_one(page: Page, bank: FakeBank, served: str) -> None:
    bank.reachable = False
    page.goto(f"{served}/#pair=PAIR-1")
    expect(screen(page, "offline")).to_be_visible(timeout=15_000)
    bank.reachable = True
    expect(screen(page, "attract")).to_be_visible(timeout=15_000)


def test_on_slow_3g_frames_shrink_and_the_visit_still_moves(own_page: Page, bank: FakeBank, served: str) -> None:
    kiosk = own_page
    pair(kiosk, served)
    session = kiosk.context.new_cdp_session(kiosk)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    start(kiosk)
    wait_until(kiosk, lambda: len(bank.frames) >= 6, seconds=30)
    assert bank.frames[0][2][0] == 640
    assert bank.frames[-1][2][0] < 640
    assert bank.frames[-1][1] < bank.frames[0][1] / 2
    bank.show(**pin_view())
    expect(screen(kiosk, "pin")).to_be_visible()


def test_a_busy_server_is_given_the_time_it_asks_for(kiosk: Page, bank: FakeBank) -> None:
    start(kiosk)
    bank.refuse("frames", 503, "unavailable", 2)
    wait_until(kiosk, lambda: len(bank.refused_at) == 1)
    (refused,) = bank.refused_at
    wait_until(kiosk, lambda: any(at > refused for at, *_ in bank.frames))
    assert next(at for at, *_ in bank.frames if at > refused) >= refused + 2


def test_a_refused_start_is_explained_and_can_be_tried_again(kiosk: Page, bank: FakeBank) -> None:
    bank.refuse("sessions", 429, "limit_reached", 5)
    kiosk.locator('[data-act="start"]').click()
    expect(kiosk.get_by_role("alert")).to_contain_text("wait a moment")
    kiosk.locator('[data-act="start"]').click()
    expect(screen(kiosk, "identifying")).to_be_visible()


# identity


def test_the_pairing_code_leaves_the_address_bar_and_the_key_never_leaves_the_browser(
    page: Page, bank: FakeBank, served: str
) -> None:
    pair(page, served)
    assert "PAIR" not in page.url
    assert bank.key is not None
    assert set(bank.key) == {"kty", "crv", "x", "y"}
    kept = page.evaluate("""async () => {
      const identity = await (await import("/kiosk/js/identity.js")).recall();
      const refused = await crypto.subtle.exportKey("jwk", identity.key).then(() => false, () => true);
      return [identity.key.extractable, identity.key.type, refused];
    }""")
    assert kept == [False, "private", True]


def test_a_paired_kiosk_stays_paired_after_a_reload(kiosk: Page, bank: FakeBank) -> None:
    kiosk.reload()
    expect(screen(kiosk, "attract")).to_be_visible()
    start(kiosk)
    assert bank.signatures == [True]


def test_staff_type_a_code_and_a_wrong_one_is_refused(stranger: Page, served: str) -> None:
    stranger.goto(served)
    expect(screen(stranger, "pair")).to_be_visible()
    stranger.keyboard.type("WRONG")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("alert")).to_contain_text("not valid")
    stranger.locator('[data-field="pairing"]').fill("PAIR-1")
    stranger.locator('[data-act="pair"]').click()
    expect(screen(stranger, "attract")).to_be_visible()
    expect(stranger.get_by_text("Shibuya Station")).to_be_visible()


def test_a_kiosk_that_is_refused_twice_asks_for_pairing_and_keeps_its_key(kiosk: Page, bank: FakeBank) -> None:
    for _ in range(2):
        bank.refuse("sessions", 401, "not_allowed")
    kiosk.locator('[data-act="start"]').click()
    expect(screen(kiosk, "pair")).to_contain_text("taken out of service")
    kiosk.reload()
    start(kiosk)
    assert bank.signatures == [True]


def test_a_start_refused_once_is_signed_anew_by_the_servers_clock(kiosk: Page, bank: FakeBank) -> None:
    bank.refuse("sessions", 401, "not_allowed")
    start(kiosk)
    assert bank.signatures == [True]
