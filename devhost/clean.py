"""`atm.py clean`: remove the folder .atm. Needs nothing of the environment, which is among what it removes."""

import argparse
import shutil
from pathlib import Path

from devhost.claim import running_in
from devhost.setup.places import DATA, STATE, cache_folder
from devhost.setup.problem import SetupProblem


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py clean", description=__doc__)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--models", action="store_true", help="remove the models in the user's cache as well")
    given = parser.parse_args(argv)
    folders = [folder for folder in (STATE, *([cache_folder()] if given.models else [])) if folder.is_dir()]
    if not folders:
        print("There is nothing to remove.")
        return 0
    refuse_while_running(DATA)
    for folder in folders:
        print(f"  {folder}  {megabytes(folder):.0f} MB")
    if not given.yes and not agreed():
        print("Nothing was removed.")
        return 1
    for folder in folders:
        shutil.rmtree(folder)
    print("Removed.")
    return 0


def agreed() -> bool:
    """Asks; no answer is a no."""
    try:
        return input("Remove this, with every recording and person in it? [y/N] ").strip().lower() == "y"
    except EOFError:
        print()
        return False


def refuse_while_running(data: Path) -> None:
    running = running_in(data)
    if running:
        raise SetupProblem(f"Face ATM runs in this folder (process {running.process}). Stop it first.")


def megabytes(folder: Path) -> float:
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir()) / 1e6
