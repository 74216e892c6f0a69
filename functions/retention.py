"""Retention over HTTP, and the timers that keep storage and index as they should be."""

import azure.functions as func

from functions.http import answer, json_body, text_field
from functions.operators import operated
from shared.domain.errors import BadRequest
from shared.domain.roles import Operator
from shared.logs import invocation_id
from shared.wiring import app

blueprint = func.Blueprint()


@blueprint.function_name("retention_rules")
@blueprint.route(route="api/retention", methods=["GET"])
@operated("retention_rules")
def rules(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """What is kept how long, and when that was last seen to."""
    last = app().retention.last_run()
    return answer(
        {
            "rules": [{"kind": r.kind, "outcome": r.outcome, "days": r.days} for r in app().retention.rules],
            "lastRun": {"at": last.at, "deleted": last.deleted, "failed": last.failed, "held": last.held}
            if last
            else None,
        }
    )


@blueprint.function_name("retention_preview")
@blueprint.route(route="api/retention/preview", methods=["POST"])
@operated("retention_preview")
def preview(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """A dry run: what would be deleted next."""
    body = json_body(req)
    limit = body.get("limit", 50)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= 200:
        raise BadRequest("bad_limit", "`limit` is 1 to 200")
    cursor = text_field(body, "cursor", 4000) if body.get("cursor") else None
    found = app().retention.preview(limit, cursor)
    items = [{"visit": d.visit, "kind": d.rule.kind, "at": d.at, "rule": d.rule.name} for d in found.items]
    return answer({"items": items, "total": found.total, "cursor": found.cursor})


@blueprint.function_name("apply_retention")
@blueprint.timer_trigger("timer", schedule="0 7 * * * *")
def apply(timer: func.TimerRequest, context: func.Context) -> None:
    invocation_id.set(context.invocation_id)
    app().retention.run()
    app().strangers.purge()


@blueprint.function_name("check_recordings")
@blueprint.timer_trigger("timer", schedule="40 23 * * * *")
def check_recordings(timer: func.TimerRequest, context: func.Context) -> None:
    invocation_id.set(context.invocation_id)
    app().recording_check.run()


@blueprint.function_name("reconcile_index")
@blueprint.timer_trigger("timer", schedule="30 */10 * * * *")
def reconcile(timer: func.TimerRequest, context: func.Context) -> None:
    invocation_id.set(context.invocation_id)
    app().reconcile.run()
