"""Registering at the kiosk, over HTTP: details and consent are typed, the rest is read off the frames and clips."""

import azure.functions as func

from functions.http import answer, endpoint, json_body, text_field
from functions.sessions import open_session, view_of
from shared.services.enrolment.at_kiosk import check_details
from shared.services.session.enrolment_draft import Details
from shared.wiring import app, settings

blueprint = func.Blueprint()


@blueprint.function_name("enrolment_start")
@blueprint.route(route="api/sessions/{id}/enrolment", methods=["POST"])
@endpoint
def start(req: func.HttpRequest) -> func.HttpResponse:
    """From unknown or ambiguous."""
    stored = open_session(req)
    app().visit.touched(stored.session)
    return answer(view_of(app().enrolment.ask(stored)))


@blueprint.function_name("enrolment_details")
@blueprint.route(route="api/sessions/{id}/enrolment/details", methods=["PUT"])
@endpoint
def details(req: func.HttpRequest) -> func.HttpResponse:
    """Name, number, age and consent: pictures are taken only after this."""
    session = open_session(req).session
    app().visit.touched(session)
    body = json_body(req)
    name = " ".join(text_field(body, "name", 80, least=2).split())
    version = text_field(body, "consentVersion", 20)
    check_details(
        name,
        body.get("adult") is True,
        version,
        adults_only=settings().enrolment_adults_only,
        consent_version=settings().consent_version,
    )
    phone = app().numbers.parse(text_field(body, "phone", 40))
    given = name.split()[0]
    filled = Details(name=name, given_name=given, phone=phone, language=session.language, consent_version=version)
    app().enrolment.fill_in(session, filled)
    return answer(view_of(session))
