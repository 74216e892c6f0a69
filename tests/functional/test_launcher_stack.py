"""The supervisor against real processes: a small app, Azurite, the local host."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from devhost.claim import running_in
from devhost.setup.problem import SetupProblem
from devhost.stack import Stack, StackOptions

APP = Path(__file__).parent / "launcherapp"
RUN = """
import sys
from pathlib import Path
from devhost.__main__ import _interrupt_on_signals
from devhost.run import run
from devhost.setup.problem import SetupProblem
from devhost.stack import Stack, StackOptions
_interrupt_on_signals()
app, state, restarts = sys.argv[1:]
options = StackOptions(Path(app), Path(state), usual_ports=False, models=Path(state), restarts=int(restarts))
try:
    sys.exit(run(Stack(options)))
except SetupProblem as problem:
    sys.exit(str(problem))
"""


def options(state: Path, **settings: str) -> StackOptions:
    return StackOptions(APP, state, usual_ports=False, settings=settings, models=state, quiet=True)


def wait_until(true: Callable[[], bool], within: float = 120) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(options(tmp_path_factory.mktemp("with a space"), BANK_NAME="Umlauf Bänk")) as stack:
        yield stack


@contextmanager
def running(state: Path, restarts: int = 1) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`run` as a process of its own, once it is ready, and its address."""
    command = [sys.executable, "-c", RUN, str(APP), str(state), str(restarts)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            wait_until(lambda: process.poll() is not None or bool((found := running_in(state / "data")) and found.url))
            found = running_in(state / "data")
            assert found is not None, process.communicate()[0]
            yield process, found.url
        finally:
            process.kill()


def test_the_app_runs_with_the_settings_it_was_given(stack: Stack) -> None:
    assert requests.get(f"{stack.url}/api/setting/BANK_NAME", timeout=10).text == "Umlauf Bänk"
    assert requests.get(f"{stack.url}/api/setting/DOCUMENTS", timeout=10).text == "sqlite"
    assert requests.get(f"{stack.url}/api/setting/AzureWebJobsStorage", timeout=10).text == stack.storage_connection


def test_a_second_stack_stands_beside_the_first_with_its_own_ports_and_keys(stack: Stack, tmp_path: Path) -> None:
    with Stack(options(tmp_path)) as second:
        assert second.url != stack.url
        assert answers(f"{second.url}/api/health/ready")
        assert second.environment["ATM_KEYS"] != stack.environment["ATM_KEYS"]
        gone = f"{second.url}/api/health/ready"
    assert not answers(gone)
    assert answers(f"{stack.url}/api/health/ready")


def test_a_second_stack_in_the_same_folder_is_refused_and_does_no_harm(stack: Stack) -> None:
    with pytest.raises(SetupProblem, match=f"already runs in this folder as process .* at {stack.url}"):
        Stack(options(stack.options.state)).start()
    assert answers(f"{stack.url}/api/health/ready")


def test_a_killed_host_stays_down_until_it_is_started_again(stack: Stack) -> None:
    before = requests.get(f"{stack.url}/api/health/ready", timeout=10).text
    stack.kill_host()
    assert not answers(f"{stack.url}/api/health/ready")
    stack.start_host()
    assert requests.get(f"{stack.url}/api/health/ready", timeout=10).text != before


def test_a_host_that_cannot_start_is_told_with_its_last_words_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(SetupProblem, match="Host ended with exit code") as told:
        Stack(options(tmp_path, REFUSE_TO_START="yes")).start()
    assert "REFUSE_TO_START is set" in str(told.value)
    assert running_in(tmp_path / "data") is None
    left = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
    assert [command for command in left if str(tmp_path) in command] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_ends_every_process_and_the_exit_code_is_good(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as (process, url):
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 3  # host, storage, Azurite
        process.send_signal(number)
        assert process.wait(60) == 0
        assert [relative for relative in family if relative.is_running()] == []
        assert not answers(f"{url}/api/health/ready")
        assert running_in(tmp_path / "data") is None


def test_when_the_launcher_is_killed_its_processes_end_by_themselves(tmp_path: Path) -> None:
    with running(tmp_path) as (process, _):
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        wait_until(lambda: not any(relative.is_running() for relative in family))


def test_a_host_that_dies_is_started_again_but_not_for_ever(tmp_path: Path) -> None:
    with running(tmp_path, restarts=1) as (process, url):
        ready = f"{url}/api/health/ready"
        first = requests.get(ready, timeout=10).text
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{url}/api/die", timeout=10)
        wait_until(lambda: answers(ready))
        assert requests.get(ready, timeout=10).text != first
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{url}/api/die", timeout=10)
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 1
        assert "Host ended with exit code 9" in said
