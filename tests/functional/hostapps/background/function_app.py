"""Blob, queue and timer functions. `settle` has an effect, and has it once however often it is called."""

import os
from pathlib import Path

import azure.functions as func
from azure.functions.blob import InputStream  # func.InputStream does not name metadata and properties

from tests.functional.hostapps.journal import note, wait_for

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
STORAGE = "AzureWebJobsStorage"


@app.blob_trigger(
    arg_name="blob", path="box/{folder}/{name}.jpg", source=func.BlobSource.EVENT_GRID, connection=STORAGE
)
def see(blob: InputStream, context: func.Context) -> None:
    note(
        "see",
        name=blob.name,
        length=blob.length,
        content=blob.read().decode(),
        uri=blob.uri,
        metadata=blob.metadata,
        properties=blob.blob_properties,
        invocation=context.invocation_id,
    )


@app.blob_trigger(arg_name="blob", path="box/{name}.settle", source=func.BlobSource.EVENT_GRID, connection=STORAGE)
def settle(blob: func.InputStream) -> None:
    note("settle", name=blob.name, step="entered")
    if blob.name and "/gated/" in blob.name:
        wait_for(Path(os.environ["GATE"]))
    effect = Path(os.environ["EFFECTS"]) / str(blob.name).replace("/", "_")
    try:
        effect.touch(exist_ok=False)
    except FileExistsError:
        note("settle", name=blob.name, step="had been done")
        return
    note("settle", name=blob.name, step="done")


@app.blob_trigger(arg_name="blob", path="box/{name}.fail", source=func.BlobSource.EVENT_GRID, connection=STORAGE)
def fail(blob: func.InputStream) -> None:
    note("fail", name=blob.name)
    raise RuntimeError("always")


@app.queue_trigger(arg_name="message", queue_name="%WORK_QUEUE%", connection=STORAGE)
def work(message: func.QueueMessage) -> None:
    body = message.get_body()
    note("work", id=message.id, body=body.decode(), tries=message.dequeue_count)
    if body == b"always fails":
        raise RuntimeError("always")


@app.timer_trigger(arg_name="timer", schedule="%TICK%", use_monitor=False)
def tick(timer: func.TimerRequest) -> None:
    note("tick", past_due=timer.past_due)


@app.timer_trigger(arg_name="timer", schedule="0 0 3 1 1 *", use_monitor=True)
def yearly(timer: func.TimerRequest) -> None:
    note("yearly", past_due=timer.past_due)


@app.timer_trigger(arg_name="timer", schedule="0 0 3 1 1 *", run_on_startup=True, use_monitor=False)
def at_start(timer: func.TimerRequest) -> None:
    note("at_start", past_due=timer.past_due)


@app.route(route="hold")
def hold(req: func.HttpRequest) -> func.HttpResponse:
    note("hold")
    wait_for(Path(os.environ["GATE"]))
    return func.HttpResponse("held")
