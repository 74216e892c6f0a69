"""Camera and microphone: refused, missing, in use, covered, and off when nobody uses them."""

from array import array
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.chromium import launched, visitor
from tests.browser.page.contract import voice_view
from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.stations import pair, recording, screen, shows, start, teller, wait_until, without

CAMERA = [("NotAllowedError", "not allowed"), ("NotFoundError", "No camera found"), ("NotReadableError", "in use")]
MICROPHONE = [("NotAllowedError", "not allowed"), ("NotFoundError", "No microphone"), ("NotReadableError", "in use")]

type OwnBrowser = Callable[[str, str], AbstractContextManager[Page]]


@pytest.fixture
def own_browser(playwright: Playwright, media: dict[str, Path]) -> OwnBrowser:
    """A page in a browser of its own, with these of the `media` for camera and microphone."""

    @contextmanager
    def with_devices(camera: str, microphone: str) -> Iterator[Page]:
        with launched(playwright, media[camera], media[microphone]) as browser, visitor(browser) as context:
            yield context.new_page()

    return with_devices


@pytest.mark.parametrize(("error", "words"), CAMERA)
def test_a_camera_that_cannot_be_used_is_named_and_tried_again(
    own_page: Page, served: str, error: str, words: str
) -> None:
    page = own_page
    without("video", error)(page)
    pair(page, served)
    page.locator('[data-act="start"]').click()
    expect(screen(page, "camera")).to_contain_text(words)
    expect(screen(page, "camera")).to_contain_text("+81 3 5555 0100")
    page.evaluate("window.deviceFails = false; document.querySelector('[data-act=retry-camera]').click()")
    expect(screen(page, "identifying")).to_be_visible()


@pytest.mark.parametrize(("error", "words"), MICROPHONE)
def test_a_microphone_that_cannot_be_used_is_named_and_tried_again(
    own_page: Page, served: str, bank: FakeBank, error: str, words: str
) -> None:
    page = own_page
    without("audio", error)(page)
    pair(page, served)
    shows(voice_view)(page, bank)
    page.locator('[data-act="record"]').click()
    expect(screen(page, "microphone")).to_contain_text(words)
    page.evaluate("window.deviceFails = false")
    page.locator('[data-act="retry-microphone"]').click()
    expect(page.locator(".meter .lit").first).to_be_visible()
    assert bank.clips == []


def test_a_camera_lost_in_the_middle_comes_back_by_itself(kiosk: Page, bank: FakeBank) -> None:
    kiosk.evaluate("watchStreams()")
    start(kiosk)
    kiosk.evaluate("""() => {
      const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      const plugged = new Promise((resolve) => { window.plugIn = resolve; });
      navigator.mediaDevices.getUserMedia = (wanted) => plugged.then(() => real(wanted));
      streams[0].getTracks()[0].dispatchEvent(new Event("ended"));
    }""")
    expect(screen(kiosk, "camera")).to_contain_text("No camera found")
    kiosk.evaluate("plugIn()")
    expect(screen(kiosk, "identifying")).to_be_visible(timeout=10_000)
    assert len(bank.starts) == 1


@pytest.mark.parametrize("way", ["terminate", "denied", "forgotten"])
def test_camera_and_microphone_are_off_when_the_visit_ends(kiosk: Page, bank: FakeBank, way: str) -> None:
    kiosk.evaluate("watchStreams()")
    recording(kiosk, bank)
    assert kiosk.evaluate("liveTracks()") == ["audio", "video"]
    if way == "terminate":
        kiosk.locator('[data-act="terminate"]').click()
    elif way == "denied":
        bank.show(state="denied", end={"kind": "denied", "telephone": None})
    else:
        bank.forgotten = True
    expect(screen(kiosk, "final")).to_be_visible()
    wait_until(kiosk, lambda: kiosk.evaluate("liveTracks().length === 0"))
    assert bank.clips == []


def test_the_microphone_is_off_again_as_soon_as_the_phrase_is_recorded(kiosk: Page, bank: FakeBank) -> None:
    kiosk.evaluate("watchStreams()")
    recording(kiosk, bank)
    kiosk.locator('[data-act="finish-recording"]').click()
    wait_until(kiosk, lambda: len(bank.clips) == 1)
    assert kiosk.evaluate("liveTracks()") == ["video"]


def test_the_camera_is_off_at_an_attract_screen_that_starts_by_touch(kiosk: Page) -> None:
    kiosk.evaluate("watchStreams()")
    start(kiosk)
    kiosk.locator('[data-act="terminate"]').click()
    kiosk.locator('[data-act="done"]').click()
    expect(screen(kiosk, "attract")).to_be_visible()
    assert kiosk.evaluate("liveTracks()") == []


def test_the_teller_screen_keeps_the_camera_and_needs_no_microphone(kiosk: Page, bank: FakeBank) -> None:
    kiosk.evaluate("watchStreams()")
    teller(kiosk, bank)
    assert kiosk.evaluate("liveTracks()") == ["video"]


def test_the_phrase_is_recorded_stopped_by_silence_and_sent_once(
    own_browser: OwnBrowser, served: str, bank: FakeBank
) -> None:
    with own_browser("face", "voice") as page:
        pair(page, served)
        recording(page, bank)
        wait_until(page, lambda: len(bank.clips) == 1, seconds=15)
        expect(page.locator('[data-act="finish-recording"]')).to_have_count(0)
    [(attempt, clip)] = bank.clips
    assert attempt == "1"
    assert clip[:4] == b"RIFF"
    assert int.from_bytes(clip[24:28], "little") == 16_000
    assert 1.7 * 32_000 < len(clip) < 8 * 32_000  # 2 to 7.4 s, by where in its loop the microphone was heard first
    samples = array("h", clip[44:])
    assert max(map(abs, samples[-6_400:])) < max(map(abs, samples)) / 20  # it ended in 0.4 s of silence


def test_silence_sends_nothing_and_says_so(own_browser: OwnBrowser, served: str, bank: FakeBank) -> None:
    with own_browser("face", "silence") as page:
        pair(page, served)
        shows(voice_view)(page, bank)
        page.locator('[data-act="record"]').click()
        expect(page.get_by_role("alert")).to_contain_text("No try was used", timeout=15_000)
        assert bank.clips == []


def test_a_covered_lens_is_seen_before_the_server_says_so(own_browser: OwnBrowser, served: str, bank: FakeBank) -> None:
    with own_browser("covered", "voice") as page:
        pair(page, served)
        start(page)
        expect(screen(page, "identifying")).to_contain_text("The camera sees nothing")
        assert bank.view["guidance"] is None


def test_a_visit_begins_when_somebody_has_stood_in_the_guide_for_a_second(
    own_browser: OwnBrowser, served: str, bank: FakeBank
) -> None:
    bank.config["start"] = "face"
    with own_browser("arriving", "voice") as page:
        page.goto(f"{served}/#pair=PAIR-1")
        wait_until(page, lambda: bank.starts == [{"language": "en", "trigger": "face"}], seconds=60)
        expect(screen(page, "identifying")).to_be_visible()


def test_nobody_starts_no_visit_and_nothing_is_sent(own_browser: OwnBrowser, served: str, bank: FakeBank) -> None:
    bank.config["start"] = "face"
    with own_browser("empty", "voice") as page:
        pair(page, served)
        wait_until(page, lambda: page.evaluate("document.querySelector('video').currentTime > 3"))
        expect(screen(page, "attract")).to_be_visible()
        assert bank.starts == []
        assert bank.frames == []
        page.locator('[data-act="start"]').click()
        wait_until(page, lambda: bank.starts == [{"language": "en", "trigger": "touch"}])


def test_a_customer_who_stays_after_the_visit_is_not_drawn_into_another(kiosk: Page, bank: FakeBank) -> None:
    bank.config["start"] = "face"
    kiosk.reload()
    wait_until(kiosk, lambda: len(bank.starts) == 1)
    expect(screen(kiosk, "identifying")).to_be_visible()
    kiosk.locator('[data-act="terminate"]').click()
    kiosk.locator('[data-act="done"]').click()
    expect(screen(kiosk, "attract")).to_be_visible()
    wait_until(kiosk, lambda: kiosk.evaluate("document.querySelector('video').currentTime > 3"))
    assert len(bank.starts) == 1
