"""The dev phone at the local host: for the app and the developer of this machine, and for nobody else."""

import json
from collections.abc import Iterator

import pytest
import requests

from tests.functional.hostapps.running import RunningHost, wait_until

ANNA = "+41790000001"
PHONE = "/dev/phone"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    running = RunningHost("web", tmp_path_factory.mktemp("phone"), "--log", "DEBUG")
    running.start()
    yield running
    assert running.stop() == 0


def send(host: RunningHost, id: str, to: str = ANNA, text: str = "Your code is 123456") -> requests.Response:
    return host.request("POST", f"{PHONE}/messages", json.dumps({"to": to, "text": text, "id": id}).encode())


def inbox(host: RunningHost, to: str = ANNA) -> list[dict[str, str]]:
    messages: list[dict[str, str]] = requests.get(f"{host.url}{PHONE}/messages", params={"to": to}, timeout=30).json()[
        "messages"
    ]
    return messages


def set_switch(host: RunningHost, **switch: object) -> None:
    body = json.dumps({"to": ANNA, **switch}).encode()
    assert host.request("PUT", f"{PHONE}/numbers", body).status_code == 204


def test_a_message_arrives_once_however_often_it_is_sent(host: RunningHost) -> None:
    first, again = send(host, "once"), send(host, "once")
    assert first.status_code == 201
    assert first.json() == again.json()
    assert [message["sid"] for message in inbox(host)].count(first.json()["sid"]) == 1
    assert inbox(host, "+41790000009") == []


def test_an_unknown_outcome_cuts_the_answer_but_the_message_is_there(host: RunningHost) -> None:
    set_switch(host, mode="unknown")
    with pytest.raises(requests.ConnectionError):
        send(host, "lost", text="the answer is lost")
    set_switch(host, mode="deliver")
    assert inbox(host)[0]["text"] == "the answer is lost"
    assert send(host, "lost").json()["sid"] == inbox(host)[0]["sid"]


def test_a_late_message_is_queued_first_and_delivered_in_the_end(host: RunningHost) -> None:
    set_switch(host, mode="delay", seconds=0.5)
    sent = send(host, "late").json()
    set_switch(host, mode="deliver")
    assert sent["status"] == "queued"
    path = f"{PHONE}/messages/{sent['sid']}"
    wait_until(lambda: host.request("GET", path).json()["status"] == "delivered", "the late message")
    assert host.request("GET", f"{PHONE}/messages/SM-unknown").status_code == 404


def test_an_undeliverable_message_says_so(host: RunningHost) -> None:
    set_switch(host, mode="undeliverable")
    assert send(host, "never").json()["status"] == "undelivered"
    set_switch(host, mode="deliver")


def test_a_bad_message_is_refused_without_repeating_it(host: RunningHost) -> None:
    answer = send(host, "bad", to="079 secret number")
    assert answer.status_code == 400
    assert answer.json() == {"error": "Not valid: to"}
    assert host.request("POST", f"{PHONE}/messages", b"x" * 20_000).status_code == 413


def test_the_page_runs_no_inline_script_and_loads_nothing_from_elsewhere(host: RunningHost) -> None:
    page = host.request("GET", f"{PHONE}/")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert page.text.count("<script") == page.text.count('<script type="module" src="phone.js"></script>') == 1
    assert "//" not in page.text.replace("<!doctype html>", "")
    for name, kind in (("phone.js", "javascript"), ("phone.css", "css")):
        assert kind in host.request("GET", f"{PHONE}/{name}").headers["Content-Type"]
    assert host.request("GET", PHONE).url.endswith("/dev/phone/")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
    ],
)
def test_another_sites_page_does_not_find_the_phone(host: RunningHost, headers: dict[str, str]) -> None:
    assert host.request("GET", f"{PHONE}/messages", headers=headers).status_code == 404
    assert host.request("POST", f"{PHONE}/messages", b"{}", headers).status_code == 404


def test_neither_numbers_nor_messages_reach_the_log(host: RunningHost) -> None:
    send(host, "quiet", text="Your code is 987654")
    inbox(host)
    assert "987654" not in host.said()
    assert ANNA[1:] not in host.said()
