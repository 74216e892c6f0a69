"""What the host gave up on, read from real storage queues without taking it away."""

import base64
import json
from collections.abc import Iterator

import pytest
from azure.storage.queue import QueueServiceClient

from shared.adapters.azure_poison import AzurePoisonQueues
from shared.domain.errors import Unavailable
from tests.functional.queues import AzuriteQueues

SESSION = "K7_20261122_" + "a" * 24
BLOB = f"K7/2026-11-22/{SESSION}/000001.jpg"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzuriteQueues]:
    queues = AzuriteQueues(tmp_path_factory.mktemp("queues"))
    queues.start()
    yield queues
    queues.stop()


@pytest.fixture
def service(server: AzuriteQueues) -> Iterator[QueueServiceClient]:
    client = QueueServiceClient.from_connection_string(server.connection_string)
    yield client
    for queue in client.list_queues():
        client.delete_queue(str(queue.name))


def put(service: QueueServiceClient, queue: str, content: str) -> None:
    client = service.get_queue_client(queue)
    if queue not in {str(q.name) for q in service.list_queues()}:
        client.create_queue()
    client.send_message(content)


def about(blob: str, *, encoded: bool = True) -> str:
    text = json.dumps({"FunctionId": "Host.Functions.identify_face", "BlobName": blob, "ContainerName": "recordings"})
    return base64.b64encode(text.encode()).decode() if encoded else text


def test_messages_of_poison_queues_are_seen_and_stay(server: AzuriteQueues, service: QueueServiceClient) -> None:
    put(service, "webjobs-blobtrigger-poison", about(BLOB))
    put(service, "work-poison", "not about a recording")
    put(service, "work", about(BLOB))
    poison = AzurePoisonQueues.with_connection_string(server.connection_string)
    for _ in range(2):
        seen = {message.queue: message for message in poison.waiting()}
        assert set(seen) == {"webjobs-blobtrigger-poison", "work-poison"}
        assert (seen["webjobs-blobtrigger-poison"].blob, seen["webjobs-blobtrigger-poison"].session) == (BLOB, SESSION)
        assert (seen["work-poison"].blob, seen["work-poison"].session) == (None, None)


@pytest.mark.parametrize("encoded", [True, False])
def test_an_erased_visits_messages_go_and_no_others(
    server: AzuriteQueues, service: QueueServiceClient, encoded: bool
) -> None:
    other = BLOB.replace("a" * 24, "b" * 24)
    for blob in (BLOB, other, BLOB.replace("000001.jpg", "voice-01.wav"), "no/recording"):
        put(service, "webjobs-blobtrigger-poison", about(blob, encoded=encoded))
    poison = AzurePoisonQueues.with_connection_string(server.connection_string)
    assert poison.discard(frozenset({SESSION})) == 2
    queue = service.get_queue_client("webjobs-blobtrigger-poison")
    assert queue.get_queue_properties().approximate_message_count == 2


def test_where_there_is_no_such_queue_nothing_waits(server: AzuriteQueues) -> None:
    assert AzurePoisonQueues.with_connection_string(server.connection_string).waiting() == ()


def test_storage_that_does_not_answer_is_unavailable(server: AzuriteQueues) -> None:
    nowhere = server.connection_string.replace(str(server.port), "1")
    with pytest.raises(Unavailable):
        AzurePoisonQueues.with_connection_string(nowhere).waiting()
