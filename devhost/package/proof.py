"""The proof: the package starts by itself, in an environment made of its own lock and Microsoft's worker library."""

import base64
import json
import os
import secrets
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from devhost.package.requirements import read_pins
from devhost.setup.places import ROOT
from devhost.setup.problem import SetupProblem

_INDEX = Path(__file__).with_name("index_app.py")
WORKER = "azure-functions-runtime"
"""What Azure brings itself: the worker library, taken from the development lock with its dependencies."""


def extract(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder


def clean_environment(folder: Path, app: Path) -> Path:
    """An environment of the package's own lock and the worker library. Returns its Python. Raises SetupProblem."""
    _run([sys.executable, "-m", "venv", str(folder)])
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet", "--no-compile"]
    _run([*pip, "--require-hashes", "-r", str(app / "requirements.txt")])
    lock = folder / "worker.txt"
    lock.write_text(_worker_lock(), encoding="utf-8")
    _run([*pip, "--require-hashes", "--no-deps", "-r", str(lock)])
    return python


def index(python: Path, app: Path) -> dict[str, str]:
    """Function → kind of its trigger. Raises SetupProblem."""
    environment = {
        "ATM_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "AzureWebJobsStorage__blobServiceUri": "https://nowhere.invalid",
        "PATH": os.environ.get("PATH", ""),
        "SYSTEMROOT": os.environ.get("SYSTEMROOT", ""),
    }
    command = [str(python), "-I", "-B", str(_INDEX), str(ROOT), str(app)]
    answer = json.loads(_run(command, environment))
    if answer["foreign"]:
        raise SetupProblem(f"these modules are not in the package: {', '.join(answer['foreign'])}")
    return dict(answer["functions"])


def _worker_lock() -> str:
    names = {WORKER, "azurefunctions-extensions-base"}
    pins = [pin for pin in read_pins((ROOT / "requirements-dev.txt").read_text(encoding="utf-8")) if pin.name in names]
    return "".join(
        f"{pin.name}=={pin.version} {' '.join(f'--hash=sha256:{digest}' for digest in pin.hashes)}\n" for pin in pins
    )


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment, check=False)
    if done.returncode != 0:
        raise SetupProblem(f"{Path(command[0]).name} failed:\n{(done.stderr or done.stdout)[-2000:]}")
    return done.stdout
