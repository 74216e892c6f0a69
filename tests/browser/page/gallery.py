"""Takes a picture of every screen, to be looked at by people.

python -m tests.browser.page.gallery FOLDER [--size 1080x1920] [--language ar] [--only pin,voice] [--low]
"""

import argparse
import tempfile
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import drawn_face, launched, mjpeg, spoken, visitor
from tests.browser.page.fake_bank import FakeBank, Served
from tests.browser.page.stations import BROKEN_DEVICES, STATIONS, pair

SETTLE_MS = 700


def picture(browser: Browser, name: str, folder: Path, arguments: argparse.Namespace) -> None:
    """One screen, in one size and language."""
    width, height = (int(side) for side in arguments.size.split("x"))
    bank = FakeBank()
    bank.config["start"] = arguments.start
    with Served(bank) as served, visitor(browser, width, height) as context:
        page = context.new_page()
        if name in BROKEN_DEVICES:
            BROKEN_DEVICES[name](page)
        pair(page, served.url)
        if arguments.language != "en":
            page.locator(f'[data-act="language-{arguments.language}"]').click()
        if arguments.low:
            page.locator('[data-act="reach"]').click()
        STATIONS[name](page, bank)
        page.mouse.move(0, 0)
        page.wait_for_timeout(SETTLE_MS)
        page.screenshot(path=folder / f"{name}-{arguments.language}-{arguments.size}.png")


def gallery(names: Iterable[str], arguments: argparse.Namespace) -> None:
    folder = Path(arguments.folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as media, sync_playwright() as playwright:
        camera = mjpeg(Path(media) / "face.mjpeg", [drawn_face()])
        microphone = spoken(Path(media) / "voice.wav", speech_seconds=2.5, silence_seconds=3)
        with launched(playwright, camera, microphone) as browser:
            for name in names:
                picture(browser, name, folder, arguments)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--language", default="en")
    parser.add_argument("--start", default="touch", choices=("touch", "face"))
    parser.add_argument("--only", default=",".join(STATIONS))
    parser.add_argument("--low", action="store_true")
    chosen = parser.parse_args()
    gallery(chosen.only.split(","), chosen)
