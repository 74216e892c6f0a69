"""The folder and the zip that are deployed."""

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from devhost.package.ignore import deployed_files, read_rules
from devhost.setup.problem import SetupProblem

_EPOCH = (2020, 1, 1, 0, 0, 0)
_STORED = frozenset(
    {".onnx", ".ort", ".bin", ".jpg", ".png", ".woff2"}
)  # compressing these costs seconds, saves nothing


def lay_out(root: Path, models: Path, target: Path, extra: Mapping[str, str]) -> None:
    """Fill `target` anew: the deployed files of `root`, the models, and the texts of `extra` by name."""
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    rules = read_rules((root / ".funcignore").read_text(encoding="utf-8"))
    for file in deployed_files(root, rules):
        if file.relative_to(root).parts[0] != "models":
            _copy(file, target / file.relative_to(root))
    for model in sorted(path for path in models.iterdir() if path.suffix in {".onnx", ".ort", ".bin"}):
        _copy(model, target / "models" / model.name)
    for name, text in extra.items():
        (target / name).write_text(text, encoding="utf-8")


def pack(folder: Path, archive: Path, *, most_bytes: int) -> int:
    """Zip `folder`; the same files give the same bytes. Returns the size. Raises SetupProblem if it is too large."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if file.suffix in _STORED else zipfile.ZIP_DEFLATED
            packed.writestr(entry, file.read_bytes())
    size = archive.stat().st_size
    if size > most_bytes:
        raise SetupProblem(f"{archive.name} has {size / 1e6:.0f} MB; a package may have {most_bytes / 1e6:.0f}.")
    return size


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
