"""One function for each thing that the local host must do as the real host does it."""

import json
import logging
import os
import threading
import time
from pathlib import Path

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
JOURNAL = Path(os.environ.get("JOURNAL", os.devnull))
_writing = threading.Lock()


def note(**entry: object) -> None:
    """Append a line that the test reads."""
    with _writing, JOURNAL.open("a", encoding="utf-8") as out:
        out.write(json.dumps({"pid": os.getpid(), **entry}) + "\n")


def answer(content: object, status: int = 200) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(content), status_code=status, mimetype="application/json")


@app.route(route="echo/{name:alpha}/{*rest}", methods=["GET", "POST"])
def echo(req: func.HttpRequest) -> func.HttpResponse:
    return answer(
        {
            "method": req.method,
            "url": req.url,
            "headers": dict(req.headers),
            "query": dict(req.params),
            "route": dict(req.route_params),
            "length": len(req.get_body()),
        }
    )


@app.route(route="pick/{name}", methods=["GET"])
def b_second(req: func.HttpRequest) -> func.HttpResponse:
    return answer("second")


@app.route(route="pick/{name}", methods=["GET"])
def A_first(req: func.HttpRequest) -> func.HttpResponse:  # noqa: N802 (the case of names must not matter)
    return answer("first")


@app.route(route="boom")
def boom(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("a detail that no caller may see")


@app.route(route="plain", methods=["GET"])
def plain(req: func.HttpRequest) -> str:
    return "plain text"


@app.route(route="cookies", methods=["GET"])
def cookies(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse("baked", headers={"Server": "mine", "X-Own": "kept"})
    response.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly; SameSite=Strict")
    response.headers.add("Set-Cookie", "b=x%20y; Max-Age=60; Secure")
    return response


@app.route(route="locked", auth_level=func.AuthLevel.FUNCTION)
def locked(req: func.HttpRequest) -> func.HttpResponse:
    return answer("open")


@app.route(route="slow")
def slow(req: func.HttpRequest) -> func.HttpResponse:
    note(function="slow", step="entered")
    gate = Path(req.params["until"])
    while not gate.exists():
        time.sleep(0.01)
    note(function="slow", step="left")
    return answer("slow but done")


@app.route(route="off")
def switched_off(req: func.HttpRequest) -> func.HttpResponse:
    return answer("should not be reachable")


@app.route(route="says", methods=["POST"])
def says(req: func.HttpRequest) -> func.HttpResponse:
    logging.getLogger("the.app").info(json.dumps({"message": "the app's own words"}))
    return answer("said")


@app.timer_trigger(arg_name="timer", schedule="%TICK%", use_monitor=False)
def tick(timer: func.TimerRequest) -> None:
    note(function="tick", past_due=timer.past_due)


@app.timer_trigger(arg_name="timer", schedule="0 0 3 1 1 *", use_monitor=True)
def yearly(timer: func.TimerRequest) -> None:
    note(function="yearly", past_due=timer.past_due)


@app.queue_trigger(arg_name="message", queue_name="%WORK_QUEUE%", connection="AzureWebJobsStorage")
def work(message: func.QueueMessage) -> None:
    body = message.get_body().decode()
    note(function="work", body=body, tries=message.dequeue_count)
    if body == "always fails":
        raise RuntimeError(body)


@app.blob_trigger(arg_name="blob", path="box/{folder}/{name}.jpg", source="EventGrid", connection="AzureWebJobsStorage")
def see(blob: func.InputStream, context: func.Context) -> None:
    content = blob.read()
    note(
        function="see",
        name=blob.name,
        length=blob.length,
        content=content.decode(),
        uri=blob.uri,
        metadata=blob.metadata,
    )
    if blob.name and "always-fails" in blob.name:
        raise RuntimeError(blob.name)
