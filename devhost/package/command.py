"""`atm.py package`: make the deployment zip with its bill of materials, and prove that it starts by itself."""

import argparse
import shutil
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

from devhost.models.lock import read_lock
from devhost.package.archive import lay_out, pack
from devhost.package.licences import collected, licences_of
from devhost.package.proof import clean_environment, extract, index
from devhost.package.requirements import read_pins
from devhost.package.sbom import bill
from devhost.setup.places import ROOT, STATE
from devhost.setup.problem import SetupProblem
from devhost.setup.progress import Progress
from devhost.stack.prepared import fetch_models

FOLDER = STATE / "package"
MOST_BYTES = 250_000_000
"""A new instance fetches the package before its first answer; ours has 117 MB, nearly all of it weights."""
LICENCES, SBOM = "THIRD-PARTY-LICENCES.txt", "sbom.cdx.json"
TRIGGERS = {"identify_face", "verify_voice", "index_recording"}


@dataclass(frozen=True, slots=True)
class Package:
    app: Path
    archive: Path
    size: int


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py package", description=__doc__)
    parser.add_argument("--no-proof", action="store_true", help="do not index it in an environment of its own")
    given = parser.parse_args(argv)
    progress = Progress()
    package = make(ROOT, fetch_models(progress), FOLDER)
    files = sum(1 for path in package.app.rglob("*") if path.is_file())
    progress.done("Package", f"{package.archive}, {package.size / 1e6:.1f} MB, {files} files")
    if not given.no_proof:
        prove(package, progress)
    return 0


def make(root: Path, models: Path, folder: Path) -> Package:
    """Folder, zip and bill of materials below `folder`. Raises SetupProblem."""
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    found, absent = licences_of(read_pins((root / "requirements.txt").read_text(encoding="utf-8")))
    texts = {LICENCES: collected(found, absent), SBOM: bill(version, found, absent, read_lock())}
    app = folder / "app"
    lay_out(root, models, app, texts)
    (folder / SBOM).write_text(texts[SBOM], encoding="utf-8")
    archive = folder / f"face-atm-{version}.zip"
    return Package(app, archive, pack(app, archive, most_bytes=MOST_BYTES))


def prove(package: Package, progress: Progress) -> None:
    """Raises SetupProblem if the zip does not start in an environment of its own lock."""
    begun = time.monotonic()
    progress.passing("Proof", "installing its lock into an environment of its own")
    scratch = Path(tempfile.mkdtemp(prefix="face-atm-package-"))
    try:
        app = extract(package.archive, scratch / "app")
        python = clean_environment(scratch / "venv", app)
        functions = index(python, app)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if TRIGGERS - set(functions):
        raise SetupProblem(f"the package lacks {', '.join(sorted(TRIGGERS - set(functions)))}")
    progress.done("Proof", f"{len(functions)} functions found by the worker library", time.monotonic() - begun)
