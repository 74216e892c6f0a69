"""The disk is full: writes are refused by name, what was acknowledged stays, and with room again all goes on."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.adapters.cursors import Cursors
from shared.adapters.sqlite_documents import SqliteDocuments
from shared.adapters.system import SystemClock
from tests.fakes import fake_keys
from tests.functional.sqlite_writer import THINGS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be given less disk there")
def test_a_full_disk_refuses_writes_and_loses_none_that_it_took(tmp_path: Path) -> None:
    file = tmp_path / "documents.sqlite"
    command = [sys.executable, "-m", "tests.functional.full_disk", str(file), "600000"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    words = ran.stdout.split()
    assert ran.returncode == 0, ran.stderr
    assert words[-2:] == ["full", "room"]
    assert len(words) > 5
    store = SqliteDocuments(file, SystemClock(), Cursors(fake_keys()))
    for number in words[:-2]:
        assert store.get(THINGS, "full", number) is not None, f"{number} was acknowledged and is gone"
    store.close()
