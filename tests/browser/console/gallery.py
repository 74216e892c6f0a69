"""Takes a picture of every view of the console, to be looked at by people.

python -m tests.browser.console.gallery FOLDER [--size 1440x900] [--dark] [--only visits,visit] [--print]
"""

import argparse
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import launched, visitor
from tests.browser.console.fake_desk import FakeDesk, Served
from tests.browser.console.stations import STATIONS, go

SETTLE_MS = 400


def picture(browser: Browser, name: str, size: str, dark: bool, folder: Path, paper: bool) -> None:
    """One view, in one size and theme."""
    width, height = (int(side) for side in size.split("x"))
    desk = FakeDesk(STATIONS[name].role)
    with Served(desk) as served, visitor(browser, width, height) as context:
        page = context.new_page()
        page.emulate_media(color_scheme="dark" if dark else "light", media="print" if paper else "screen")
        go(page, served.url, desk, name)
        page.mouse.move(0, 0)
        page.wait_for_timeout(SETTLE_MS)
        page.screenshot(path=folder / f"{name}-{size}{'-dark' if dark else ''}.png", full_page=paper)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--print", action="store_true", dest="paper")
    parser.add_argument("--only", default=",".join(STATIONS))
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, launched(playwright) as browser:
        for station in chosen.only.split(","):
            picture(browser, station, chosen.size, chosen.dark, chosen.folder, chosen.paper)
