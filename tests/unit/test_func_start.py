"""Core Tools and the editor: what is started when `func` is asked for, and that the examples fit the app."""

import json
import re
from pathlib import Path

import pytest
import yaml

from devhost.setup.node import Node
from devhost.setup.problem import SetupProblem
from devhost.stack.environment import Addresses
from devhost.stack.options import StackOptions
from devhost.stack.prepared import Prepared
from devhost.stack.processes import host_command, storage_command
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
WHERE = Addresses(app=7071, blobs=10000, queues=10001, phone=7072)
FUNC = StackOptions(use_func=True)


@pytest.fixture
def func(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "func"
    program.touch(mode=0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(program) if name == "func" else None)
    return program


def test_core_tools_is_started_when_it_is_on_the_path(func: Path) -> None:
    assert host_command(FUNC, WHERE) == [str(func), "start", "--port", "7071"]


def test_without_it_one_sentence_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SetupProblem, match="Core Tools"):
        host_command(FUNC, WHERE)


def test_events_come_without_a_key_since_func_start_checks_none() -> None:
    prepared = Prepared(Node(Path("node"), Path("npm"), "22.0.0", "PATH"), Path("modules"), Path("models"))
    assert "--keys" not in storage_command(FUNC, prepared, WHERE)
    assert "--keys" in storage_command(StackOptions(), prepared, WHERE)
    assert "http://127.0.0.1:7071/runtime/webhooks/blobs" in storage_command(FUNC, prepared, WHERE)


def test_the_sample_settings_are_the_apps() -> None:
    values = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
    known = {str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()}
    host = {"FUNCTIONS_WORKER_RUNTIME", "AZUREWEBJOBSDISABLEHOMEPAGE"}
    assert {name.upper() for name in values} <= known | host


def test_every_request_of_the_editor_is_one_of_the_api() -> None:
    paths = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))["paths"]
    asked = re.findall(
        r"^(GET|POST) \{\{host\}\}(\S+)", (ROOT / "tests.http").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(asked) > 8
    for method, path in asked:
        assert method.lower() in paths[path], path


def test_the_editor_starts_and_attaches_to_both_hosts() -> None:
    launch = json.loads((ROOT / ".vscode" / "launch.json").read_text())["configurations"]
    tasks = {task["label"]: task for task in json.loads((ROOT / ".vscode" / "tasks.json").read_text())["tasks"]}
    local, attach = launch[0], launch[1]
    assert (local["request"], local["module"], local["args"]) == ("launch", "devhost", ["run"])
    listening = tasks[attach["preLaunchTask"]]["options"]["env"]["languageWorkers__python__arguments"]
    assert listening.endswith(f"{attach['connect']['host']}:{attach['connect']['port']}")
