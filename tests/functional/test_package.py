"""The deployment zip, made from this tree with small stand-ins for the models, starts by itself."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from devhost.package.archive import pack
from devhost.package.command import LICENCES, SBOM, TRIGGERS, Package, make
from devhost.package.proof import extract, index
from devhost.setup.places import ROOT
from devhost.setup.problem import SetupProblem
from devhost.stack.environment import server_keys


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    models = tmp_path_factory.mktemp("models")
    (models / "yunet.onnx").write_bytes(b"weights")
    (models / "stamp.json").write_text("{}")
    return make(ROOT, models, tmp_path_factory.mktemp("package"))


def test_it_holds_the_app_its_models_and_what_it_is_made_of_and_nothing_of_development(package: Package) -> None:
    names = zipfile.ZipFile(package.archive).namelist()
    assert {"function_app.py", "models/yunet.onnx", LICENCES, SBOM, "NOTICE"} <= set(names)
    assert "models/stamp.json" not in names
    assert not [name for name in names if name.startswith(("tests/", "devhost/", "bench/", ".", "infra/"))]


def test_the_same_tree_gives_the_same_zip(package: Package, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    pack(package.app, again, most_bytes=10**9)
    assert again.read_bytes() == package.archive.read_bytes()


def test_one_that_grew_too_large_is_refused(package: Package, tmp_path: Path) -> None:
    with pytest.raises(SetupProblem, match="MB"):
        pack(package.app, tmp_path / "large.zip", most_bytes=1000)


def test_the_worker_library_finds_its_functions_in_an_empty_folder(package: Package, tmp_path: Path) -> None:
    functions = index(Path(sys.executable), extract(package.archive, tmp_path / "app"))
    assert set(functions) >= TRIGGERS | {"page_home", "session_start", "health_live", "sweep_visits"}
    assert {functions[name] for name in TRIGGERS} == {"blobTrigger"}


def test_a_package_that_lacks_a_module_is_not_taken_for_whole(package: Package, tmp_path: Path) -> None:
    app = extract(package.archive, tmp_path / "app")
    (app / "shared" / "trace.py").unlink()
    with pytest.raises(SetupProblem, match=r"shared|trace"):
        index(Path(sys.executable), app)


def test_an_instance_that_only_answers_imports_no_engine_and_no_sdk(package: Package, tmp_path: Path) -> None:
    app = extract(package.archive, tmp_path / "app")
    heavy = ("numpy", "cv2", "onnxruntime", "soxr", "twilio", "azure.identity", "azure.cosmos", "opentelemetry.sdk")
    code = (
        f"import function_app, sys; function_app.app.get_functions(); print([n for n in {heavy} if n in sys.modules])"
    )
    environment = {
        **os.environ,
        "ATM_KEYS": server_keys(tmp_path / "keys"),
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    }
    environment = {name: value for name, value in environment.items() if name not in {"WARM_ENGINES", "PYTHONPATH"}}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=app, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
