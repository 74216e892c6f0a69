"""Where the functions of these apps write what happened to them, for the test to read."""

import json
import os
import threading
import time
from pathlib import Path

_writing = threading.Lock()


def note(function: str, **entry: object) -> None:
    """Append one line."""
    with _writing, Path(os.environ["JOURNAL"]).open("a", encoding="utf-8") as out:
        out.write(json.dumps({"function": function, "pid": os.getpid(), **entry}) + "\n")


def wait_for(gate: Path) -> None:
    """Until the test makes this file."""
    while not gate.exists():
        time.sleep(0.01)
