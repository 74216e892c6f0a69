"""Visits over HTTP, for the security team: found, counted, looked at, and checked."""

import re
from collections.abc import Mapping
from typing import Any

import azure.functions as func

from functions.bytes_answer import bytes_answer, span_of
from functions.http import answer
from functions.operators import operated
from functions.people import jpeg
from functions.visit_params import cursor_of, flag_of, limit_of, question_of
from functions.visit_shapes import Teller
from shared.domain.errors import NotFound
from shared.domain.recording import KIOSK, RecordingKind
from shared.domain.roles import Operator
from shared.domain.visit_facts import VisitFacts
from shared.wiring import app

blueprint = func.Blueprint()

_ONE = "api/visits/{id}"
_ID = re.compile(rf"{KIOSK}_\d{{8}}_[a-z2-7]{{24}}")


@blueprint.function_name("visits_list")
@blueprint.route(route="api/visits", methods=["GET"])
@operated("visits_list")
def find(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """Newest first."""
    question, limit, cursor = question_of(req.params), limit_of(req.params), cursor_of(req.params)
    if flag_of(req.params, "held"):
        page = app().held_visits.page(question, limit, cursor)
    else:
        page = app().visit_queries.page(question, limit, cursor)
    teller = Teller(operator)
    return answer({"items": [teller.visit(facts) for facts in page.items], "cursor": page.cursor})


@blueprint.function_name("visits_count")
@blueprint.route(route="api/visits/count", methods=["GET"])
@operated("visits_count")
def count(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    queries = app().held_visits if flag_of(req.params, "held") else app().visit_queries
    return answer({"count": queries.count(question_of(req.params))})


@blueprint.function_name("visits_live")
@blueprint.route(route="api/visits/live", methods=["GET"])
@operated("visits_live")
def live(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """What happens now, longest first."""
    teller = Teller(operator)
    now = app().clock.now()
    items = [
        {
            **teller.visit(view.facts),
            "guidance": view.guidance,
            "seconds": round((now - view.facts.at).total_seconds(), 1),
            "lastFrame": view.last_frame,
        }
        for view in app().live_views.all()
    ]
    return answer({"items": items})


@blueprint.function_name("visits_one")
@blueprint.route(route=_ONE, methods=["GET"])
@operated("visits_one")
def one(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """With its timeline, and a page of its recordings."""
    facts = _facts(req)
    app().viewing.note(operator, "visit_viewed", facts.session)
    page = app().recordings.list(facts.session, limit_of(req.params, 200), cursor_of(req.params))
    return answer(
        {
            **Teller(operator).visit(facts),
            "timeline": [_event(event) for event in app().timeline.of(facts.session)],
            "media": [_medium(entry.body) for entry in page.items],
            "cursor": page.cursor,
        }
    )


@blueprint.function_name("visits_media")
@blueprint.route(route=_ONE + "/media/{kind}/{number}", methods=["GET"])
@operated("visits_media")
def media(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """One picture or clip; `Range` is heeded."""
    kind = str(req.route_params.get("kind", ""))
    if kind not in set(RecordingKind):
        raise NotFound("no such kind")
    span = span_of(req)
    piece = app().recordings.read(operator, _id(req), RecordingKind(kind), _number(req), span)
    return bytes_answer(piece, partial=span is not None)


@blueprint.function_name("visits_thumbnail")
@blueprint.route(route=_ONE + "/thumbnails/{number}", methods=["GET"])
@operated("visits_thumbnail")
def thumbnail(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    return jpeg(app().recordings.thumbnail(operator, _id(req), _number(req)))


@blueprint.function_name("visits_verify")
@blueprint.route(route=_ONE + "/verify", methods=["POST"])
@operated("visits_verify")
def verify(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """Whether every recording still is what was recorded."""
    facts = _facts(req)
    with app().audit.act(operator, "visit_verified", {"session": facts.session}):
        check = app().recording_check.visit(facts.session)
    return answer({"checked": check.checked, "changed": [*check.changed], "missing": [*check.missing]})


def _id(req: func.HttpRequest) -> str:
    """Raises NotFound."""
    asked = str(req.route_params.get("id", ""))
    if not _ID.fullmatch(asked):
        raise NotFound("no such visit")
    return asked


def _facts(req: func.HttpRequest) -> VisitFacts:
    facts = app().visit_index.current(_id(req))
    if facts is None:
        raise NotFound("no such visit")
    return facts


def _number(req: func.HttpRequest) -> int:
    text = str(req.route_params.get("number", ""))
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise NotFound("no such recording")
    return int(text)


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": event["at"], "what": event["what"], "facts": event["facts"]}


def _medium(entry: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: entry.get(name) for name in ("kind", "number", "at", "size", "sha256", "faces", "quality")}
    return {**shown, "changed": False}
