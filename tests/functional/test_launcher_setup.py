"""The launcher's own files and folders: set up once, found again, removed."""

import base64
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from devhost import clean
from devhost.claim import Claim
from devhost.setup import emulators
from devhost.setup.chromium import find_chromium
from devhost.setup.emulators import Emulators, install_emulators
from devhost.setup.node import Node
from devhost.setup.places import ROOT
from devhost.setup.problem import SetupProblem
from devhost.setup.progress import Progress
from devhost.stack import StackOptions
from devhost.stack.environment import Addresses, app_environment, server_keys

NOWHERE = Node(Path("no-such-node"), Path("no-such-npm"), "20.0.0", "nowhere")
ADDRESSES = Addresses(app=7071, blobs=10000, queues=10001, phone=7071)
posix_only = pytest.mark.skipif(os.name == "nt", reason="links and modes of POSIX")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The launcher alone in a folder with a space, with an environment that counts as made."""
    folder = tmp_path / "my clone"
    (folder / ".atm" / "venv" / "bin").mkdir(parents=True)
    (folder / ".atm" / "venv" / "bin" / "python").symlink_to(sys.executable)
    (folder / "devhost").mkdir()
    (folder / "devhost" / "__main__.py").write_text("import sys; print(sys.argv[1:]); sys.exit(7)", encoding="utf-8")
    for name in ("atm.py", ".python-version"):
        shutil.copy(ROOT / name, folder)
    (folder / "requirements-dev.txt").write_text("# nothing\n", encoding="utf-8")
    return folder


def launch(clone: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """In another folder, with nothing on PATH and no home: what was set up once needs neither."""
    command = [sys.executable, str(clone / "atm.py"), *arguments]
    environment = {"PATH": "", "HOME": str(clone / "nobody"), "PIP_INDEX_URL": "http://127.0.0.1:9/"}
    return subprocess.run(command, cwd=clone.parent, env=environment, capture_output=True, text=True)


def install(wanted: Emulators) -> None:
    install_emulators(wanted, NOWHERE, Progress(quiet=True))


@posix_only
def test_a_second_start_hands_over_at_once_with_arguments_and_exit_code(clone: Path) -> None:
    digest = subprocess.run(
        [sys.executable, "-c", "import atm; print(atm.lock_digest())"], cwd=clone, capture_output=True, text=True
    )
    (clone / ".atm" / "venv" / "made-from.txt").write_text(digest.stdout.strip(), encoding="utf-8")
    done = launch(clone, "run", "--set", "BANK_NAME=My Bank")
    assert (done.stdout, done.returncode) == ("['run', '--set', 'BANK_NAME=My Bank']\n", 7)


@posix_only
def test_without_the_right_python_the_launcher_says_how_to_get_it(clone: Path) -> None:
    (clone / ".python-version").write_text("3.99\n", encoding="utf-8")
    done = launch(clone, "run")
    assert done.returncode == 1
    assert "needs Python 3.99" in done.stderr
    assert "uv python install 3.99" in done.stderr


@posix_only
def test_an_interrupted_set_up_leaves_nothing_working_on(clone: Path) -> None:
    child = "import subprocess, sys; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); p.wait()"
    source = f"import atm, sys; atm.run([sys.executable, '-c', {child!r}], lambda line: print(line, flush=True))"
    with subprocess.Popen([sys.executable, "-c", source], cwd=clone, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout is not None
        grandchild = psutil.Process(int(launcher.stdout.readline()))
        launcher.send_signal(signal.SIGINT)
    gone, alive = psutil.wait_procs([grandchild], timeout=10)
    assert (gone, alive) == ([grandchild], [])


def test_installed_emulators_are_not_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulators, "NODE", tmp_path)
    monkeypatch.setattr(emulators, "DATA", tmp_path / "data")
    stamp = tmp_path / "made-from.txt"
    stamp.write_text(emulators._stamp(Emulators.STORAGE), encoding="utf-8")
    install(Emulators.STORAGE)
    with pytest.raises(FileNotFoundError):  # the smaller set is not enough: the npm that is not there is asked
        install(Emulators.ALL)
    stamp.write_text(emulators._stamp(Emulators.ALL), encoding="utf-8")
    install(Emulators.STORAGE)


def test_the_npm_lock_pins_every_package_by_hash_and_names_no_host() -> None:
    folder = ROOT / "devhost" / "setup" / "node"
    text = (folder / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert '"resolved"' not in text
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []
    assert [name for name, entry in packages.items() if entry.get("hasInstallScript")] == []
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    direct = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert {name: packages[f"node_modules/{name}"]["version"] for name in direct} == direct
    assert Emulators.STORAGE.value.endswith(f" {direct['azurite']}")
    assert Emulators.ALL.value.endswith(f" {direct['@vercel/cosmosdb-server']}")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-node.txt"])
def test_the_python_locks_pin_every_package_by_hash_and_name_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pinned = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    assert pinned
    assert [line for line in pinned if not re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+ .*\\$|[\w.-]+==\S+ \\$", line)] == []
    assert "://" not in text


def test_what_the_developer_set_wins_over_defaults_but_not_over_the_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"SMS_PROVIDER": "twilio", "AzureWebJobsStorage": "UseDevelopmentStorage=true"}
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": values}), encoding="utf-8")
    monkeypatch.setenv("SQLITE_PATH", "elsewhere.sqlite")
    monkeypatch.setenv("DEVPHONE_URL", "http://elsewhere")
    options = StackOptions(tmp_path, tmp_path, settings={"BANK_NAME": "Mine", "DOCUMENTS": "cosmos"})
    environment = app_environment(options, ADDRESSES, tmp_path / "models")
    assert "SMS_PROVIDER" not in environment  # the host reads it from the file
    assert environment["SQLITE_PATH"] == "elsewhere.sqlite"
    assert environment["DEVPHONE_URL"] == "http://127.0.0.1:7071"
    assert "BlobEndpoint=http://127.0.0.1:10000/" in environment["AzureWebJobsStorage"]
    assert (environment["BANK_NAME"], environment["DOCUMENTS"]) == ("Mine", "cosmos")


@posix_only
def test_the_servers_keys_are_made_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    file = tmp_path / "data" / "keys.txt"
    keys = server_keys(file)
    assert server_keys(file) == keys
    name, _, encoded = keys.partition(":")
    assert (name, len(base64.b64decode(encoded, validate=True))) == ("k1", 32)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert server_keys(tmp_path / "other.txt") != keys


def test_a_chosen_chromium_that_is_not_there_is_not_replaced_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM_PATH", str(tmp_path / "none"))
    assert find_chromium() is None
    (tmp_path / "none").write_text("", encoding="utf-8")
    assert find_chromium() == tmp_path / "none"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    state = tmp_path / ".atm"
    (state / "data").mkdir(parents=True)
    monkeypatch.setattr(clean, "STATE", state)
    monkeypatch.setattr(clean, "DATA", state / "data")
    monkeypatch.setattr(clean, "cache_folder", lambda: tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    return state


def test_clean_removes_the_state_and_leaves_the_models(state: Path) -> None:
    assert clean.main(["--yes"]) == 0
    assert not state.exists()
    assert (state.parent / "cache").is_dir()
    assert clean.main(["--yes", "--models"]) == 0
    assert not (state.parent / "cache").exists()


def test_clean_asks_and_takes_silence_for_no(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "")
    assert clean.main([]) == 1
    assert state.is_dir()


def test_clean_refuses_while_a_stack_of_the_folder_runs(state: Path) -> None:
    claim = Claim(state / "data")
    claim.take()
    with pytest.raises(SetupProblem, match=f"process {os.getpid()}"):
        clean.main(["--yes"])
    assert state.is_dir()
    claim.release()
