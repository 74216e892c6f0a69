"""What the engines' libraries do behind our back: nothing is to be left on the machine or told to their makers."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.engine_files import models_folder, person_frame

ROOT = Path(__file__).parents[2]
ANALYSES = """
import sys
from pathlib import Path
from shared.engines.face import EmbeddedFaceEngine
from shared.engines.face_settings import FaceSettings
found = EmbeddedFaceEngine(Path(sys.argv[1]), FaceSettings()).analyse(sys.stdin.buffer.read())
print("live" if found.live else "not live")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the runtime keeps its files in other places")
def test_a_process_that_analyses_leaves_no_identifier_and_no_events_on_the_machine(tmp_path: Path) -> None:
    """In an environment of its own: the runtime is silent anyway where a build server is at work."""
    done = subprocess.run(
        [sys.executable, "-c", ANALYSES, str(models_folder())],
        cwd=ROOT,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        input=person_frame("person-a", 1),
        capture_output=True,
        check=True,
    )
    assert done.stdout.split() == [b"live"]
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*")] == []
