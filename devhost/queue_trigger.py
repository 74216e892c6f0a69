"""Queue triggers: one listener for each function, the message and its properties as the function's input."""

from collections.abc import Callable

from azure.functions.meta import Datum
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from devhost.queues import QueueLimits, QueueListener
from devhost.triggers import Runner, as_json, text, utc
from devhost.worker import Function


def queue_trigger(
    runner: Runner, function: Function, client: Callable[[str], QueueClient], limits: QueueLimits
) -> QueueListener:
    """The listener of one queueTrigger function."""
    name = runner.configuration.resolve(str(function.trigger["queueName"])).lower()

    async def handle(message: QueueMessage, body: bytes) -> bool:
        try:
            value = text(body.decode())
        except UnicodeDecodeError:
            value = Datum(body, "bytes")
        metadata = {
            "Id": text(message.id),
            "DequeueCount": as_json(message.dequeue_count),
            "PopReceipt": text(str(message.pop_receipt)),
            "InsertionTime": text(utc(message.inserted_on)),
            "ExpirationTime": text(utc(message.expires_on)),
            "NextVisibleTime": text(utc(message.next_visible_on)),
        }
        if value.type == "string":
            metadata["QueueTrigger"] = value
        inputs = {function.trigger["name"]: value}
        return await runner.attempt(function, inputs, metadata, subject=f"queue {name}")

    return QueueListener(client(name), client(f"{name}-poison"), handle, limits)
