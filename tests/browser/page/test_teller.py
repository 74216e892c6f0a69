"""The teller screen: the hand-off, accounts, cash, and what is hidden from whom."""

from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page.conftest import Evaluate
from tests.browser.page.contract import pin_view
from tests.browser.page.fake_bank import TELLER_TOKEN, FakeBank
from tests.browser.page.stations import (
    PASSED,
    cash,
    locked,
    screen,
    shows,
    start,
    teller,
    wait_until,
)


def test_frames_and_polls_go_on_under_the_tellers_token(kiosk: Page, bank: FakeBank) -> None:
    teller(kiosk, bank)
    for tokens in (bank.poll_tokens, bank.frame_tokens):
        wait_until(kiosk, partial(three_with_the_new, tokens))
        assert set(tokens[tokens.index(TELLER_TOKEN) :]) == {TELLER_TOKEN}


def three_with_the_new(tokens: list[str]) -> bool:
    return tokens.count(TELLER_TOKEN) >= 3


def test_a_refusal_of_the_old_token_during_the_hand_off_does_not_end_the_visit(lab: Evaluate) -> None:
    """A poll that left with the visit token may be answered after that one died, before or after the new one came."""
    asked = lab(
        "visit.js",
        """{
          const real = window.fetch, waiting = [];
          window.fetch = (path, { headers }) => new Promise((answer) => waiting.push({ headers, answer }));
          const refused = () => new Response(JSON.stringify({ code: "not_allowed" }), { status: 401 });
          const next = async () => {
            while (!waiting.length) await new Promise((later) => setTimeout(later, 5));
            return waiting.shift();
          };
          const told = [];
          const visit = new m.Visit({ id: "V", token: "old" }, {
            config: { pollMs: 5, frame: {} }, camera: { frame: async () => null },
            onView: () => {}, onOver: () => told.push("over"), onBusy: () => {}, trace: () => {},
          });
          visit.poller.start();
          const early = await next();
          await visit.handOver(async () => {
            early.answer(refused());
            const late = await next();
            visit.becomeTeller("new");
            late.answer(refused());
          });
          const after = await next();
          const during = [...told];
          after.answer(refused());
          while (!told.length) await new Promise((later) => setTimeout(later, 5));
          visit.stop();
          window.fetch = real;
          return { during, token: after.headers["X-Teller-Token"], told };
        }""",
    )
    assert asked == {"during": [], "token": "new", "told": ["over"]}


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
