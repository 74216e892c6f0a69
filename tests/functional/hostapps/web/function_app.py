"""HTTP functions, one for each thing that the local host must do as the real host does it."""

import json
import logging
from pathlib import Path

import azure.functions as func

from tests.functional.hostapps.journal import note, wait_for

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


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
def A_first(req: func.HttpRequest) -> func.HttpResponse:  # noqa: N802 (letter case must not matter)
    return answer("first")


@app.route(route="boom")
def boom(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("a detail that no caller may see")


@app.route(route="plain", methods=["GET"])
def plain(req: func.HttpRequest) -> str:
    return "plain text"


@app.route(route="cookies", methods=["GET"])
def cookies(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse("baked", headers={"X-Own": "kept"})
    response.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly; SameSite=Strict")
    response.headers.add("Set-Cookie", "b=2; Max-Age=60; Secure")
    return response


@app.route(route="locked", auth_level=func.AuthLevel.FUNCTION)
def locked(req: func.HttpRequest) -> func.HttpResponse:
    return answer("open")


@app.route(route="slow")
def slow(req: func.HttpRequest) -> func.HttpResponse:
    note("slow")
    wait_for(Path(req.params["until"]))
    return answer("slow but done")


@app.route(route="thinking")
async def thinking(req: func.HttpRequest) -> func.HttpResponse:
    return answer("an async function works as well")


@app.route(route="off")
def switched_off(req: func.HttpRequest) -> func.HttpResponse:
    return answer("not to be reached")


@app.route(route="says", methods=["POST"])
def says(req: func.HttpRequest) -> func.HttpResponse:
    logging.getLogger("the.app").info("the app's own words")
    return answer("said")
