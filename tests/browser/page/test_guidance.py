"""Guidance: one hint at a time, worded as what to do, with a picture, a sound that can be muted, and a voice."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page.conftest import Evaluate
from tests.browser.page.contract import first_view, pin_view, voice_view
from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.stations import challenge_view, recording, screen, shows, start, wait_until

WORDS = {
    "look_at_camera": "look at the camera",
    "come_closer": "Come a little closer",
    "move_back": "Move back a little",
    "centre_face": "Put your face inside the oval",
    "one_person": "One person at a time",
    "more_light": "turn towards the light",
    "less_light": "turn away from the light",
    "hold_still": "Hold still",
    "face_camera": "Face the camera straight on",
    "uncover_face": "uncover your nose and mouth",
    "take_off_sunglasses": "take off your sunglasses",
    "camera_covered": "covers the camera",
}
TONES = """() => {
  window.tones = 0;
  window.contexts = [];
  const Real = AudioContext;
  window.AudioContext = class extends Real { constructor(...args) { super(...args); window.contexts.push(this); } };
  const real = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...args) { window.tones += 1; return real.apply(this, args); };
}"""


def test_every_hint_of_the_contract_has_its_words_its_picture_and_is_announced(kiosk: Page, bank: FakeBank) -> None:
    shows(pin_view)(kiosk, bank)
    for guidance, words in WORDS.items():
        bank.show(guidance=guidance)
        hint = kiosk.locator(f'.hint[data-hint="{guidance}"]')
        expect(hint).to_contain_text(words)
        expect(hint).to_have_role("status")
        picture = hint.locator("use").get_attribute("href") or ""
        assert picture.endswith(f"#hint-{guidance.replace('_', '-')}")
        expect(kiosk.locator(".hint")).to_have_count(1)


def test_hints_known_to_the_page_are_those_of_the_contract(lab: Evaluate) -> None:
    assert lab("hints.js", "m.GUIDANCE") == list(WORDS)


def test_a_hint_sounds_once_and_not_when_muted(kiosk: Page, bank: FakeBank) -> None:
    kiosk.evaluate(TONES)
    start(kiosk)
    wait_until(kiosk, lambda: kiosk.evaluate("window.contexts.some((one) => one.state === 'running')"))
    bank.show(guidance="come_closer")
    wait_until(kiosk, lambda: kiosk.evaluate("window.tones") == 2)
    polled = len(bank.polls)
    wait_until(kiosk, lambda: len(bank.polls) > polled + 2)
    assert kiosk.evaluate("window.tones") == 2
    kiosk.locator('[data-act="sounds"]').click()
    bank.show(guidance="move_back")
    expect(kiosk.locator('[data-hint="move_back"]')).to_be_visible()
    assert kiosk.evaluate("window.tones") == 2


def test_nothing_sounds_into_a_recording(kiosk: Page, bank: FakeBank) -> None:
    recording(kiosk, bank)
    kiosk.evaluate(TONES)
    bank.show(guidance="come_closer")
    expect(kiosk.locator('[data-hint="come_closer"]')).to_be_visible()
    assert kiosk.evaluate("window.tones") == 0


SOUND = "m.soundFor(a[0], a[1])"


def moment(shown: str, **changes: Any) -> dict[str, Any]:
    """The page at one moment, as far as its sounds go."""
    state = {"phase": "visit", "now": 0, "sounds": True, "hint": None, "problem": None, "voice": {"mode": "ready"}}
    return {"screen": shown, "state": state | {"view": first_view() | {"expiresAt": None}} | changes}


def ordered(step: str) -> dict[str, Any]:
    return moment("challenge", view={"challenge": {"step": step, "stepsDone": 1, "steps": 3, "expiresAt": None}})


@pytest.mark.parametrize(
    ("before", "after", "sound"),
    [
        (moment("identifying"), moment("pin"), "step"),
        (moment("pin"), moment("pin", problem="wrong_code"), "problem"),
        (moment("pin", problem="wrong_code"), moment("pin"), None),
        (moment("voice"), moment("voice", voice={"mode": "ready", "problem": "try_again"}), "problem"),
        (moment("identifying"), moment("identifying", hint="more_light"), "hint"),
        (moment("identifying", hint="more_light"), moment("identifying"), None),
        (ordered("turn_left"), ordered("look_straight"), "step"),  # a head that is turned does not see the screen
        (ordered("look_straight"), ordered("nod"), "step"),
        (ordered("nod"), ordered("nod"), None),
        (moment("pin"), moment("final", view={"end": {"kind": "denied"}}), "problem"),
        (moment("teller"), moment("final", view={"end": {"kind": "ended"}}), "end"),
        (moment("pin"), moment("pin", view={"expiresAt": "1970-01-01T00:00:20.000Z"}), "time"),
        (moment("identifying"), moment("pin", sounds=False), None),
        (moment("voice"), moment("voice", hint="come_closer", voice={"mode": "recording"}), None),
    ],
)
def test_a_change_has_one_sound_or_none(
    lab: Evaluate, before: dict[str, Any], after: dict[str, Any], sound: str | None
) -> None:
    assert lab("earcons.js", SOUND, [before, after]) == sound


def test_english_digits_are_read_in_english_on_every_page(kiosk: Page, bank: FakeBank) -> None:
    kiosk.evaluate("""() => {
      window.said = [];
      speechSynthesis.speak = (utterance) => window.said.push([utterance.lang, utterance.text]);
    }""")
    kiosk.locator('[data-act="language-es"]').click()
    kiosk.locator('[data-act="spoken"]').click()
    shows(lambda: voice_view(sentence=None))(kiosk, bank)
    wait_until(kiosk, lambda: any(text.startswith("4 8 1 5 1 6") for _, text in kiosk.evaluate("window.said")))
    by_language = kiosk.evaluate("window.said")
    assert {language for language, text in by_language if "4 8 1 5 1 6" in text} == {"en"}
    assert any(language == "es" and "Lea esto" in text for language, text in by_language)


def test_what_is_said_aloud_also_stands_on_the_screen_and_one_thing_at_a_time(kiosk: Page, bank: FakeBank) -> None:
    kiosk.evaluate("""() => {
      window.said = [];
      speechSynthesis.speak = (utterance) => window.said.push(utterance.text);
      speechSynthesis.cancel = () => window.said.push(null);
    }""")
    kiosk.locator('[data-act="spoken"]').click()
    shows(voice_view)(kiosk, bank)
    wait_until(kiosk, lambda: any("Read this aloud" in (text or "") for text in kiosk.evaluate("window.said")))
    words = [text for text in kiosk.evaluate("window.said") if text]
    shown = kiosk.locator("body").inner_text()
    for sentence in words[-1].split(". "):
        assert sentence.strip(".") in " ".join(shown.split()), sentence
    expect(screen(kiosk, "voice")).to_be_visible()


ORDERS = {
    "en": {
        "turn_left": "Turn your head to your left",
        "turn_right": "Turn your head to your right",
        "look_up": "Look up a little",
        "nod": "Nod slowly",
        "look_straight": "Look straight at the camera",
    },
    "es": {"look_up": "Mire un poco hacia arriba", "nod": "Asienta despacio con la cabeza"},
    "ja": {"look_up": "少し上を見てください", "nod": "ゆっくりうなずいてください"},
    "ar": {"look_up": "انظر إلى الأعلى قليلاً", "nod": "أومئ برأسك ببطء"},
}


@pytest.mark.parametrize("language", list(ORDERS))
def test_one_movement_at_a_time_in_words_a_picture_and_aloud(kiosk: Page, bank: FakeBank, language: str) -> None:
    kiosk.evaluate("""() => {
      window.said = [];
      speechSynthesis.speak = (utterance) => window.said.push(utterance.text);
    }""")
    if language != "en":
        kiosk.locator(f'[data-act="language-{language}"]').click()
    kiosk.locator('[data-act="spoken"]').click()
    shows(lambda: challenge_view("look_straight"), state="challenge")(kiosk, bank)
    for order, words in ORDERS[language].items():
        bank.show(**challenge_view(order))
        movement = kiosk.locator(f".movement.{order}")
        expect(movement).to_be_visible()
        expect(kiosk.locator(".movement")).to_have_count(1)
        expect(kiosk.locator(".screen .title")).to_have_text(words)
        picture = movement.locator("use").get_attribute("href") or ""
        assert picture.endswith(f"#move-{order.replace('_', '-')}")
        wait_until(kiosk, lambda words=words: words in " ".join(kiosk.evaluate("window.said")))  # type: ignore[misc]
