"""A visit as the customer lives it: what the page shows, what it sends, and what it never does."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page.fake_bank import TELLER_TOKEN, FakeBank, iso, pin_view, voice_view
from tests.browser.page.stations import (
    ALL_WAYS,
    PASSED,
    cash,
    choices,
    claim,
    locked,
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
    expect(screen(kiosk, "teller")).to_be_visible(timeout=20_000)
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
    bank.config["pollMs"] = 5000
    kiosk.reload()
    start(kiosk)
    wait_until(kiosk, lambda: len(bank.frames) >= 3)
    assert len(bank.polls) >= 3


def test_an_older_view_that_arrives_late_changes_nothing(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    bank.view = bank.view | {"state": "unknown", "options": ALL_WAYS, "version": 1}
    polled = len(bank.polls)
    wait_until(kiosk, lambda: len(bank.polls) > polled + 3)
    expect(screen(kiosk, "pin")).to_be_visible()


# the code


def test_a_wrong_code_says_how_many_tries_are_left_and_clears_the_field(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.keyboard.type("000000")
    kiosk.keyboard.press("Enter")
    expect(kiosk.get_by_role("alert")).to_contain_text("2 tries left")
    expect(kiosk.locator("#code")).to_have_value("")
    assert bank.called("pin") == [{"code": "000000"}]


def test_the_code_can_be_touched_corrected_and_pasted(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    for key in ("1", "2", "9", "backspace", "3"):
        kiosk.locator(f'[data-key="{key}"]').click()
    expect(kiosk.locator("#code")).to_have_value("123")
    kiosk.locator("#code").fill("123 456")
    expect(kiosk.locator("#code")).to_have_value("123456")
    kiosk.locator('[data-act="submit-pin"]').click()
    expect(screen(kiosk, "voice")).to_be_visible()


def test_five_digits_are_not_sent(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.keyboard.type("12345")
    kiosk.keyboard.press("Enter")
    kiosk.locator('[data-act="submit-pin"]').click(force=True)
    kiosk.keyboard.type("6")
    kiosk.keyboard.press("Enter")
    expect(screen(kiosk, "voice")).to_be_visible()
    assert bank.called("pin") == [{"code": "123456"}]


def test_a_code_typed_while_looking_away_is_sent_again_when_the_face_is_back(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view, presence="look")(kiosk, bank)
    bank.refuse("pin", 409, "not_in_front")
    kiosk.keyboard.type("123456")
    kiosk.keyboard.press("Enter")
    expect(kiosk.get_by_role("alert")).to_contain_text("Please look at the camera")
    expect(kiosk.locator("#code")).to_have_value("123456")
    bank.show(presence="ok")
    expect(screen(kiosk, "voice")).to_be_visible()


def test_an_expired_code_can_be_sent_again_at_once(kiosk: Page, bank: FakeBank) -> None:
    shows(lambda: pin_view(expiresAt=iso(-1), resendAt=iso(-1)))(kiosk, bank)
    expect(kiosk.get_by_role("alert")).to_contain_text("expired")
    kiosk.locator('[data-act="resend"]').click()
    expect(kiosk.get_by_role("alert")).to_have_count(0)
    assert bank.called("pin/resend") == [{}]


def test_resending_waits_for_its_time_and_ends_with_the_last_send(kiosk: Page, bank: FakeBank) -> None:
    shows(lambda: pin_view(resendAt=iso(2)))(kiosk, bank)
    resend = kiosk.locator('[data-act="resend"]')
    expect(resend).to_have_attribute("aria-disabled", "true")
    expect(resend).not_to_have_attribute("aria-disabled", "true")
    bank.show(pin=bank.view["pin"] | {"sendsLeft": 0})
    expect(resend).to_have_count(0)


def test_a_late_message_is_explained(stranger: Page, served: str, bank: FakeBank) -> None:
    pair(stranger, served)
    stranger.clock.install()
    shows(pin_view)(stranger, bank)
    expect(stranger.get_by_text("up to a minute")).to_have_count(0)
    bank.ahead = 26
    stranger.clock.fast_forward(26_000)
    expect(stranger.get_by_text("up to a minute")).to_be_visible()


def test_send_my_code_comes_first_where_the_bank_wants_it(kiosk: Page, bank: FakeBank) -> None:
    shows(lambda: pin_view(sms="waiting"))(kiosk, bank)
    expect(kiosk.locator("#code")).to_have_count(0)
    kiosk.locator('[data-act="send-code"]').click()
    expect(kiosk.locator("#code")).to_be_visible()


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


def test_the_phrase_is_recorded_stopped_by_silence_and_sent_once(kiosk: Page, bank: FakeBank) -> None:
    recording(kiosk, bank)
    wait_until(kiosk, lambda: len(bank.clips) == 1, seconds=15)
    attempt, clip = bank.clips[0]
    assert attempt == "1"
    assert clip[:4] == b"RIFF"
    assert int.from_bytes(clip[24:28], "little") == 16_000
    assert 2 * 32_000 < len(clip) < 6 * 32_000
    bank.show(**voice_view(attempt=2, attemptsLeft=2, problem="try_again", digits="730264"))
    expect(kiosk.get_by_role("alert")).to_contain_text("did not match")
    expect(kiosk.locator(".phrase-digits")).to_have_text("7 3 0 2 6 4 ")
    kiosk.locator('[data-act="record"]').click()
    kiosk.wait_for_selector(".meter .lit")
    kiosk.locator('[data-act="finish-recording"]').click()
    wait_until(kiosk, lambda: len(bank.clips) == 2)
    assert bank.clips[1][0] == "2"


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


# teller


def test_frames_and_polls_go_on_under_the_tellers_token(kiosk: Page, bank: FakeBank) -> None:
    teller(kiosk, bank)
    seen = len(bank.frames)
    wait_until(kiosk, lambda: len(bank.frames) > seen)
    assert bank.tokens[-1] == TELLER_TOKEN


def test_a_hand_off_waits_for_the_customer_to_be_in_front(kiosk: Page, bank: FakeBank) -> None:
    start(kiosk)
    bank.refuse("handoff", 409, "not_in_front")
    bank.show(state="granted", factors=PASSED, customer={"givenName": "Ana"}, presence="look")
    expect(screen(kiosk, "granted")).to_contain_text("look at the camera")
    bank.show(presence="ok")
    expect(screen(kiosk, "teller")).to_be_visible()


def test_a_visit_granted_by_the_very_answer_to_the_code_is_handed_off(kiosk: Page, bank: FakeBank) -> None:
    """Assisted visits go from the PIN to granted in one answer, while that request still counts as under way."""
    shows(pin_view)(kiosk, bank)
    bank.accepted_leads_to = {"state": "granted", "pin": None, "factors": PASSED}
    kiosk.keyboard.type("123456")
    kiosk.keyboard.press("Enter")
    expect(screen(kiosk, "teller")).to_be_visible()


def test_the_chosen_account_and_amount_are_withdrawn_once_even_if_the_answer_is_lost(
    kiosk: Page, bank: FakeBank
) -> None:
    cash(kiosk, bank)
    bank.refuse("withdrawals", 503, "unavailable", 0.1)
    kiosk.locator('[data-act="amount-60"]').click()
    expect(screen(kiosk, "receipt")).to_contain_text("$60.00")
    assert bank.accounts[0]["balance"] == "1190.00"
    assert len({call["key"] for call in bank.called("withdraw")}) == 1


def test_an_amount_of_ones_own_is_typed(kiosk: Page, bank: FakeBank) -> None:
    cash(kiosk, bank)
    kiosk.keyboard.type("040")
    expect(kiosk.locator('[data-act="take-cash"]')).to_have_text("Take $40")
    kiosk.keyboard.press("Enter")
    expect(screen(kiosk, "receipt")).to_contain_text("$40.00")


def test_an_amount_that_this_machine_does_not_pay_is_not_sent_and_the_rule_stands_beside_it(
    kiosk: Page, bank: FakeBank
) -> None:
    cash(kiosk, bank)
    expect(screen(kiosk, "cash")).to_contain_text("From $10 to $500, in steps of $10")
    for amount in ("35", "510", "5"):
        kiosk.locator('[data-field="keypad"]').fill(amount)
        expect(kiosk.locator('[data-field="keypad"]')).to_have_attribute("aria-invalid", "true")
        kiosk.keyboard.press("Enter")
        kiosk.locator('[data-act="take-cash"]').click(force=True)
    assert bank.called("withdraw") == []
    kiosk.locator('[data-field="keypad"]').fill("50")
    kiosk.locator('[data-act="take-cash"]').click()
    expect(screen(kiosk, "receipt")).to_contain_text("$50.00")
    assert len(bank.called("withdraw")) == 1


def test_a_credit_card_is_shown_with_what_is_owed_and_gives_no_cash(kiosk: Page, bank: FakeBank) -> None:
    teller(kiosk, bank)
    expect(screen(kiosk, "teller")).to_contain_text("owed $312.40")
    kiosk.locator('[data-act="get-cash"]').click()
    expect(kiosk.locator('[data-act="account-a1"]')).to_be_visible()
    expect(kiosk.locator('[data-act="account-a3"]')).to_have_count(0)


def test_too_much_is_refused_in_plain_words(kiosk: Page, bank: FakeBank) -> None:
    bank.accounts[0]["balance"] = "30.00"
    teller(kiosk, bank)
    kiosk.locator('[data-act="quick-cash"]').click()
    expect(kiosk.get_by_role("alert")).to_contain_text("not enough money")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("no_cash", "gives no cash"),
        ("bad_amount", "cannot be paid out"),
        ("key_reused", "choose the amount once more"),
        ("limit_reached", "wait a moment"),
    ],
)
def test_each_refusal_of_cash_has_its_words_and_another_amount_can_be_chosen(
    kiosk: Page, bank: FakeBank, code: str, words: str
) -> None:
    cash(kiosk, bank)
    bank.refuse("withdrawals", 409, code)
    kiosk.locator('[data-act="amount-60"]').click()
    expect(kiosk.get_by_role("alert")).to_contain_text(words)
    kiosk.locator('[data-act="amount-60"]').click()
    expect(screen(kiosk, "receipt")).to_contain_text("$60.00")


def test_nothing_of_the_account_is_on_the_page_while_it_is_locked(kiosk: Page, bank: FakeBank) -> None:
    locked(kiosk, bank)
    assert "4821" not in kiosk.content()
    assert "1,250" not in kiosk.content()
    bank.show(teller={"locked": False}, presence="ok")
    expect(screen(kiosk, "teller")).to_contain_text("$1,250.00")


def test_somebody_without_an_account_is_told_and_gets_no_cash_buttons(kiosk: Page, bank: FakeBank) -> None:
    bank.accounts = []
    teller(kiosk, bank)
    expect(screen(kiosk, "teller")).to_contain_text("no account here yet")
    expect(kiosk.locator('[data-act="quick-cash"]')).to_have_count(0)


def test_what_the_demo_bank_does_not_offer_is_said_honestly(kiosk: Page, bank: FakeBank) -> None:
    teller(kiosk, bank)
    for service in ("deposit", "payments", "credit_card", "other"):
        kiosk.locator(f'[data-act="service-{service}"]').click()
        expect(screen(kiosk, "service")).to_contain_text("does not offer this")
        kiosk.locator('[data-act="menu"]').click()


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
    for key in "123":
        kiosk.locator(f'[data-key="{key}"]').click()
    wait_until(kiosk, lambda: len(bank.called("input")) == 1)


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


# languages


def test_arabic_is_written_from_right_to_left_and_the_keypad_is_not(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.locator('[data-act="language-ar"]').click()
    expect(kiosk.locator("html")).to_have_attribute("dir", "rtl")
    expect(kiosk.locator("html")).to_have_attribute("lang", "ar")
    one, three = (kiosk.locator(f'[data-key="{key}"]').bounding_box() for key in ("1", "3"))
    assert one and three
    assert one["x"] < three["x"]


def test_the_language_of_an_earlier_visit_is_taken_unless_another_was_chosen(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view, language="ja")(kiosk, bank)
    expect(kiosk.locator("html")).to_have_attribute("lang", "ja")
    kiosk.locator('[data-act="language-en"]').click()
    expect(kiosk.locator("html")).to_have_attribute("lang", "en")
    bank.show(guidance="hold_still")
    expect(kiosk.locator(".hint")).to_have_text("Hold still for a moment")
    expect(kiosk.locator("html")).to_have_attribute("lang", "en")


def test_a_language_chosen_in_the_middle_of_a_visit_is_told_to_the_server(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    kiosk.locator('[data-act="language-es"]').click()
    wait_until(kiosk, lambda: bank.called("language") == [{"language": "es"}])
    expect(kiosk.locator("html")).to_have_attribute("lang", "es")


def test_a_language_chosen_before_a_visit_is_told_with_its_start(kiosk: Page, bank: FakeBank) -> None:
    kiosk.locator('[data-act="language-ja"]').click()
    expect(kiosk.locator("html")).to_have_attribute("lang", "ja")
    start(kiosk)
    assert bank.starts[-1]["language"] == "ja"
    assert bank.called("language") == []


def test_the_next_customer_finds_the_kiosks_own_language(kiosk: Page, bank: FakeBank) -> None:
    kiosk.locator('[data-act="language-es"]').click()
    start(kiosk)
    assert bank.starts[-1]["language"] == "es"
    kiosk.locator('[data-act="terminate"]').click()
    kiosk.locator('[data-act="done"]').click()
    expect(screen(kiosk, "attract")).to_be_visible()
    expect(kiosk.locator("html")).to_have_attribute("lang", "en")


# the local host's console


def test_the_live_console_shows_states_and_timings_and_never_who(kiosk: Page, bank: FakeBank) -> None:
    url = kiosk.url.split("#")[0]
    kiosk.goto(f"{url}?console")
    teller(kiosk, bank)
    panel = kiosk.get_by_role("complementary", name="Live console")
    expect(panel).to_contain_text("granted")
    text = panel.inner_text()
    for secret in ("K7-20261122-abc", "token", "42", "Ana", "+81"):
        assert secret not in text
    bank.config["devhost"] = False
    kiosk.reload()
    expect(screen(kiosk, "teller")).to_be_visible()
    expect(panel).to_have_count(0)
