"""An authenticator app, set up over HTTP: while registering, in the teller's account settings; removed there, by staff.

The secret is in one answer, which no cache keeps, and nowhere else.
"""

import azure.functions as func

from functions.http import answer, endpoint, json_body, nothing, text_field
from functions.operators import ground_of, operated
from functions.sessions import open_session
from shared.domain.roles import Operator
from shared.logs import session_id as log_session
from shared.services.people.authenticators import Setup
from shared.services.session.store import Stored
from shared.wiring import app

blueprint = func.Blueprint()

_VISIT = "api/sessions/{id}/authenticator"
_TELLER = "api/teller/authenticator"


@blueprint.function_name("session_authenticator_begin")
@blueprint.route(route=_VISIT, methods=["POST"])
@endpoint
def begin_registering(req: func.HttpRequest) -> func.HttpResponse:
    """While registering, once the phone is proven."""
    stored = open_session(req)
    app().visit.touched(stored.session)
    return answer(_shown(app().own_authenticator.begin_registering(stored)), 201)


@blueprint.function_name("session_authenticator_confirm")
@blueprint.route(route=_VISIT + "/confirm", methods=["POST"])
@endpoint
def confirm_registering(req: func.HttpRequest) -> func.HttpResponse:
    stored = open_session(req)
    app().visit.touched(stored.session)
    return answer({"confirmed": app().own_authenticator.confirm_registering(stored, _code(req))})


@blueprint.function_name("teller_authenticator")
@blueprint.route(route=_TELLER, methods=["GET"])
@endpoint
def state(req: func.HttpRequest) -> func.HttpResponse:
    return answer({"setUp": app().own_authenticator.has(str(_visit(req).session.person))})


@blueprint.function_name("teller_authenticator_begin")
@blueprint.route(route=_TELLER, methods=["POST"])
@endpoint
def begin(req: func.HttpRequest) -> func.HttpResponse:
    return answer(_shown(app().own_authenticator.begin(_visit(req))), 201)


@blueprint.function_name("teller_authenticator_confirm")
@blueprint.route(route=_TELLER + "/confirm", methods=["POST"])
@endpoint
def confirm(req: func.HttpRequest) -> func.HttpResponse:
    return answer({"confirmed": app().own_authenticator.confirm(_visit(req), _code(req))})


@blueprint.function_name("teller_authenticator_remove")
@blueprint.route(route=_TELLER, methods=["DELETE"])
@endpoint
def remove(req: func.HttpRequest) -> func.HttpResponse:
    app().own_authenticator.remove(_visit(req))
    return nothing()


@blueprint.function_name("people_authenticator")
@blueprint.route(route="api/people/{id}/authenticator/remove", methods=["POST"])
@operated("people_authenticator")
def removed_by_staff(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """The app is on a phone that was lost."""
    person = str(req.route_params.get("id", ""))
    app().own_authenticator.removed_by_staff(operator, person, ground_of(json_body(req)))
    return nothing()


def _visit(req: func.HttpRequest) -> Stored:
    stored = app().teller.visit(req.headers.get("X-Teller-Token"))
    log_session.set(stored.session.id)
    return stored


def _code(req: func.HttpRequest) -> str:
    return text_field(json_body(req), "code", 12)


def _shown(setup: Setup) -> dict[str, str]:
    return {"secret": setup.secret, "uri": setup.uri, "qr": setup.qr}
