"""The kiosk page on slow lines: bytes transferred, first paint, ready, and how camera frames keep to the uplink.

python3 atm.py bench page [--json]. The page's own files from a server beside it, a cold browser profile each time.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import drawn_face, launched, mjpeg, spoken, visitor
from tests.browser.page.fake_bank import FakeBank
from tests.browser.page.served import Served
from tests.browser.page.stations import pair, start, wait_until

PROFILES: dict[str, dict[str, Any] | None] = {
    "as it is": None,
    "fast 3G": {"latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000},
    "slow 3G": {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000},
}
"""Latency in ms, throughput in bytes/s: the profiles of Chromium's developer tools."""
FRAMES = 12
SETTLED = 4
"""Frames after which the uplink is known."""
FIRST_PAINT_MS = 1000
BUDGET = 150_000

_MEASURE = """() => {
  const files = performance.getEntriesByType("resource").filter((one) => one.name.includes("/kiosk/"));
  const all = [performance.getEntriesByType("navigation")[0], ...files];
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return [all.reduce((sum, one) => sum + one.transferSize, 0), all.length, paint?.startTime ?? null, performance.now()];
}"""


@dataclass(frozen=True, slots=True)
class Row:
    """`interval_ms` is the median between two frames once the uplink is known; widths in pixels."""

    profile: str
    bytes: int
    files: int
    first_paint_ms: float | None
    ready_ms: float
    first_width: int
    width: int
    frame_bytes: int
    interval_ms: float


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as media, sync_playwright() as playwright, Served(FakeBank()) as server:
        camera = mjpeg(Path(media) / "face.mjpeg", [drawn_face()])
        microphone = spoken(Path(media) / "voice.wav", speech_seconds=1, silence_seconds=1)
        with launched(playwright, camera, microphone) as browser:
            rows = [measured(browser, server, name, line) for name, line in PROFILES.items()]
    if chosen.json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        for row in rows:
            print(told(row))
    near = rows[0]
    return 0 if near.bytes < BUDGET and (near.first_paint_ms or FIRST_PAINT_MS) < FIRST_PAINT_MS else 1


def measured(browser: Browser, server: Served, name: str, line: dict[str, Any] | None) -> Row:
    bank = server.bank = FakeBank()
    with visitor(browser) as context:
        context.set_default_timeout(60_000)
        page = context.new_page()
        if line is not None:
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", {"offline": False, **line})
        pair(page, server.url)
        transferred, files, paint, ready = page.evaluate(_MEASURE)
        start(page)
        wait_until(page, lambda: len(bank.frames) >= FRAMES, seconds=60)
    known = bank.frames[SETTLED:FRAMES]
    return Row(
        profile=name,
        bytes=transferred,
        files=files,
        first_paint_ms=paint,
        ready_ms=ready,
        first_width=bank.frames[0][2][0],
        width=known[-1][2][0],
        frame_bytes=round(median(size for _, size, _ in known)),
        interval_ms=1000 * median(later - earlier for (earlier, *_), (later, *_) in pairwise(known)),
    )


def told(row: Row) -> str:
    paint = "not told" if row.first_paint_ms is None else f"{row.first_paint_ms:.0f} ms"
    return (
        f"{row.profile:9} {row.bytes / 1000:6.1f} kB in {row.files} files, "
        f"first paint {paint}, ready {row.ready_ms:.0f} ms; "
        f"frames {row.first_width} → {row.width} px, {row.frame_bytes / 1000:.1f} kB every {row.interval_ms:.0f} ms"
    )
