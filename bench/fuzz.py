"""`atm.py bench fuzz`: the nightly run: the targets of tests/fuzz, a process each, with many inputs.

With atheris installed (requirements-bench.txt; Linux) inputs grow by what code they reach, else by chance from good
ones. A finding is an error that is not a named one, an answer of 5xx, an input that takes over two seconds, or memory
that keeps growing; its input is kept in `.atm/fuzz/`.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from devhost.setup.places import ROOT, STATE
from tests.fuzz.targets import targets

HANG_SECONDS = 2.0
GROWTH_MB = 40.0
"""A process may grow by so much over the second half of its inputs: the fuzzer's corpus, and an allocator's arenas,
which level off (without a fuzzer 30,000 requests stand at 220 MB from the 12,000th on)."""
SHARES = {"images": 8, "requests": 6, "audio": 10, "csv": 8}
"""How the inputs are shared out; every other target has 10 parts."""


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py bench fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000, help="altogether; 100,000 or more for a night")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
    given = parser.parse_args(argv)
    kept = STATE / "fuzz"
    kept.mkdir(parents=True, exist_ok=True)
    names = [target.name for target in targets()]
    parts = sum(SHARES.get(name, 10) for name in names)
    rows = []
    for name in names:
        row = one(name, max(100, given.inputs * SHARES.get(name, 10) // parts), given.seed, kept)
        rows.append(row)
        if not given.json:
            _print(row)
    if given.json:
        print(json.dumps(rows))
    else:
        print(f"  together {sum(row['inputs'] for row in rows)} inputs, {sum(not row['ok'] for row in rows)} findings")
    return 0 if all(row["ok"] for row in rows) else 1


def one(name: str, inputs: int, seed: int, kept: Path) -> dict[str, Any]:
    """One target in a process of its own; what it said of itself, and how it ended."""
    result = kept / f"{name.replace(' ', '-')}.json"
    result.unlink(missing_ok=True)
    command = [sys.executable, "-m", "bench.fuzz_one", name, str(inputs), str(seed), str(result)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace")
    told = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
    row: dict[str, Any] = {"target": name, "inputs": 0, "slowest_s": 0.0, "grown_mb": 0.0, "by": "?", **told}
    words = [line for line in (run.stdout + run.stderr).splitlines() if "Error" in line or "ALARM" in line]
    row["finding"] = words[-1][:200] if run.returncode and words else "ended early" if run.returncode else None
    if row["finding"] is None and row["slowest_s"] > HANG_SECONDS:
        row["finding"] = "an input that hangs"
    if row["finding"] is None and row["grown_mb"] > GROWTH_MB:
        row["finding"] = "memory that grows"
    row["ok"] = row["finding"] is None and row["inputs"] >= inputs
    return row


def _print(row: dict[str, Any]) -> None:
    verdict = "ok" if row["ok"] else f"FOUND {row['finding']}"
    print(
        f"  {row['target']:<13}{row['inputs']:>8} inputs by {row['by']:<9} slowest {row['slowest_s']:.3f} s"
        f"  memory {row['grown_mb']:+6.1f} MB  {verdict}",
        flush=True,
    )
