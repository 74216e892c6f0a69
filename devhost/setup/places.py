"""Where the launcher keeps things. Everything it makes is in the one ignored folder `.atm`, save the models' cache."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".atm"
NODE = STATE / "node"
DATA = STATE / "data"
"""State of the stack of `run` and `demo`: documents, blobs, keys, logs."""
