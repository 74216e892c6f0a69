"""The console's list of 10,000 visits while it is scrolled: the time between two pictures, and what is in the document.

python3 atm.py bench console [--visits N] [--json]. A fake back end beside it; no screen, so Chromium draws in software.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from shared.domain.roles import Role
from tests.browser.chromium import launched, visitor
from tests.browser.console import records
from tests.browser.console.fake_desk import FakeDesk, Served

VISITS = 10_000
PAGE = 2500
SPEEDS = {"reading": 8, "flicking": 90, "rushing": 900}
"""Pixels a picture. A row has 68: rushing passes more than a screenful each picture."""
PICTURES = 300
EVERY = timedelta(seconds=8)
MOST_P95_MS = 34.0
"""Two pictures of a display with 60 a second: more is seen as a stutter."""

_LOADED = "() => Number(document.querySelector('.grid-body')?.style.getPropertyValue('--rows') ?? 0)"
_SCROLL = """([step, pictures]) => new Promise((resolve) => {
  scrollTo(0, 0);
  const [gaps, rows] = [[], []];
  let last = null;
  const next = (now) => {
    if (last !== null) gaps.push(now - last);
    last = now;
    rows.push(document.querySelectorAll(".grid-body .row").length);
    if (gaps.length === pictures) {
      return resolve({ gaps, rows: Math.max(...rows), nodes: document.querySelectorAll("*").length });
    }
    scrollBy(0, step);
    requestAnimationFrame(next);
  };
  setTimeout(() => requestAnimationFrame(next), 500);
})"""


@dataclass(frozen=True, slots=True)
class Row:
    """Times between two pictures in ms, and the page's own work for one, script to layout.

    `rows` is the most that stood in the document at once, `nodes` all elements.
    """

    scroll: str
    p50_ms: float
    p95_ms: float
    longest_ms: float
    work_ms: float
    rows: int
    nodes: int


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=int, default=VISITS)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(argv)
    desk = FakeDesk(Role.ADMIN)
    desk.visits, desk.at_once = records.visits(chosen.visits, desk.now, EVERY), PAGE
    with (
        sync_playwright() as playwright,
        Served(desk) as server,
        launched(playwright) as browser,
        visitor(browser, 1440, 900) as context,
    ):
        page = context.new_page()
        load(page, server.url, chosen.visits)
        rows = [scrolled(page, name, step) for name, step in SPEEDS.items()]
    if chosen.json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        print(f"{chosen.visits:,} visits, {PICTURES} pictures each")
        for row in rows:
            print(told(row))
    return 0 if all(row.p95_ms < MOST_P95_MS for row in rows) else 1


def load(page: Page, url: str, visits: int) -> None:
    """The whole list, as somebody gets it who goes on to its end."""
    page.goto(f"{url}#/visits")
    expect(page.locator("#visit-0")).to_be_visible()
    page.locator("#visit-0").focus()
    while (before := page.evaluate(_LOADED)) < visits:
        page.keyboard.press("End")
        page.wait_for_function(f"before => ({_LOADED})() > before", arg=before)
    page.locator("h1").focus()


def scrolled(page: Page, name: str, step: int) -> Row:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = working(session)
    told: dict[str, Any] = page.evaluate(_SCROLL, [step, PICTURES])
    work = working(session) - before
    gaps = sorted(told["gaps"])
    return Row(
        scroll=name,
        p50_ms=round(gaps[len(gaps) // 2], 1),
        p95_ms=round(gaps[int(len(gaps) * 0.95)], 1),
        longest_ms=round(gaps[-1], 1),
        work_ms=round(1000 * work / PICTURES, 1),
        rows=told["rows"],
        nodes=told["nodes"],
    )


def working(session: CDPSession) -> float:
    """Seconds of processor for which the page's thread ran script, styles and layout."""
    metrics: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
    told = {one["name"]: float(one["value"]) for one in metrics}
    return told["ScriptDuration"] + told["RecalcStyleDuration"] + told["LayoutDuration"]


def told(row: Row) -> str:
    return (
        f"{row.scroll:9} p50 {row.p50_ms:5.1f} ms, p95 {row.p95_ms:5.1f} ms, longest {row.longest_ms:5.1f} ms, "
        f"of which work {row.work_ms:.1f} ms; "
        f"at most {row.rows} rows, {row.nodes} elements in all"
    )
