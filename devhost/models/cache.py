"""Where the weights live on this machine: outside the work tree, shared by every checkout."""

import hashlib
import json
import secrets
from pathlib import Path

from devhost.models.lock import LockedModel

STAMP = "stamp.json"


def write_atomically(path: Path, data: bytes) -> None:
    """All or nothing, also when two processes write the same file at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def missing(folder: Path, models: tuple[LockedModel, ...]) -> list[LockedModel]:
    """Those whose file is absent or altered. A file of unchanged size and time since its check is not read again."""
    stamps = _read_stamps(folder)
    wanting = [model for model in models if not _is_stamped(folder / model.file, stamps)]
    return [model for model in wanting if not matches(folder / model.file, model)]


def matches(path: Path, model: LockedModel) -> bool:
    try:
        if path.stat().st_size != model.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == model.sha256
    except OSError:
        return False


def stamp(folder: Path, models: tuple[LockedModel, ...]) -> None:
    """Remember size and time of files that have just been checked."""
    stamps = {model.file: _signature(folder / model.file) for model in models}
    if stamps != _read_stamps(folder):
        write_atomically(folder / STAMP, json.dumps(stamps).encode())


def from_sibling(folder: Path, model: LockedModel) -> bytes | None:
    """The same file from another version's folder beside this one."""
    for path in sorted(folder.parent.glob(f"*/{model.file}")):
        if path.parent != folder and matches(path, model):
            return path.read_bytes()
    return None


def _signature(path: Path) -> list[int]:
    facts = path.stat()
    return [facts.st_size, facts.st_mtime_ns]


def _is_stamped(path: Path, stamps: dict[str, list[int]]) -> bool:
    try:
        return stamps.get(path.name) == _signature(path)
    except OSError:
        return False


def _read_stamps(folder: Path) -> dict[str, list[int]]:
    try:
        content = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
