"""Is the process alive; can it do its work."""

import azure.functions as func

from functions.http import answer, endpoint
from shared.wiring import app

blueprint = func.Blueprint()


@blueprint.function_name("health_live")
@blueprint.route(route="api/health", methods=["GET"])
@endpoint
def live(req: func.HttpRequest) -> func.HttpResponse:
    return answer({"status": "alive"})


@blueprint.function_name("health_ready")
@blueprint.route(route="api/health/ready", methods=["GET"])
@endpoint
def ready(req: func.HttpRequest) -> func.HttpResponse:
    """200 when storage, documents and models are there; 503 with what is missing."""
    checks = app().health.check()
    fine = all(state == "ok" for state in checks.values())
    return answer({"status": "ready" if fine else "not ready", "checks": checks}, 200 if fine else 503)
