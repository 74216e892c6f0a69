"""Exports over HTTP, for officers; and the timer that writes them."""

from datetime import timedelta
from typing import Any

import azure.functions as func

from functions.bytes_answer import bytes_answer, span_of
from functions.http import answer, json_body
from functions.operators import ground_of, operated
from functions.visit_params import FIELDS, question_of
from shared.domain.errors import BadRequest, NotFound
from shared.domain.roles import Operator
from shared.domain.stamp import stamp
from shared.logs import invocation_id
from shared.services.exports.requests import Export
from shared.wiring import app

blueprint = func.Blueprint()

_ONE = "api/exports/{id}"
_BUDGET = timedelta(seconds=60)
"""A run is far from the host's limit of two minutes (host.json); the next one goes on."""


@blueprint.function_name("exports_ask")
@blueprint.route(route="api/exports", methods=["POST"])
@operated("exports_ask")
def ask(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """One visit, or all that answer a question."""
    body = json_body(req)
    visit, query = body.get("visit"), body.get("query")
    if (visit is None) == (query is None):
        raise BadRequest("bad_question", "`visit` or `query` must be given, and not both")
    if query is not None and (not isinstance(query, dict) or not query.keys() <= set(FIELDS)):
        raise BadRequest("bad_question", f"`query` has the fields {', '.join(FIELDS)}")
    why = ground_of(body).require()
    if query is not None:
        question = app().visit_queries.fixed(question_of(query))
        return answer(_shown(app().exports.ask(operator, why, visit=None, question=question)), 202)
    session = question_of({"session": visit}).session
    if session is None or app().visit_index.get(session) is None:
        raise NotFound("no such visit")
    return answer(_shown(app().exports.ask(operator, why, visit=session, question=None)), 202)


@blueprint.function_name("exports_state")
@blueprint.route(route=_ONE, methods=["GET"])
@operated("exports_state")
def state(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """How far it is."""
    return answer(_shown(app().exports.get(_id(req))))


@blueprint.function_name("exports_file")
@blueprint.route(route=_ONE + "/file", methods=["GET"])
@operated("exports_file")
def file(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """The archive; `Range` is heeded, and needed for a large one."""
    span = span_of(req)
    piece = app().exports.read(operator, _id(req), span)
    return bytes_answer(piece, partial=span is not None, name=f"{_id(req)}.zip")


@blueprint.function_name("write_exports")
@blueprint.timer_trigger("timer", schedule="5/10 * * * * *")
def write_exports(timer: func.TimerRequest, context: func.Context) -> None:
    invocation_id.set(context.invocation_id)
    app().export_work.run(_BUDGET)


def _id(req: func.HttpRequest) -> str:
    """Raises NotFound."""
    asked = str(req.route_params.get("id", ""))
    if not (asked.startswith("x") and asked.isascii() and asked.isalnum() and len(asked) <= 40):
        raise NotFound("no such export")
    return asked


def _shown(export: Export) -> dict[str, Any]:
    return {
        "id": export.id,
        "state": export.state,
        "done": export.done,
        "total": export.total,
        "size": export.size,
        "sha256": export.sha256,
        "expiresAt": stamp(export.expires_at),
    }
