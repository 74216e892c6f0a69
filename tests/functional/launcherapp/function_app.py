"""A small app for the launcher's tests: it is ready unless told otherwise, and can be told to die."""

import os

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
if os.environ.get("REFUSE_TO_START"):
    raise SystemExit("REFUSE_TO_START is set")


@app.route("api/health/ready", methods=["GET"])
def ready(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(str(os.getpid()))


@app.route("api/setting/{name}", methods=["GET"])
def setting(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(os.environ.get(req.route_params["name"], ""))


@app.route("api/die", methods=["POST"])
def die(req: func.HttpRequest) -> func.HttpResponse:
    os._exit(9)
