"""`atm.py models`: fetch, list, or lock the weights."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from devhost.models.lock import read_lock, rewrite_lock
from devhost.models.problem import ModelsProblem
from devhost.models.provision import ensure, relock


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py models", description="Fetch the engines' weights, checked by sum.")
    parser.add_argument("--list", action="store_true", help="show what is locked: file, size, licence, source")
    parser.add_argument("--relock", action="store_true", help="convert anew and write the results' sums into the lock")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="also copy them there, for a deployment")
    options = parser.parse_args(argv)
    try:
        if options.list:
            _show()
        elif options.relock:
            rewrite_lock(relock())
        else:
            print(f"Models: {_copied(ensure(), options.into) if options.into else ensure()}")
    except ModelsProblem as problem:
        print(f"Models: {problem}", file=sys.stderr)
        return 1
    return 0


def _copied(folder: Path, into: Path) -> Path:
    into.mkdir(parents=True, exist_ok=True)
    for model in read_lock():
        shutil.copyfile(folder / model.file, into / model.file)
    return into


def _show() -> None:
    for model in read_lock():
        print(f"{model.file}\n  {model.size / 1e6:.1f} MB, {model.licence}, {model.origin}")
        print(f"  from {model.carrier.requirement}: {model.member} ({model.convert})\n  sha256 {model.sha256}")
