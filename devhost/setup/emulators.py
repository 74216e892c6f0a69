"""The npm packages of the local stack, installed from their lock: Azurite, and on demand the Cosmos DB emulator."""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from devhost.claim import running_in
from devhost.setup.node import Node
from devhost.setup.places import DATA, NODE
from devhost.setup.problem import SetupProblem
from devhost.setup.progress import Progress

_LOCK = Path(__file__).parent / "node" / "package-lock.json"
_STAMP = "made-from.txt"
MODULES = NODE / "node_modules"


class Emulators(StrEnum):
    """`ALL` is the lock's `devDependencies` as well, half as much again to install."""

    STORAGE = "Azurite 3.35.0"
    ALL = "Azurite 3.35.0 and the Cosmos DB emulator 1.0.1"


_DISK_MB = {Emulators.STORAGE: 186, Emulators.ALL: 239}


def are_installed(wanted: Emulators) -> bool:
    """Whether what stands there was made from this very lock and has at least what is wanted."""
    try:
        stamp = (NODE / _STAMP).read_text(encoding="utf-8")
    except OSError:
        return False
    return stamp in {_stamp(wanted), _stamp(Emulators.ALL)}


@contextmanager
def installed_emulators(wanted: Emulators, node: Node, progress: Progress) -> Iterator[None]:
    """They stand in MODULES when the block ends; npm works while it runs. Nothing is done if they stand already.

    Raises SetupProblem.
    """
    if are_installed(wanted):
        yield
        return
    if NODE.exists() and running_in(DATA):
        raise SetupProblem("The emulators must be installed anew, and Face ATM runs in this folder. Stop it first.")
    fresh = NODE.with_name("node.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_LOCK.with_name(name), fresh)
    with progress.step("Emulators", f"installing {wanted} with npm ({_DISK_MB[wanted]} MB)") as step:
        with _npm(wanted, node, fresh) as npm:
            yield
            _follow(npm, fresh / "node_modules", progress)
        (fresh / _STAMP).write_text(_stamp(wanted), encoding="utf-8")
        shutil.rmtree(NODE, ignore_errors=True)
        fresh.rename(NODE)
        step.result = f"{wanted}, {_DISK_MB[wanted]} MB"


def install_emulators(wanted: Emulators, node: Node, progress: Progress) -> Path:
    """The folder of modules, with what is wanted in it. Raises SetupProblem."""
    with installed_emulators(wanted, node, progress):
        return MODULES


def _stamp(wanted: Emulators) -> str:
    return f"{wanted.name} {hashlib.sha256(_LOCK.read_bytes()).hexdigest()}"


@contextmanager
def _npm(wanted: Emulators, node: Node, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """npm at work in a folder; killed if the block is left with an error."""
    # No package of the lock has an install script; none of a later one shall run unread.
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"]
    arguments += ["--omit=dev"] if wanted is Emulators.STORAGE else []
    path = f"{node.program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "npm_config_update_notifier": "false"}
    log = folder / "npm.log"
    with log.open("wb") as output:
        npm = subprocess.Popen(
            [node.program, node.npm, *arguments], cwd=folder, env=environment, stdout=output, stderr=output
        )
    try:
        yield npm
    finally:
        if npm.poll() is None:
            npm.kill()
            npm.wait()
    if npm.returncode != 0:
        said = log.read_text(encoding="utf-8", errors="replace").strip()
        raise SetupProblem(f"npm could not install {wanted}:\n{said}\nCheck the network and run this again.")


def _follow(npm: subprocess.Popen[bytes], modules: Path, progress: Progress) -> None:
    begun = time.monotonic()
    while True:
        try:
            npm.wait(timeout=0.5)
            return
        except subprocess.TimeoutExpired:
            count = sum(1 for _ in modules.iterdir()) if modules.is_dir() else 0
            progress.passing("Emulators", f"installing, {count} packages, {time.monotonic() - begun:.0f} s")
