"""Visits in a real browser against the real stack and the real engines."""

import re

from playwright.sync_api import expect

from devhost.demo.people import ADA, BEN
from tests.browser.visit.conftest import Kiosk

STRANGER = BEN
"""Nobody has enrolled him here. Carla registers in another file."""


def to_pin(kiosk: Kiosk) -> str:
    kiosk.starts(ADA)
    kiosk.sees("pin")
    return kiosk.bank.code()


def to_voice(kiosk: Kiosk) -> None:
    kiosk.types_pin(to_pin(kiosk))
    kiosk.sees("voice")


def terminate(kiosk: Kiosk) -> None:
    kiosk.act("terminate")
    kiosk.sees("final")


def test_a_known_person_goes_to_the_teller_screen_and_takes_cash(kiosk: Kiosk) -> None:
    to_voice(kiosk)
    kiosk.reads_aloud(ADA.voice)
    kiosk.sees("teller", 90)
    expect(kiosk.page.get_by_role("heading", level=1)).to_contain_text("Amara")
    kiosk.act("quick-cash")
    kiosk.sees("receipt")
    expect(kiosk.page.locator('section[data-screen="receipt"]')).to_contain_text("$70.00")


def test_an_unknown_person_is_offered_four_ways_on(kiosk: Kiosk) -> None:
    kiosk.starts(STRANGER)
    kiosk.sees("choices")
    for way in ("retry", "claim", "register", "assistance"):
        expect(kiosk.page.locator(f'[data-act="{way}"]').first).to_be_visible()
    terminate(kiosk)


def test_trying_again_finds_a_customer_who_was_not_seen_well(kiosk: Kiosk) -> None:
    kiosk.starts(STRANGER)
    kiosk.sees("choices")
    kiosk.stands(ADA)
    kiosk.act("retry")
    kiosk.sees("pin")
    terminate(kiosk)


def test_calling_staff_reaches_the_staff(kiosk: Kiosk) -> None:
    kiosk.starts(STRANGER)
    kiosk.sees("choices")
    kiosk.act("assistance")
    kiosk.sees("assistance")
    reference = kiosk.page.locator(".reference-small").inner_text()
    assert reference in [call.session.reference for call in kiosk.bank.app.assistance.open()]
    terminate(kiosk)


def test_claiming_ones_number_leads_to_the_pin(kiosk: Kiosk) -> None:
    kiosk.starts(STRANGER)
    kiosk.sees("choices")
    kiosk.act("claim")
    kiosk.sees("claim")
    kiosk.stands(ADA)
    kiosk.page.keyboard.type(ADA.phone.removeprefix("+1"))
    kiosk.act("submit-claim")
    kiosk.sees("pin")
    terminate(kiosk)


def test_three_wrong_codes_end_the_visit(kiosk: Kiosk) -> None:
    code = to_pin(kiosk)
    for number in range(1, 4):
        kiosk.types_pin(f"{(int(code) + number) % 10**6:06d}")
        if number < 3:
            expect(kiosk.page.get_by_role("alert")).to_contain_text(re.compile(str(3 - number)))
    kiosk.sees("final")


def test_the_wrong_speaker_is_not_let_in(kiosk: Kiosk) -> None:
    to_voice(kiosk)
    for attempt in range(3):
        before = kiosk.digits()
        kiosk.reads_aloud("slt", seed=10 + attempt)
        if attempt < 2:
            kiosk.sees_other_digits_than(before)
    kiosk.sees("final")


def test_the_right_speaker_with_other_digits_is_not_let_in(kiosk: Kiosk) -> None:
    to_voice(kiosk)
    for attempt in range(3):
        before = kiosk.digits()
        other = before[::-1] if before != before[::-1] else "135790"
        kiosk.reads_aloud(ADA.voice, digits=f"{(int(other) + 246813) % 10**6:06d}", seed=20 + attempt)
        if attempt < 2:
            kiosk.sees_other_digits_than(before)
    kiosk.sees("final")


def test_two_people_are_asked_to_step_up_alone(kiosk: Kiosk) -> None:
    kiosk.starts("two-people")
    expect(kiosk.page.locator("main")).to_contain_text(re.compile("alone|one person", re.IGNORECASE), timeout=60_000)
    kiosk.stands(ADA)
    kiosk.sees("pin")
    terminate(kiosk)


def test_nobody_in_front_never_gets_past_identifying(kiosk: Kiosk) -> None:
    kiosk.starts("empty")
    expect(kiosk.page.locator("main")).to_contain_text(re.compile("camera|face", re.IGNORECASE))
    kiosk.sees("final", 90)


def test_another_face_after_acceptance_clears_the_visit(kiosk: Kiosk) -> None:
    to_pin(kiosk)
    kiosk.stands(STRANGER)
    kiosk.sees("choices")
    terminate(kiosk)


def test_another_face_after_the_pin_is_never_granted(kiosk: Kiosk) -> None:
    to_voice(kiosk)
    kiosk.stands(STRANGER)
    kiosk.sees("choices")
    terminate(kiosk)


def test_another_face_during_the_voice_is_never_granted(kiosk: Kiosk) -> None:
    to_voice(kiosk)
    kiosk.reads_aloud(ADA.voice, seed=30)
    kiosk.stands(STRANGER)
    kiosk.sees("choices")
    terminate(kiosk)


def test_terminate_ends_the_visit_and_the_camera_is_off(kiosk: Kiosk) -> None:
    to_pin(kiosk)
    terminate(kiosk)
    kiosk.page.wait_for_function("() => [...document.querySelectorAll('video')].every(v => !v.srcObject?.active)")


def test_a_reload_in_the_middle_continues_the_visit(kiosk: Kiosk) -> None:
    code = to_pin(kiosk)
    kiosk.page.reload()
    kiosk.stands(ADA)
    kiosk.sees("pin")
    kiosk.types_pin(code)
    kiosk.sees("voice")
    terminate(kiosk)
