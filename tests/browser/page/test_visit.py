"""A visit as the customer lives it: what the page shows, what it sends, and what it never does."""

from playwright.sync_api import Page, expect

from tests.browser.page.contract import iso, pin_view, voice_view
from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.stations import (
    ALL_WAYS,
    choices,
    claim,
    pair,
    recording,
    screen,
    shows,
    start,
    teller,
    wait_until,
)


def test_a_known_customer_walks_from_the_attract_screen_to_cash(kiosk: Page, bank: FakeBank) -> None:
    bank.walks = True
    start(kiosk)
    expect(screen(kiosk, "pin")).to_be_visible()
    kiosk.keyboard.type("123456")
    kiosk.keyboard.press("Enter")
    expect(screen(kiosk, "voice")).to_be_visible()
    kiosk.locator('[data-act="record"]').click()
    kiosk.locator('[data-act="finish-recording"]').click()
    expect(screen(kiosk, "teller")).to_be_visible()
    expect(kiosk.get_by_role("heading", level=1)).to_have_text("Welcome, Ana")
    kiosk.locator('[data-act="quick-cash"]').click()
    expect(screen(kiosk, "receipt")).to_contain_text("$70.00")
    assert bank.signatures == [True]
    assert bank.starts == [{"language": "en", "trigger": "touch"}]
    assert bank.accounts[0]["balance"] == "1180.00"


# frames and views


def test_no_more_than_two_frames_are_sent_that_the_server_has_not_analysed(kiosk: Page, bank: FakeBank) -> None:
    bank.analyses = False
    start(kiosk)
    wait_until(kiosk, lambda: len(bank.frames) == 2)
    polled = len(bank.polls)
    wait_until(kiosk, lambda: len(bank.polls) > polled + 6)
    assert len(bank.frames) == 2
    bank.show(analysedSeq=1)
    wait_until(kiosk, lambda: len(bank.frames) == 3)


def test_frames_are_at_most_as_wide_as_the_server_wants_them(kiosk: Page, bank: FakeBank) -> None:
    bank.config["frame"]["maxWidth"] = 320
    kiosk.reload()
    start(kiosk)
    wait_until(kiosk, lambda: len(bank.frames) > 0)
    assert bank.frames[0][2] == (320, 240)


def test_the_page_asks_again_at_once_when_a_frame_was_uploaded(kiosk: Page, bank: FakeBank) -> None:
    bank.config["pollMs"] = 60_000
    kiosk.reload()
    start(kiosk)
    wait_until(kiosk, lambda: len(bank.frames) >= 5)  # only by asking does it learn that more than two are wanted


def test_an_older_view_that_arrives_late_changes_nothing(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    bank.view = bank.view | {"state": "unknown", "options": ALL_WAYS, "version": 1}
    polled = len(bank.polls)
    wait_until(kiosk, lambda: len(bank.polls) > polled + 3)
    expect(screen(kiosk, "pin")).to_be_visible()


# four ways on


def test_trying_again_leads_back_to_the_camera(kiosk: Page, bank: FakeBank) -> None:
    choices(kiosk, bank)
    kiosk.locator('[data-act="retry"]').click()
    expect(screen(kiosk, "identifying")).to_be_visible()


def test_only_the_offered_ways_are_shown(kiosk: Page, bank: FakeBank) -> None:
    shows(state="unknown", options=["retry", "assistance"])(kiosk, bank)
    ways = kiosk.locator(".tiles .button")
    assert [way.get_attribute("data-act") for way in ways.all()] == ["retry", "assistance"]


def test_a_customer_claims_an_account_by_the_whole_number(kiosk: Page, bank: FakeBank) -> None:
    claim(kiosk, bank)
    kiosk.locator('[data-field="country"]').select_option("GB")
    kiosk.keyboard.type("7700900123")
    kiosk.keyboard.press("Enter")
    expect(screen(kiosk, "identifying")).to_be_visible()
    assert bank.called("claim") == [{"phone": "+447700900123"}]


def test_a_typed_plus_beats_the_chosen_country(kiosk: Page, bank: FakeBank) -> None:
    claim(kiosk, bank)
    expect(kiosk.locator('[data-field="country"]')).to_have_value("JP")
    for key in "+34600100200":
        kiosk.locator(f'[data-key="{key}"]').click()
    kiosk.locator('[data-act="submit-claim"]').click()
    wait_until(kiosk, lambda: bank.called("claim") == [{"phone": "+34600100200"}])


def test_when_staff_do_not_answer_the_server_gives_the_telephone(kiosk: Page, bank: FakeBank) -> None:
    choices(kiosk, bank)
    kiosk.locator('[data-act="assistance"]').click()
    expect(screen(kiosk, "assistance")).not_to_contain_text("+81 3 5555 0100")
    bank.show(state="assistance", assistance={"telephone": "+81 3 5555 0100"})
    expect(screen(kiosk, "assistance")).to_contain_text("+81 3 5555 0100")
    expect(screen(kiosk, "assistance")).to_contain_text("24 h")


def test_where_staff_cannot_be_called_the_telephone_is_shown(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    bank.refuse("assistance", 409, "wrong_state")
    kiosk.locator('[data-act="assistance"]').click()
    expect(kiosk.get_by_role("dialog")).to_contain_text("+81 3 5555 0100")


# the voice


def test_each_attempt_has_its_words_and_a_clip_of_its_own(kiosk: Page, bank: FakeBank) -> None:
    recording(kiosk, bank)
    kiosk.locator('[data-act="finish-recording"]').click()
    wait_until(kiosk, lambda: len(bank.clips) == 1)
    bank.show(**voice_view(attempt=2, attemptsLeft=2, problem="try_again", digits="730264"))
    expect(kiosk.get_by_role("alert")).to_contain_text("did not match")
    expect(kiosk.locator(".phrase-digits")).to_have_text("7 3 0 2 6 4 ")
    kiosk.locator('[data-act="record"]').click()
    kiosk.wait_for_selector(".meter .lit")
    kiosk.locator('[data-act="finish-recording"]').click()
    wait_until(kiosk, lambda: len(bank.clips) == 2)
    assert [attempt for attempt, _ in bank.clips] == ["1", "2"]


def test_a_clip_refused_because_nobody_was_in_front_is_sent_again(kiosk: Page, bank: FakeBank) -> None:
    bank.refuse("voice", 409, "not_in_front")
    recording(kiosk, bank)
    kiosk.locator('[data-act="finish-recording"]').click()
    wait_until(kiosk, lambda: len(bank.clips) == 1)


def test_the_microphone_is_off_the_moment_the_visit_leaves_the_phrase(kiosk: Page, bank: FakeBank) -> None:
    kiosk.evaluate("watchStreams()")
    recording(kiosk, bank)
    assert kiosk.evaluate("liveTracks()") == ["audio", "video"]
    bank.show(state="identifying", voice=None)
    expect(screen(kiosk, "identifying")).to_be_visible()
    wait_until(kiosk, lambda: kiosk.evaluate("!liveTracks().includes('audio')"))
    assert bank.clips == []


# the end


def test_ending_the_visit_is_at_once_and_told_to_the_server(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.locator('[data-act="terminate"]').click()
    expect(screen(kiosk, "final")).to_contain_text("Your visit has ended")
    wait_until(kiosk, lambda: ("DELETE", "end", None) in bank.calls)
    kiosk.locator('[data-act="done"]').click()
    expect(screen(kiosk, "attract")).to_be_visible()


def test_at_the_teller_ending_is_asked_once(kiosk: Page, bank: FakeBank) -> None:
    teller(kiosk, bank)
    kiosk.locator('[data-act="terminate"]').click()
    kiosk.locator('[data-act="dialog-close"]').click()
    expect(screen(kiosk, "teller")).to_be_visible()
    kiosk.locator('[data-act="terminate"]').click()
    kiosk.locator('[data-act="terminate-yes"]').click()
    expect(screen(kiosk, "final")).to_contain_text("Goodbye")


def test_a_view_under_way_does_not_bring_an_ended_visit_back(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    bank.delay = 0.5
    with kiosk.expect_response("**/pin"):
        kiosk.keyboard.type("123456")
        kiosk.keyboard.press("Enter")
        kiosk.locator('[data-act="terminate"]').click()
        expect(screen(kiosk, "final")).to_be_visible()
    assert bank.view["state"] == "voice"
    expect(screen(kiosk, "final")).to_be_visible()


def test_a_refusal_has_the_reference_and_no_reason(kiosk: Page, bank: FakeBank) -> None:
    shows(state="denied", end={"kind": "denied", "telephone": "+81 3 5555 0100"})(kiosk, bank)
    final = screen(kiosk, "final")
    expect(final).to_contain_text("We could not complete this visit")
    expect(final).to_contain_text("K7-4F2Q")
    for reason in ("face", "voice", "code", "PIN", "match"):
        expect(final).not_to_contain_text(reason)


def test_a_visit_that_the_server_no_longer_knows_ends(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    bank.forgotten = True
    expect(screen(kiosk, "final")).to_be_visible()


def test_the_last_screen_goes_back_to_the_attract_screen_by_itself(stranger: Page, served: str, bank: FakeBank) -> None:
    pair(stranger, served)
    stranger.clock.install()
    shows(state="ended", end={"kind": "expired", "telephone": None})(stranger, bank)
    bank.ahead = 16
    stranger.clock.fast_forward(16_000)
    expect(screen(stranger, "attract")).to_be_visible()


# time


def test_more_time_is_offered_before_it_runs_out_and_taken_with_one_touch(kiosk: Page, bank: FakeBank) -> None:
    shows(lambda: pin_view() | {"expiresAt": iso(20)})(kiosk, bank)
    expect(kiosk.get_by_role("alert").filter(has_text="more time")).to_be_visible()
    kiosk.locator('[data-act="more-time"]').click()
    expect(kiosk.locator(".more-time")).to_have_count(0)
    assert bank.called("more-time") == [{}]


def test_touching_keeps_the_visit_awake_at_most_once_in_five_seconds(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.evaluate("""() => {
      for (const key of ["1", "2", "3"]) {
        const touch = new PointerEvent("pointerdown", { bubbles: true });
        document.querySelector(`[data-key="${key}"]`).dispatchEvent(touch);
      }
    }""")
    wait_until(kiosk, lambda: len(bank.called("input")) >= 1)
    polled = len(bank.polls)
    wait_until(kiosk, lambda: len(bank.polls) > polled + 2)
    assert len(bank.called("input")) == 1


# reload


def test_a_reload_in_the_middle_goes_on_where_it_was(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.locator('[data-act="language-es"]').click()
    expect(kiosk.get_by_role("heading", level=1)).to_have_text("Nos alegra verle de nuevo")
    kiosk.reload()
    expect(screen(kiosk, "pin")).to_be_visible()
    expect(kiosk.get_by_role("heading", level=1)).to_have_text("Nos alegra verle de nuevo")
    seen = len(bank.frames)
    wait_until(kiosk, lambda: len(bank.frames) > seen)
    assert len(bank.starts) == 1


def test_a_reload_at_the_teller_shows_the_accounts_again(kiosk: Page, bank: FakeBank) -> None:
    teller(kiosk, bank)
    kiosk.reload()
    expect(screen(kiosk, "teller")).to_contain_text("$1,250.00")


def test_a_reload_after_the_end_starts_afresh(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.locator('[data-act="terminate"]').click()
    expect(screen(kiosk, "final")).to_be_visible()
    kiosk.reload()
    expect(screen(kiosk, "attract")).to_be_visible()


# the local host's console


def test_the_live_console_shows_states_and_timings_and_never_who(kiosk: Page, bank: FakeBank) -> None:
    url = kiosk.url.split("#")[0]
    kiosk.goto(f"{url}?console")
    bank.show(pin=pin_view(phoneEnding="§§")["pin"])
    teller(kiosk, bank)
    panel = kiosk.get_by_role("complementary", name="Live console")
    expect(panel).to_contain_text("granted")
    for secret in ("K7-20261122-abc", "token", "§§", "Ana", "+81"):
        assert secret not in panel.inner_text()
    bank.config["devhost"] = False
    kiosk.reload()
    expect(screen(kiosk, "teller")).to_be_visible()
    expect(panel).to_have_count(0)
