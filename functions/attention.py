"""What needs attention, over HTTP; and the timer that finds it."""

from typing import Any

import azure.functions as func

from functions.http import answer, json_body, text_field
from functions.lists import cursor_of, flag, known_id, limit_of
from functions.operators import operated
from shared.domain.roles import Operator, Role
from shared.logs import invocation_id
from shared.services.attention.items import Item
from shared.services.audit.entries import ground
from shared.wiring import app

blueprint = func.Blueprint()

_NOTE_MOST = 200


@blueprint.function_name("attention_list")
@blueprint.route(route="api/attention", methods=["GET"])
@operated("attention_list")
def attention(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """Open items, newest first, and how many of each kind; with `open=false` those that are over."""
    open_ones = flag(req, "open") is not False
    if open_ones:
        app().attention_review.run()
    page = app().attention.items(open_ones=open_ones, limit=limit_of(req), cursor=cursor_of(req))
    items = [_shown(item, operator) for item in page.items]
    return answer({"items": items, "cursor": page.cursor, "counts": app().attention.counts()})


@blueprint.function_name("attention_acknowledge")
@blueprint.route(route="api/attention/{id}/acknowledge", methods=["POST"])
@operated("attention_acknowledge")
def acknowledge(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """By name; the first one counts."""
    body = json_body(req)
    note = ground(text_field(body, "note", _NOTE_MOST), None).reason if body.get("note") else None
    item = app().attention.acknowledge(operator, known_id(req.route_params.get("id")), note)
    return answer(_shown(item, operator))


@blueprint.function_name("review_attention")
@blueprint.timer_trigger("timer", schedule="50 * * * * *")
def review(timer: func.TimerRequest, context: func.Context) -> None:
    invocation_id.set(context.invocation_id)
    app().two_places.look()
    app().attention_review.poisoned()
    app().attention_review.run()


def _shown(item: Item, operator: Operator) -> dict[str, Any]:
    """A viewer sees that something is the matter, not with whom."""
    viewer = operator.role is Role.VIEWER
    word = item.acknowledged
    return {
        "id": item.id,
        "kind": item.kind,
        "at": item.at,
        "kiosk": item.kiosk,
        "session": item.session,
        "person": None if viewer else item.person,
        "facts": {name: fact for name, fact in item.facts.items() if not (viewer and name == "other")},
        "acknowledged": {"by": word[0], "at": word[1], "note": word[2]} if word else None,
        "closedAt": item.closed_at,
    }
