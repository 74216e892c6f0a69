"""The npm packages of the local stack, installed from their locks: Azurite, and the Cosmos DB emulator on demand."""

import hashlib
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from devhost.setup.node import Node
from devhost.setup.places import NODE
from devhost.setup.problem import SetupProblem
from devhost.setup.progress import Progress

_STAMP = "made-from.txt"
_LOCKS = Path(__file__).parent / "node"


@dataclass(frozen=True, slots=True)
class Emulator:
    """`folder` names the manifest's folder here and the installation's under .atm/node; sizes are on disk."""

    what: str
    folder: str
    version: str
    size_mb: int

    @property
    def lock(self) -> Path:
        return _LOCKS / self.folder / "package-lock.json"

    @property
    def installation(self) -> Path:
        return NODE / self.folder

    @property
    def modules(self) -> Path:
        return self.installation / "node_modules"

    def is_installed(self) -> bool:
        """Whether what stands there was made from this very lock."""
        try:
            return (self.installation / _STAMP).read_text(encoding="utf-8") == self._digest()
        except OSError:
            return False

    def install(self, node: Node, progress: Progress) -> Path:
        """The folder of modules; nothing is done if it stands already. Raises SetupProblem."""
        if self.is_installed():
            return self.modules
        with progress.step(self.what, f"installing {self.version} with npm ({self.size_mb} MB)") as step:
            fresh = NODE / f"{self.folder}.new"
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(parents=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(self.lock.with_name(name), fresh)
            self._run_npm(node, fresh, progress)
            (fresh / _STAMP).write_text(self._digest(), encoding="utf-8")
            shutil.rmtree(self.installation, ignore_errors=True)
            fresh.rename(self.installation)
            step.result = f"{self.version}, {self.size_mb} MB"
        return self.modules

    def _digest(self) -> str:
        return hashlib.sha256(self.lock.read_bytes()).hexdigest()

    def _run_npm(self, node: Node, folder: Path, progress: Progress) -> None:
        # No package of the locks has an install script; none of a later one shall run unread.
        arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"]
        path = f"{node.program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = {**os.environ, "PATH": path, "npm_config_update_notifier": "false"}
        log = folder / "npm.log"
        with (
            log.open("wb") as output,
            subprocess.Popen(
                [node.program, node.npm, *arguments], cwd=folder, env=environment, stdout=output, stderr=output
            ) as npm,
        ):
            try:
                _follow(npm, folder, self, progress)
            except BaseException:
                npm.kill()
                raise
        if npm.returncode != 0:
            said = log.read_text(encoding="utf-8", errors="replace").strip()
            raise SetupProblem(f"npm could not install {self.what}:\n{said}\nCheck the network and run this again.")


def _follow(npm: subprocess.Popen[bytes], folder: Path, emulator: Emulator, progress: Progress) -> None:
    begun = time.monotonic()
    while True:
        try:
            npm.wait(timeout=0.5)
            return
        except subprocess.TimeoutExpired:
            modules = folder / "node_modules"
            count = sum(1 for _ in modules.iterdir()) if modules.is_dir() else 0
            seconds = time.monotonic() - begun
            progress.passing(emulator.what, f"installing {emulator.version}, {count} packages, {seconds:.0f} s")


STORAGE = Emulator("Azurite", "storage", "3.35.0", 190)
DOCUMENTS = Emulator("Cosmos DB", "documents", "1.0.1", 140)
