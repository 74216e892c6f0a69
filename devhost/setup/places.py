"""Where the launcher keeps things. Everything it makes is in the one ignored folder `.atm`, save the models' cache."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".atm"
NODE = STATE / "node"
DATA = STATE / "data"
"""State of the stack of `run` and `demo`: documents, blobs, keys, logs."""


def cache_folder() -> Path:
    """`FACE_ATM_CACHE`, or the platform's place for files that can be made again."""
    chosen = os.environ.get("FACE_ATM_CACHE")
    if chosen:
        return Path(chosen).expanduser().resolve()
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "face-atm"
