"""Cold start of the packaged app, each time in a fresh process: import, first request, first identification.

The processor's and the file cache's part only: what the platform needs to bring an instance up comes before it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.stopwatch import table
from devhost import portraits, speech
from devhost.package.command import make
from devhost.setup.places import ROOT
from devhost.setup.progress import Progress
from devhost.stack.prepared import fetch_models

_CHILD = Path(__file__).with_name("cold_child.py")
DIGITS = "493817"
STAGES = {
    "import": "import and index the app (azure-functions-runtime)",
    "first_request": "first request: GET /api/health",
    "page": "first page: GET /",
    "face": "first picture: face models loaded, found, recognised, checked for life",
    "next_face": "the next picture",
    "voice": "first clip: voice models loaded, speaker and phrase scored",
}
MEMORY = {
    "memory_http_mb": "memory of a process that only answers requests, MB",
    "memory_mb": "memory with every model loaded, MB",
}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py bench cold", description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="fresh processes (default 5)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
    given = parser.parse_args(argv)
    models = fetch_models(Progress(quiet=given.json))
    with tempfile.TemporaryDirectory(prefix="face-atm-cold-") as folder:
        app = make(ROOT, models, Path(folder)).app
        clip = Path(folder) / "clip.wav"
        clip.write_bytes(speech.say("slt", DIGITS, seed=1))
        picture = portraits.ensure(lambda _: None) / "people" / "person-a" / "1.jpg"
        _run(app, picture, clip)  # makes the byte code, as the build in Azure does
        runs = [_run(app, picture, clip) for _ in range(given.times)]
    medians = {name: round(statistics.median(run[name] for run in runs), 1) for name in runs[0]}
    if given.json:
        print(json.dumps({"times": given.times, "median": medians}))
    else:
        rows = {words: f"{medians[s]} ms, of these {medians[f'{s}_cpu']} ms computing" for s, words in STAGES.items()}
        rows |= {words: str(medians[name]) for name, words in MEMORY.items()}
        print(table(f"Medians of {given.times} fresh processes", rows))
    return 0


def _run(app: Path, picture: Path, clip: Path) -> dict[str, float]:
    environment = {**os.environ, "PYTHONPATH": "", "MODELS_PATH": "models"}
    for name in ("WARM_ENGINES", "DOCUMENTS"):
        environment.pop(name, None)
    command = [sys.executable, "-P", str(_CHILD), str(ROOT), str(app), str(picture), str(clip)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
