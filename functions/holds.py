"""Legal holds over HTTP."""

from typing import Any

import azure.functions as func

from functions.http import answer, json_body, text_field
from functions.lists import cursor_of, flag, known_id, limit_of
from functions.operators import ground_of, operated
from shared.domain.errors import BadRequest
from shared.domain.roles import Operator
from shared.services.deletion.holds import Held, Hold
from shared.wiring import app

blueprint = func.Blueprint()


@blueprint.function_name("holds_list")
@blueprint.route(route="api/holds", methods=["GET"])
@operated("holds_list")
def holds(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """Newest first; all, or with `open` the open or the released ones."""
    page = app().holds.page(open_ones=flag(req, "open"), limit=limit_of(req), cursor=cursor_of(req))
    return answer({"items": [_shown(hold) for hold in page.items], "cursor": page.cursor})


@blueprint.function_name("holds_create")
@blueprint.route(route="api/holds", methods=["POST"])
@operated("holds_create")
def lay(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """On a visit or on a person, for a reason and a case."""
    body = json_body(req)
    named = [kind for kind in Held if body.get(kind) is not None]
    if len(named) != 1:
        raise BadRequest("bad_subject", "either `visit` or `person` must be given")
    kind = named[0]
    subject = text_field(body, "visit", 64) if kind is Held.VISIT else text_field(body, "person", 64)
    return answer(_shown(app().holds.lay(operator, kind, known_id(subject), ground_of(body))), 201)


@blueprint.function_name("holds_release")
@blueprint.route(route="api/holds/{id}/release", methods=["POST"])
@operated("holds_release")
def release(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    hold_id = known_id(req.route_params.get("id"))
    return answer(_shown(app().holds.release(operator, hold_id, ground_of(json_body(req)))))


def _shown(hold: Hold) -> dict[str, Any]:
    return {
        "id": hold.id,
        "kind": hold.kind,
        "subject": hold.subject,
        "reason": hold.reason,
        "case": hold.case,
        "by": hold.by,
        "at": hold.at,
        "released": {"by": hold.released_by, "at": hold.released_at} if hold.released_at else None,
    }
