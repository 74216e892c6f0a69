"""Children, ports and the claim on a folder, each against the operating system."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from devhost.claim import Claim, running_in
from devhost.ports import Ports, any_free_port, holder, is_free
from devhost.setup.problem import SetupProblem
from devhost.stack.child import Child

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("started", grandchild.pid, flush=True)
time.sleep(600)
"""
HOLD = "import sys, time; from pathlib import Path; from devhost.claim import Claim; c = Claim(Path(sys.argv[1]))\n"
HOLD += "c.take(); c.tell('http://here'); print('held', flush=True); time.sleep(600)"


def child(folder: Path, source: str) -> Child:
    return Child("It", [sys.executable, "-u", "-c", source], os.environ, folder / "it.log")


def wait_for_words(child: Child, words: str) -> str:
    deadline = time.monotonic() + 30
    while words not in (said := child.log.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline, said
        time.sleep(0.02)
    return said


def wait_for_the_end_of(process: int) -> None:
    """A process that was killed takes a moment to be gone; one that nobody collects stays as a zombie."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if psutil.Process(process).status() == psutil.STATUS_ZOMBIE:
                return
        except psutil.NoSuchProcess:
            return
        time.sleep(0.02)
    pytest.fail(f"process {process} still runs")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield int(server.getsockname()[1])


def test_a_child_that_ignores_the_request_to_stop_is_ended_with_what_it_started(tmp_path: Path) -> None:
    stubborn = child(tmp_path, STUBBORN)
    stubborn.start()
    parent, grandchild = stubborn.process_id, int(wait_for_words(stubborn, "started").split()[1])
    stubborn.stop(within=0.2)
    assert not psutil.pid_exists(parent)
    wait_for_the_end_of(grandchild)


def test_stopping_ends_nothing_that_somebody_else_started(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as bystander:
        mine = child(tmp_path, "import time; time.sleep(600)")
        mine.start()
        mine.stop(within=5)
        assert bystander.poll() is None
        bystander.kill()


def test_what_a_child_says_is_kept_without_colours(tmp_path: Path) -> None:
    talker = child(tmp_path, "print('\\x1b[31mred\\x1b[0m words'); raise SystemExit(3)")
    talker.start()
    wait_for_words(talker, "red words")
    while talker.exit_code is None:
        time.sleep(0.01)
    assert talker.exit_code == 3
    assert talker.last_lines() == "red words"


@pytest.mark.skipif(os.name == "nt", reason="SIGTERM ends a process there whatever it says")
def test_the_life_line_of_a_child_closes_when_it_is_stopped(tmp_path: Path) -> None:
    deaf = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)"
    reader = child(tmp_path, f"{deaf}; sys.stdin.read(); print('end of input')")
    reader.start()
    wait_for_words(reader, "deaf")
    reader.stop(within=20)
    assert "end of input" in reader.log.read_text(encoding="utf-8")


def test_a_taken_port_is_reported_with_its_holder_and_another_one_chosen(taken_port: int) -> None:
    told: list[tuple[str, str]] = []
    chosen = Ports(lambda name, sentence: told.append((name, sentence))).choose("Host", taken_port)
    assert chosen != taken_port
    assert is_free(chosen)
    assert [name for name, _ in told] == ["Host"]
    assert f"port {taken_port} is taken by" in told[0][1]
    assert f"(process {os.getpid()})" in told[0][1]
    assert f"using {chosen}" in told[0][1]


def test_a_demanded_port_that_is_taken_is_an_error_that_names_the_holder(taken_port: int) -> None:
    with pytest.raises(SetupProblem, match=rf"port {taken_port} is taken by .*\(process {os.getpid()}\)"):
        Ports(lambda *_: None).choose("Host", 7071, taken_port)


def test_one_choice_of_ports_never_gives_the_same_twice() -> None:
    ports = Ports(lambda *_: None)
    usual = any_free_port()
    assert len({ports.choose("a", usual), ports.choose("b", usual), ports.choose("c", usual)}) == 3


def test_a_port_whose_server_has_just_closed_is_free(taken_port: int) -> None:
    assert not is_free(taken_port)
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = int(server.getsockname()[1])
        with socket.create_connection(("127.0.0.1", port)):
            accepted, _ = server.accept()
            accepted.close()  # the server's side closes first and waits
    assert is_free(port)
    assert holder(port) is None


def test_a_folder_is_claimed_once_and_free_again_after_the_holder_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        found = running_in(tmp_path)
        assert found is not None
        assert (found.process, found.url) == (other.pid, "http://here")
        with pytest.raises(SetupProblem, match=f"process {other.pid}"):
            Claim(tmp_path).take()
        other.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        other.wait()
    assert running_in(tmp_path) is None
    mine = Claim(tmp_path)
    mine.take()
    mine.release()
    assert running_in(tmp_path) is None
