"""`atm.py bench [NAME [OPTIONS]]`: run bench/NAME.py; without a name, the quick ones in short form."""

import importlib
import time
from pathlib import Path

from devhost.setup.places import ROOT
from devhost.setup.progress import Progress
from devhost.stack.options import StackOptions
from devhost.stack.prepared import prepare

_FOLDER = ROOT / "bench"
QUICK = {
    "documents": ["--documents", "1000", "--cosmos", "0", "--times", "100"],
    "trigger": ["--blobs", "10", "--writes", "30"],
    "gallery": ["--sizes", "100000"],
    "faces": [],
    "visit": ["--kiosks", "1", "--visits", "4", "--profile", "fast"],
}
"""Name and options of what runs without a name: a minute or less each."""


def main(argv: list[str]) -> int:
    names = benchmarks(_FOLDER)
    if argv and argv[0] in ("-h", "--help"):
        print(f"{__doc__}\n\nBenchmarks: {', '.join(names)}")
        return 0
    if argv and argv[0] not in names:
        print(f"There is no benchmark {argv[0]!r}. There are: {', '.join(names)}")
        return 2
    alone = "--json" in argv  # then the standard output is the result and nothing else
    prepare(StackOptions(documents="cosmos"), Progress(quiet=alone))
    if alone:
        code: int = importlib.import_module(f"bench.{argv[0]}").main(argv[1:])
        return code
    if argv:
        return _run(argv[0], argv[1:])
    return max(_run(name, options) for name, options in QUICK.items())


def benchmarks(folder: Path) -> list[str]:
    """Modules with a `main`; what they share has none."""
    files = sorted(folder.glob("*.py"))
    return [file.stem for file in files if "\ndef main(" in file.read_text(encoding="utf-8")]


def _run(name: str, argv: list[str]) -> int:
    print(f"\n== {name}", flush=True)
    begun = time.monotonic()
    code: int = importlib.import_module(f"bench.{name}").main(argv)
    print(f"   {time.monotonic() - begun:.1f} s{'' if code == 0 else ', target missed'}")
    return code
