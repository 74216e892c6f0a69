"""The dev phone adapter against the dev phone itself, and against a server that misbehaves."""

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest
import requests
from aiohttp import web

from devhost.phone import PREFIX, phone_application
from shared.adapters.devphone_sms import DevphoneSms
from shared.ports import SmsRefused, SmsUnknown
from tests.functional.misbehaving import Behaviour, answering, cut, raw, serving, silent
from tests.functional.storage import free_port

NUMBER = "+447700900123"


@pytest.fixture
def phone() -> Iterator[str]:
    """The address of a host that serves the dev phone."""
    port, loop, ready = free_port(), asyncio.new_event_loop(), threading.Event()

    async def start() -> web.AppRunner:
        application = web.Application()
        application.add_subapp(PREFIX, phone_application())
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return runner

    def serve() -> None:
        runner = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())

    thread = threading.Thread(target=serve)
    thread.start()
    ready.wait()
    yield f"http://127.0.0.1:{port}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def inbox(phone: str) -> list[dict[str, str]]:
    messages: list[dict[str, str]] = requests.get(f"{phone}/dev/phone/messages", timeout=5).json()["messages"]
    return messages


def test_a_message_appears_on_the_phone_under_the_id_that_was_returned(phone: str) -> None:
    sid = DevphoneSms(phone).send(NUMBER, "123456 は コードです", "visit-1")
    (message,) = inbox(phone)
    assert (message["sid"], message["to"], message["text"]) == (sid, NUMBER, "123456 は コードです")


def test_the_same_reference_is_one_message(phone: str) -> None:
    assert DevphoneSms(phone).send(NUMBER, "a", "visit-1") == DevphoneSms(phone).send(NUMBER, "a", "visit-1")
    assert len(inbox(phone)) == 1


def test_a_phone_that_takes_the_message_and_says_nothing_leaves_it_unknown(phone: str) -> None:
    requests.put(f"{phone}/dev/phone/numbers", json={"to": NUMBER, "mode": "unknown"}, timeout=5).raise_for_status()
    with pytest.raises(SmsUnknown):
        DevphoneSms(phone).send(NUMBER, "a", "visit-1")
    assert len(inbox(phone)) == 1


def test_a_message_the_phone_does_not_take_is_refused(phone: str) -> None:
    with pytest.raises(SmsRefused) as refused:
        DevphoneSms(phone).send("07700 900123", "a", "visit-1")
    assert refused.value.reason == "refused" and inbox(phone) == []


def test_a_host_that_is_not_there_has_certainly_sent_nothing() -> None:
    with pytest.raises(SmsRefused) as refused:
        DevphoneSms(f"http://127.0.0.1:{free_port()}").send(NUMBER, "a", "r")
    assert refused.value.reason == "unreachable" and NUMBER not in json.dumps(refused.value.args)


@pytest.mark.parametrize(
    "behaviour",
    [silent, cut, raw(b"no HTTP\r\n\r\n"), answering(201, "<html>"), answering(201, []), answering(503, "")],
)
def test_whatever_leaves_it_open_is_unknown(behaviour: Behaviour) -> None:
    with serving(behaviour) as host, pytest.raises(SmsUnknown):
        DevphoneSms(host.url, timeout=0.3).send(NUMBER, "a", "r")
