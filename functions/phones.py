"""A change of telephone over HTTP: in the account settings, by staff; and the timer that brings it into effect."""

import azure.functions as func

from functions.assistance import paper_of
from functions.http import answer, endpoint, json_body, nothing, text_field
from functions.operators import ground_of, operated
from functions.people import phone_change_shown
from shared.domain.roles import Operator
from shared.domain.stamp import stamp
from shared.logs import invocation_id
from shared.logs import session_id as log_session
from shared.services.session.store import Stored
from shared.wiring import app

blueprint = func.Blueprint()

_TELLER = "api/teller/phone"
_STAFF = "api/people/{id}/phone-change"


@blueprint.function_name("teller_phone")
@blueprint.route(route=_TELLER, methods=["POST"])
@endpoint
def ask(req: func.HttpRequest) -> func.HttpResponse:
    """A code goes to the new number."""
    app().own_phone.ask(_visit(req), text_field(json_body(req), "phone", 40))
    return answer({"sent": True}, 202)


@blueprint.function_name("teller_phone_confirm")
@blueprint.route(route=_TELLER + "/confirm", methods=["POST"])
@endpoint
def confirm(req: func.HttpRequest) -> func.HttpResponse:
    effective = app().own_phone.prove(_visit(req), text_field(json_body(req), "code", 12))
    return answer({"confirmed": effective is not None, "effectiveAt": stamp(effective) if effective else None})


@blueprint.function_name("people_phone_change")
@blueprint.route(route=_STAFF, methods=["POST"])
@operated("people_phone_change")
def ask_by_staff(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """The first operator, with a document looked at."""
    body = json_body(req)
    phone = text_field(body, "phone", 40)
    return answer(
        phone_change_shown(app().own_phone.ask_by_staff(operator, _id(req), phone, paper_of(body), ground_of(body))),
        202,
    )


@blueprint.function_name("people_phone_prove")
@blueprint.route(route=_STAFF + "/confirm", methods=["POST"])
@operated("people_phone_prove")
def confirm_by_staff(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """The code that the customer reads out."""
    code = text_field(json_body(req), "code", 12)
    return answer({"confirmed": app().own_phone.prove_by_staff(operator, _id(req), code)})


@blueprint.function_name("people_phone_approve")
@blueprint.route(route=_STAFF + "/approve", methods=["POST"])
@operated("people_phone_approve")
def approve(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """The second operator."""
    body = json_body(req)
    return answer(phone_change_shown(app().own_phone.approve(operator, _id(req), paper_of(body), ground_of(body))))


@blueprint.function_name("people_phone_cancel")
@blueprint.route(route=_STAFF + "/cancel", methods=["POST"])
@operated("people_phone_cancel")
def cancel(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    app().own_phone.cancel(operator, _id(req), ground_of(json_body(req)))
    return nothing()


@blueprint.function_name("apply_phone_changes")
@blueprint.timer_trigger("timer", schedule="5 * * * * *")
def apply_phone_changes(timer: func.TimerRequest, context: func.Context) -> None:
    invocation_id.set(context.invocation_id)
    app().phones_due.apply()


def _visit(req: func.HttpRequest) -> Stored:
    stored = app().teller.visit(req.headers.get("X-Teller-Token"))
    log_session.set(stored.session.id)
    return stored


def _id(req: func.HttpRequest) -> str:
    return str(req.route_params.get("id", ""))
