"""HTTP functions behave in the local host as they do in Azure."""

import json
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.functional.hostapps.running import RunningHost, free_ports, wait_until

TOO_LARGE = 104_857_600 + 1


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    environment = {"AzureWebJobs.switched_off.Disabled": "1"}
    running = RunningHost("web", tmp_path_factory.mktemp("web"), "--log", "DEBUG", environment=environment)
    running.start()
    yield running
    assert running.stop() == 0


def test_a_request_reaches_its_function_as_the_real_host_would_hand_it_over(host: RunningHost) -> None:
    path = "/api/echo/abc/x/y%20z?a=1&a=2&empty=&b=%C3%A9"
    seen = host.request("POST", path, b"12345", {"X-Mixed-Case": "Kept As Is"}).json()
    assert seen["method"] == "POST"
    assert seen["query"] == {"a": "1,2", "b": "é"}  # repeated values are joined, empty ones vanish
    assert seen["route"] == {"name": "abc", "rest": "x/y z"}
    assert seen["headers"]["x-mixed-case"] == "Kept As Is"
    assert "X-Mixed-Case" not in seen["headers"]
    assert seen["url"].startswith(f"{host.url}/api/echo/abc/x/y")
    assert seen["length"] == 5


def test_a_body_without_content_length_is_dropped(host: RunningHost) -> None:
    chunked = host.request("POST", "/api/echo/abc", iter([b"123", b"45"]))
    assert chunked.json()["length"] == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nothing"),
        ("DELETE", "/api/plain"),  # not 405
        ("HEAD", "/api/plain"),  # HEAD is a method of its own
        ("GET", "/api/echo/abc1"),  # the constraint does not hold
        ("GET", "/plain"),  # without the prefix
        ("GET", "/api/off"),  # disabled
    ],
)
def test_what_fits_no_function_is_404(host: RunningHost, method: str, path: str) -> None:
    answer = host.request(method, path)
    assert answer.status_code == 404
    assert answer.content == b""


def test_routes_are_tried_in_the_order_of_the_functions_names_whatever_their_case(host: RunningHost) -> None:
    assert host.request("GET", "/api/pick/x").json() == "first"


def test_an_exception_is_an_empty_500_and_its_text_stays_inside(host: RunningHost) -> None:
    answer = host.request("GET", "/api/boom")
    assert (answer.status_code, answer.content) == (500, b"")
    assert "a detail that no caller may see" in host.said()


def test_a_body_over_the_limit_is_500_and_is_not_read(host: RunningHost) -> None:
    with socket.create_connection(("127.0.0.1", host.port), timeout=30) as connection:
        head = f"POST /api/echo/abc HTTP/1.1\r\nHost: x\r\nContent-Length: {TOO_LARGE}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 500 ")


def test_plain_text_cookies_and_headers_come_back_as_the_function_made_them(host: RunningHost) -> None:
    assert host.request("GET", "/api/plain").text == "plain text"
    answer = host.request("GET", "/api/cookies")
    assert answer.headers["X-Own"] == "kept"
    assert "Server" not in answer.headers
    cookies = answer.raw.headers.getlist("Set-Cookie")
    assert [cookie.split(";")[0] for cookie in cookies] == ["a=1", "b=2"]
    assert "HttpOnly" in cookies[0]
    assert "SameSite=Strict" in cookies[0]
    assert "Secure" in cookies[1]


def test_an_async_function_works(host: RunningHost) -> None:
    assert host.request("GET", "/api/thinking").status_code == 200


def test_the_home_page_and_the_ping_answer(host: RunningHost) -> None:
    assert host.request("GET", "/").status_code == 200
    assert host.request("GET", "/admin/host/ping").status_code == 200
    assert host.request("GET", "/admin/host/status").json()["state"] == "Running"


def test_the_functions_are_listed_with_their_bindings(host: RunningHost) -> None:
    listed = {entry["name"]: entry for entry in host.request("GET", "/admin/functions").json()}
    assert set(listed) >= {"echo", "boom", "A_first", "b_second"}
    assert listed["switched_off"]["isDisabled"]
    trigger, output = listed["echo"]["config"]["bindings"]
    assert (trigger["type"], trigger["methods"], output["type"]) == ("httpTrigger", ["GET", "POST"], "http")


def test_a_page_of_another_site_cannot_use_the_control_endpoints(host: RunningHost) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        assert host.request("GET", "/admin/functions", headers=headers).status_code == 403
        assert host.request("POST", "/admin/functions/echo", b"{}", headers).status_code == 403


def test_without_required_keys_a_function_is_open_as_with_func_start(host: RunningHost) -> None:
    assert host.request("GET", "/api/locked").status_code == 200


def test_the_log_names_requests_but_never_a_key_and_leaves_the_apps_words_alone(host: RunningHost) -> None:
    host.request("POST", "/api/says?code=very-secret-key&kiosk=k7")
    host.request("GET", "/api/nothing?code=very-secret-key")
    assert "POST /api/says?code&kiosk 200" in host.said()
    assert "the app's own words" in host.said()
    assert "very-secret-key" not in host.said()


def test_with_required_keys_each_door_needs_its_key(tmp_path: Path) -> None:
    host = RunningHost("web", tmp_path, "--require-keys")
    host.start()
    keys = json.loads((host.state / "keys.json").read_text(encoding="utf-8"))
    own, master = keys["functions"]["locked"]["default"], keys["masterKey"]
    assert host.request("GET", "/api/locked").status_code == 401
    assert host.request("GET", "/api/locked?code=wrong").status_code == 401
    assert host.request("GET", f"/api/locked?code={own}").status_code == 200
    assert host.request("GET", "/api/locked", headers={"x-functions-key": own}).status_code == 200
    assert host.request("GET", "/api/plain").status_code == 200
    assert host.request("GET", "/admin/functions").status_code == 401
    assert host.request("GET", "/admin/functions", headers={"x-functions-key": own}).status_code == 401
    assert host.request("GET", "/admin/functions", headers={"x-functions-key": master}).status_code == 200
    assert host.stop() == 0
    assert own not in host.said()


def test_draining_finishes_what_runs_refuses_what_comes_and_exits_with_0(tmp_path: Path) -> None:
    host, gate = RunningHost("web", tmp_path), tmp_path / "gate"
    host.start()
    answers: list[requests.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(host.request("GET", f"/api/slow?until={gate}")))
    waiting.start()
    wait_until(lambda: host.entries("slow"), "the slow function's start")
    host.process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM))
    wait_until(lambda: host.request("GET", "/api/plain").status_code == 503, "the first refusal")
    assert host.process.poll() is None
    gate.touch()
    waiting.join()
    assert (answers[0].status_code, answers[0].json()) == (200, "slow but done")
    assert host.process.wait(30) == 0


def test_a_function_over_its_time_is_500_and_one_that_never_ends_does_not_keep_the_host_alive(tmp_path: Path) -> None:
    environment = {"AzureFunctionsJobHost__functionTimeout": "00:00:00.2"}
    host = RunningHost("web", tmp_path, "--grace", "0.5", environment=environment)
    host.start()
    assert host.request("GET", f"/api/slow?until={tmp_path / 'never'}").status_code == 500
    assert "slow exceeded functionTimeout" in host.said()
    assert host.stop() == 3
    assert "Not everything finished" in host.said()


def test_an_empty_prefix_and_a_disabled_home_page_leave_the_root_to_the_app(tmp_path: Path) -> None:
    environment = {
        "AzureFunctionsJobHost__extensions__http__routePrefix": "",
        "AzureWebJobsDisableHomepage": "true",
    }
    host = RunningHost("web", tmp_path, environment=environment)
    host.start()
    assert host.request("GET", "/plain").text == "plain text"
    assert host.request("GET", "/api/plain").status_code == 404
    assert host.request("GET", "/").status_code == 204
    assert host.stop() == 0


def test_a_taken_port_is_named_and_ends_the_start(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    host = RunningHost("web", tmp_path)
    host.command = [*host.command, "--port", str(port)]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(AssertionError, match=f"Port {port} "):
            host.start()
    assert host.process.wait(30) == 2


@pytest.mark.parametrize(
    ("app", "words"), [("broken", "this app is broken"), ("polling", "scan must declare source=EventGrid")]
)
def test_an_app_that_cannot_be_run_as_in_azure_does_not_start(tmp_path: Path, app: str, words: str) -> None:
    host = RunningHost(app, tmp_path)
    with pytest.raises(AssertionError, match=words):
        host.start()
    assert host.process.wait(30) == 1
