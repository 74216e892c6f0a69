"""Pictures of every screen of the kiosk page in each language and on both displays, to be looked at by people.

python3 atm.py bench screens FOLDER [--only pin,voice] [--languages en,ar] [--sizes 1080x1920] [--low] [--contrast]
"""

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import drawn_face, launched, mjpeg, spoken, visitor
from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.served import Served
from tests.browser.page.stations import BROKEN_DEVICES, STATIONS, pair

LANGUAGES = "en,es,ja,ar"
SIZES = "1080x1920,1920x1080"
SETTLED = "() => document.fonts.status === 'loaded' && document.getAnimations().every((a) => a.playState !== 'pending')"
QUALITY = 80


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default=",".join(STATIONS), help="names of screens, with commas")
    parser.add_argument("--languages", default=LANGUAGES)
    parser.add_argument("--sizes", default=SIZES)
    parser.add_argument("--low", action="store_true", help="with the low controls")
    parser.add_argument("--contrast", action="store_true", help="with the page's own high contrast")
    parser.add_argument("--forced", action="store_true", help="with forced colours, as in Windows' high contrast")
    chosen = parser.parse_args(argv)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as media, sync_playwright() as playwright, Served(FakeBank()) as server:
        camera = mjpeg(Path(media) / "face.mjpeg", [drawn_face()])
        microphone = spoken(Path(media) / "voice.wav", speech_seconds=2.5, silence_seconds=3)
        with launched(playwright, camera, microphone) as browser:
            taken = sum(pictures(browser, server, name, chosen) for name in chosen.only.split(","))
    print(f"{taken} pictures in {chosen.folder}")
    return 0


def pictures(browser: Browser, server: Served, name: str, chosen: argparse.Namespace) -> int:
    """One screen in every language and size; how many pictures were taken."""
    server.bank = FakeBank()
    with visitor(browser) as context:
        page = context.new_page()
        if chosen.forced:
            page.emulate_media(forced_colors="active")
        if name in BROKEN_DEVICES:
            BROKEN_DEVICES[name](page)
        pair(page, server.url)
        for wanted, act in ((chosen.low, "reach"), (chosen.contrast, "contrast")):
            if wanted:
                page.locator(f'[data-act="{act}"]').click()
        STATIONS[name](page, server.bank)
        return sum(shots(page, name, language, chosen) for language in chosen.languages.split(","))


def shots(page: Page, name: str, language: str, chosen: argparse.Namespace) -> int:
    # Behind a dialog the button cannot be touched, but the page listens all the same.
    page.locator(f'[data-act="language-{language}"]').evaluate("button => button.click()")
    page.wait_for_function("language => document.documentElement.lang === language", arg=language)
    sizes = chosen.sizes.split(",")
    for size in sizes:
        width, height = (int(side) for side in size.split("x"))
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(SETTLED)
        page.screenshot(path=chosen.folder / f"{name}-{language}-{size}.jpg", type="jpeg", quality=QUALITY)
    return len(sizes)
