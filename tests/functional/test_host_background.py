"""Queue and timer functions, and blob functions seen from the queue that stands behind them."""

import base64
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from azure.storage.queue import QueueProperties, QueueServiceClient

from tests.functional.hostapps.running import RunningHost, RunningStorage, wait_until

NOTIFICATION = {"aeg-event-type": "Notification"}
POISON = "webjobs-blobtrigger-poison"


@dataclass
class Stack:
    storage: RunningStorage
    host: RunningHost
    gate: Path
    effects: Path

    def write(self, name: str, content: bytes = b"x", **metadata: str) -> None:
        box = self.storage.blobs().get_container_client("box")
        box.upload_blob(name, content, overwrite=True, metadata=metadata)

    def notify(self, function: str, name: str) -> None:
        """What Event Grid posts."""
        url = self.storage.blobs().get_blob_client("box", name).url
        event = {"data": {"url": url, "blobType": "BlockBlob", "eTag": "0x1"}}
        path = f"/runtime/webhooks/blobs?functionName=Host.Functions.{function}"
        assert self.host.request("POST", path, json.dumps([event]).encode(), NOTIFICATION).status_code == 202

    def messages(self, queue: str) -> list[bytes]:
        """What lies in a queue, decoded."""
        peeked = self.storage.queue(queue).peek_messages(32)
        return [base64.b64decode(message.content) for message in peeked]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStorage]:
    """Without subscriptions: the tests post the events themselves."""
    running = RunningStorage(tmp_path_factory.mktemp("storage"), "http://127.0.0.1:9")
    running.start()
    running.blobs().create_container("box")
    yield running
    assert running.stop() == 0


def make_stack(storage: RunningStorage, folder: Path, **environment: str) -> Stack:
    """A host of its own, with queues of its own."""
    effects, gate = folder / "effects", folder / "gate"
    effects.mkdir()
    own = {
        "AzureFunctionsWebHost__hostid": secrets.token_hex(8),
        "AzureWebJobsStorage": storage.connection,
        "WORK_QUEUE": f"work-{secrets.token_hex(4)}",
        "TICK": "0 0 0 1 1 *",
        "EFFECTS": str(effects),
        "GATE": str(gate),
        **environment,
    }
    host = RunningHost("background", folder / "host", "--lease", "1", "--log", "DEBUG", environment=own)
    return Stack(storage, host, gate, effects)


@pytest.fixture
def own_stack(storage: RunningStorage, tmp_path: Path) -> Stack:
    """Not started yet."""
    return make_stack(storage, tmp_path)


@pytest.fixture(scope="module")
def stack(storage: RunningStorage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    made = make_stack(storage, tmp_path_factory.mktemp("host"), TICK="* * * * * *", WORK_QUEUE="work")
    made.host.start()
    yield made
    assert made.host.stop() == 0


def test_a_blob_function_gets_content_metadata_and_properties(stack: Stack) -> None:
    stack.write("k7/é 1.jpg", b"frame", visit="v-1")
    stack.notify("see", "k7/é 1.jpg")
    (seen,) = wait_until(lambda: stack.host.entries("see"), "the blob")
    assert (seen["name"], seen["content"], seen["length"]) == ("box/k7/é 1.jpg", "frame", 5)
    assert seen["metadata"] == {"visit": "v-1"}
    assert seen["uri"].endswith("/box/k7/%C3%A9%201.jpg")
    assert seen["properties"]["ContentLength"] == 5
    assert seen["properties"]["ETag"]


def test_a_name_that_does_not_fit_the_path_still_arrives(stack: Stack) -> None:
    stack.write("not-in-a-folder.txt")
    stack.notify("see", "not-in-a-folder.txt")
    names = wait_until(
        lambda: [e["name"] for e in stack.host.entries("see") if "not-in-a-folder" in e["name"]], "the misfit"
    )
    assert names == ["box/not-in-a-folder.txt"]


def test_a_function_that_always_raises_is_tried_five_times_and_ends_on_the_poison_queue(stack: Stack) -> None:
    stack.write("k7/1.fail")
    stack.notify("fail", "k7/1.fail")
    poisoned = wait_until(lambda: _messages(stack, POISON), "the poison queue")
    assert len(stack.host.entries("fail")) == 5
    message = json.loads(poisoned[0])
    assert (message["FunctionId"], message["ContainerName"], message["BlobName"]) == (
        "Host.Functions.fail",
        "box",
        "k7/1.fail",
    )


def test_an_event_for_an_unknown_function_or_a_blob_that_is_gone_is_dropped(stack: Stack) -> None:
    before = len(_messages(stack, POISON))
    stack.write("k7/known.jpg")
    stack.notify("nobody", "k7/known.jpg")
    stack.notify("see", "k7/never-written.jpg")
    stack.host.wait_for_words("unknown function Host.Functions.nobody")
    stack.host.wait_for_words("k7/never-written.jpg is gone")
    assert len(_messages(stack, POISON)) == before


def test_a_message_that_is_not_an_event_is_poisoned_too(stack: Stack) -> None:
    host_id = stack.host.environment["AzureFunctionsWebHost__hostid"]
    stack.storage.queue(f"azure-webjobs-blobtrigger-{host_id}").send_message(base64.b64encode(b"no event").decode())
    wait_until(lambda: b"no event" in _messages(stack, POISON), "the poison queue")


def test_the_webhook_answers_the_validation_handshake_and_refuses_what_is_no_event(stack: Stack) -> None:
    path = "/runtime/webhooks/blobs?functionName=Host.Functions.see"
    handshake = json.dumps([{"data": {"validationCode": "c-1"}}]).encode()
    answer = stack.host.request("POST", path, handshake, {"aeg-event-type": "SubscriptionValidation"})
    assert (answer.status_code, answer.json()) == (200, {"validationResponse": "c-1"})
    assert stack.host.request("POST", path, b"[]", {}).status_code == 400
    for body in (b"not json", b"{}", b"[1]", b'[{"data": {}}]'):
        assert stack.host.request("POST", path, body, NOTIFICATION).status_code == 400


def test_a_queue_message_is_worked_on_and_one_that_fails_is_poisoned_after_five_tries(stack: Stack) -> None:
    queue = stack.storage.queue("work")
    wait_until(lambda: "work" in [q.name for q in _queues(stack)], "the queue that the listener makes")
    queue.send_message(base64.b64encode("hé".encode()).decode())
    queue.send_message(base64.b64encode(b"always fails").decode())
    wait_until(lambda: _messages(stack, "work-poison") == [b"always fails"], "the poison queue")
    entries = stack.host.entries("work")
    assert [e["tries"] for e in entries if e["body"] == "hé"] == [1]
    assert [e["tries"] for e in entries if e["body"] == "always fails"] == [1, 2, 3, 4, 5]
    wait_until(lambda: queue.get_queue_properties().approximate_message_count == 0, "an empty queue")


def test_a_timer_ticks_and_another_runs_at_the_start(stack: Stack) -> None:
    ticks = wait_until(lambda: stack.host.entries("tick")[1:], "the second tick")
    assert not ticks[0]["past_due"]
    assert len(stack.host.entries("at_start")) == 1


def test_any_function_can_be_started_by_hand(stack: Stack) -> None:
    stack.write("k7/by-hand.jpg")
    for function, given in (("yearly", ""), ("work", "by hand"), ("see", "box/k7/by-hand.jpg")):
        body = json.dumps({"input": given}).encode()
        assert stack.host.request("POST", f"/admin/functions/{function}", body).status_code == 202
    wait_until(lambda: stack.host.entries("yearly"), "the timer function")
    wait_until(lambda: [e for e in stack.host.entries("work") if e["body"] == "by hand"], "the queue function")
    wait_until(lambda: [e for e in stack.host.entries("see") if "by-hand" in e["name"]], "the blob function")
    assert stack.host.request("POST", "/admin/functions/nobody", b"{}").status_code == 404
    assert stack.host.request("POST", "/admin/functions/hold", b"{}").status_code == 400


def test_a_handler_that_outlasts_its_lease_is_not_run_a_second_time_by_its_own_host(own_stack: Stack) -> None:
    stack = own_stack
    stack.host.start()
    stack.write("x/gated/1.settle")
    stack.notify("settle", "x/gated/1.settle")
    stack.host.wait_for_words("lease renewed", times=3)  # the third renewal is long after the first lease's one second
    stack.gate.touch()
    wait_until(lambda: [e for e in stack.host.entries("settle") if e["step"] == "done"], "the effect")
    assert stack.host.stop() == 0
    assert [e["step"] for e in stack.host.entries("settle")] == ["entered", "done"]


def test_a_missed_timer_run_is_made_up_at_the_next_start_and_draining_leaves_nothing_half_done(
    own_stack: Stack,
) -> None:
    stack = own_stack
    timers = stack.host.state / "timers"
    timers.mkdir(parents=True)
    long_ago = json.dumps({"last": datetime(2020, 1, 1, tzinfo=UTC).isoformat()})
    (timers / "yearly.json").write_text(long_ago, encoding="utf-8")
    stack.host.start()
    (made_up,) = wait_until(lambda: stack.host.entries("yearly"), "the missed run")
    assert made_up["past_due"]
    stack.write("x/gated/2.settle")
    stack.notify("settle", "x/gated/2.settle")
    wait_until(lambda: stack.host.entries("settle"), "the handler's start")
    stack.host.process.terminate()
    stack.host.wait_for_words("stopping")
    stack.gate.touch()
    assert stack.host.process.wait(30) == 0
    assert [e["step"] for e in stack.host.entries("settle")] == ["entered", "done"]
    stack.host.start()  # nothing comes back: the message was deleted before the exit
    stack.write("x/3.settle")
    stack.notify("settle", "x/3.settle")
    wait_until(lambda: [e for e in stack.host.entries("settle") if "3.settle" in e["name"]], "the next blob")
    assert len([e for e in stack.host.entries("settle") if "2.settle" in e["name"]]) == 2
    assert len(stack.host.entries("yearly")) == 1
    assert stack.host.stop() == 0


def test_a_host_killed_between_event_and_entry_leaves_a_message_that_the_next_one_handles_once(
    storage: RunningStorage, tmp_path: Path
) -> None:
    # One thread, held by an HTTP request: the blob's message is queued and leased, but its function is not entered.
    stack = make_stack(storage, tmp_path, PYTHON_THREADPOOL_THREAD_COUNT="1")
    stack.host.start()
    with pytest.raises(requests.Timeout):
        requests.get(f"{stack.host.url}/api/hold", timeout=1)
    stack.write("x/1.settle")
    stack.notify("settle", "x/1.settle")
    stack.host.wait_for_words("lease renewed")
    stack.host.kill()
    assert stack.host.entries("settle") == []
    stack.gate.touch()
    stack.host.start()
    wait_until(lambda: [e for e in stack.host.entries("settle") if e["step"] == "done"], "the effect")
    assert stack.host.stop() == 0
    assert [path.name for path in stack.effects.iterdir()] == ["box_x_1.settle"]
    assert [e["step"] for e in stack.host.entries("settle")] == ["entered", "done"]


def test_a_host_killed_inside_the_handler_runs_it_again_and_the_effect_is_there_once(own_stack: Stack) -> None:
    stack = own_stack
    stack.host.start()
    stack.write("x/gated/4.settle")
    stack.notify("settle", "x/gated/4.settle")
    wait_until(lambda: stack.host.entries("settle"), "the handler's start")
    stack.host.kill()
    stack.gate.touch()
    stack.host.start()
    wait_until(lambda: [e for e in stack.host.entries("settle") if e["step"] == "done"], "the effect")
    assert stack.host.stop() == 0
    assert [e["step"] for e in stack.host.entries("settle")] == ["entered", "entered", "done"]
    assert len(list(stack.effects.iterdir())) == 1


def _queues(stack: Stack) -> list[QueueProperties]:
    return list(QueueServiceClient.from_connection_string(stack.storage.connection).list_queues())


def _messages(stack: Stack, queue: str) -> list[bytes]:
    return stack.messages(queue) if queue in [q.name for q in _queues(stack)] else []
