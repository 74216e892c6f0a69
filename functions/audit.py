"""The audit's proof over HTTP, and the timers that seal and check it."""

from datetime import date

import azure.functions as func

from functions.http import answer
from functions.operators import operated
from shared.domain.errors import BadRequest
from shared.domain.roles import Operator
from shared.logs import invocation_id
from shared.services.audit.verify import Verified
from shared.wiring import app

blueprint = func.Blueprint()


@blueprint.function_name("audit_verify")
@blueprint.route(route="api/audit/verify", methods=["GET"])
@operated("audit_verify")
def verify(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """The whole audit, or the days (UTC) from `from` to `to`."""
    first, last = _day(req, "from"), _day(req, "to")
    app().audit.record(operator, "audit_verified", since=_text(first), until=_text(last))
    found = app().audit_verify.run(first, last)
    if found.broken is not None:
        app().tampered(found.broken)
    return answer(_shown(found))


@blueprint.function_name("seal_audit")
@blueprint.timer_trigger("timer", schedule="5 * * * * *")
def seal(timer: func.TimerRequest, context: func.Context) -> None:
    invocation_id.set(context.invocation_id)
    app().audit_sealer.run()


@blueprint.function_name("check_audit")
@blueprint.timer_trigger("timer", schedule="0 20 2 * * *")
def check(timer: func.TimerRequest, context: func.Context) -> None:
    """All of it, once a night, so that nobody has to think of it."""
    invocation_id.set(context.invocation_id)
    found = app().audit_verify.run()
    if found.broken is not None:
        app().tampered(found.broken)


def _shown(found: Verified) -> dict[str, object]:
    broken = found.broken
    return {
        "ok": found.ok,
        "checked": found.checked,
        "days": found.days,
        "waiting": found.waiting,
        "firstBroken": {"day": broken.day, "entry": broken.entry, "why": broken.why} if broken else None,
    }


def _day(req: func.HttpRequest, name: str) -> date | None:
    text = req.params.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequest("bad_day", f"`{name}` must be a date like 2026-11-22") from None


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
