"""Final files from a folder or URL of the user's own (`MODELS_MIRROR`), for networks without a package index."""

import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from devhost.models.lock import LockedModel
from devhost.models.problem import ModelsProblem

TIMEOUT_S = 60


def from_mirror(mirror: str, model: LockedModel) -> bytes:
    """The model's bytes, unchecked but not longer than one byte more than they should be."""
    where = f"{mirror.rstrip('/')}/{model.file}"
    try:
        if urllib.parse.urlsplit(mirror).scheme in ("http", "https"):
            with urllib.request.urlopen(where, timeout=TIMEOUT_S) as response:  # noqa: S310 (http and https only)
                return bytes(response.read(model.size + 1))
        with (Path(mirror).expanduser() / model.file).open("rb") as file:
            return file.read(model.size + 1)
    except (OSError, urllib.error.URLError) as error:
        raise ModelsProblem(
            f"The mirror does not give {model.file}: {error}\n"
            f"MODELS_MIRROR is {mirror}. It must hold the files named in models.lock.json; copy the models folder of a "
            "machine that has them (python atm.py models prints where it is), or unset MODELS_MIRROR."
        ) from None
