"""Writes the tables of docs/scaling.md from the assumptions below: `python -m tools.scaling_docs`.

Prices are rounded list prices of a European region, in dollars, as remembered of mid-2025, without any discount.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "scaling.md"
KIOSKS = (1, 100, 10_000)
DAYS = 30
SECONDS = DAYS * 86_400

# a visit, and a kiosk's day
VISITS = 100
FRAMES, POLLS, OTHER_REQUESTS = 35, 90, 10
FRAME_KB, TAGS = 60, 8  # four from the start, and about four once the visit is settled
KEPT_DAYS = 90
PEAK_HOUR = 0.1  # share of a day's visits

# what each costs in resources
FRAME_UNITS, POLL_UNITS, VISIT_UNITS = 60, 1, 240  # Cosmos DB request units
FRAME_SECONDS, REQUEST_SECONDS, INSTANCE_GB = 0.12, 0.01, 2
TIMER_SECONDS = 1  # each timer is an instance group of its own, billed by at least a second
LOG_KB, LINES = 1, 15

# prices
ALWAYS_READY, EXECUTION = 0.000_004, 0.000_026  # a GB-second
MILLION_EXECUTIONS = 0.40
BLOB_GB, BLOB_WRITES, TAG_10K = 0.023, 0.065, 0.03  # a month, 10,000 writes, 10,000 tags a month
EVENTS_MILLION, QUEUE_10K = 0.60, 0.004
UNITS_MILLION, AUTOSCALE_100 = 0.28, 0.012  # serverless; 100 RU/s for an hour
LOG_GB, MESSAGE = 2.76, 0.05


@dataclass(frozen=True, slots=True)
class Size:
    kiosks: int

    @property
    def visits(self) -> float:
        """A day."""
        return float(self.kiosks * VISITS)

    @property
    def frames(self) -> float:
        return self.visits * FRAMES

    @property
    def units(self) -> float:
        return self.visits * (FRAMES * FRAME_UNITS + POLLS * POLL_UNITS + VISIT_UNITS)

    def peak(self, daily: float) -> float:
        """A second of the busiest hour."""
        return daily * PEAK_HOUR / 3600


def load(size: Size) -> dict[str, str]:
    return {
        "visits a day": _number(size.visits),
        "frames a day": _number(size.frames),
        "frames a second at the peak": _number(size.peak(size.frames)),
        "polls a second at the peak": _number(size.peak(size.visits * POLLS)),
        f"recordings kept for {KEPT_DAYS} days, GB": _number(size.frames * KEPT_DAYS * FRAME_KB / 1e6),
        "request units a day, million": _number(size.units / 1e6),
        "request units a second at the peak": _number(size.peak(size.units)),
    }


def timer_runs() -> float:
    """How often a day the clock starts something, by the schedules in `functions/`."""
    sources = [file.read_text(encoding="utf-8") for file in sorted((ROOT / "functions").glob("*.py"))]
    return sum(runs_a_day(schedule) for source in sources for schedule in re.findall(r'schedule="([^"]+)"', source))


def runs_a_day(schedule: str) -> float:
    """Of an NCRONTAB schedule whose seconds, minutes and hours are numbers, `*`, `*/n` or `m/n`."""
    runs = 1.0
    for field, values in zip(schedule.split(), (60, 60, 24), strict=False):
        if "/" in field or field == "*":
            runs *= values / int(field.partition("/")[2] or 1)
    return runs


def month(size: Size) -> dict[str, float]:
    frames, visits = size.frames * DAYS, size.visits * DAYS
    requests = visits * (FRAMES + POLLS + OTHER_REQUESTS)
    busy = frames * FRAME_SECONDS + requests * REQUEST_SECONDS / 8  # requests share an instance
    kept = size.frames * KEPT_DAYS
    serverless = size.units * DAYS / 1e6 * UNITS_MILLION
    # Billed by each hour's highest, and a tenth of the least maximum, 1,000 RU/s, at any rate.
    autoscale = max(100, size.peak(size.units) * 0.6) / 100 * AUTOSCALE_100 * 730
    return {
        "two always-ready instances": 2 * INSTANCE_GB * SECONDS * ALWAYS_READY,
        "timers": timer_runs() * DAYS * TIMER_SECONDS * INSTANCE_GB * EXECUTION,
        "compute beyond": busy * INSTANCE_GB * EXECUTION + (requests + 2 * frames) / 1e6 * MILLION_EXECUTIONS,
        "recordings: space and writes": kept * FRAME_KB / 1e6 * BLOB_GB + frames / 1e4 * BLOB_WRITES,
        "recordings: index tags": kept * TAGS / 1e4 * TAG_10K,
        "events and their queue": frames * 3 / 1e6 * EVENTS_MILLION + frames * 6 / 1e4 * QUEUE_10K,
        "documents": min(serverless, autoscale),
        "logs and request telemetry": (visits * LINES + requests) * LOG_KB / 1e6 * LOG_GB,
    }


def tables() -> str:
    sizes = [Size(kiosks) for kiosks in KIOSKS]
    loads, costs = [load(size) for size in sizes], [month(size) for size in sizes]
    lines = [_row("kiosks", [_number(size.kiosks) for size in sizes]), "|---|---|---|---|"]
    lines += [_row(name, [one[name] for one in loads]) for name in loads[0]]
    lines += ["", _row("dollars a month", [_number(size.kiosks) for size in sizes]), "|---|---|---|---|"]
    lines += [_row(name, [_number(one[name]) for one in costs]) for name in costs[0]]
    lines.append(_row("**without messages**", [f"**{_number(sum(one.values()))}**" for one in costs]))
    lines.append(_row("messages, one a visit", [_number(size.visits * DAYS * MESSAGE) for size in sizes]))
    return "\n".join(lines) + "\n"


def content() -> str:
    """The document with its tables made anew."""
    before, _, rest = FILE.read_text(encoding="utf-8").partition("<!-- tables -->\n")
    _, _, after = rest.partition("<!-- end of tables -->\n")
    return f"{before}<!-- tables -->\n{tables()}<!-- end of tables -->\n{after}"


def _row(name: str, cells: list[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _number(value: float) -> str:
    """Two significant figures below a hundred, three above: no more is known."""
    if value >= 100:
        digits = len(str(int(value))) - 3
        return f"{int(round(value, -digits)):,}"
    return f"{value:.2g}"


if __name__ == "__main__":
    FILE.write_text(content(), encoding="utf-8")
    print(FILE)
