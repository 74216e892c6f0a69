"""The SMS provider's reports on messages it took. Its signature is the credential."""

import azure.functions as func

from functions.http import JSON_BYTES, endpoint, nothing
from shared.domain.errors import NotFound, TooLarge
from shared.wiring import app

blueprint = func.Blueprint()

_REFERENCE_MOST = 400


@blueprint.function_name("sms_status")
@blueprint.route(route="api/sms/status", methods=["POST"])
@endpoint
def status(req: func.HttpRequest) -> func.HttpResponse:
    """Answered alike whether it changed anything: a report may come late, twice, or about a visit that is gone."""
    reports = app().sms_reports
    if reports is None:
        raise NotFound("no provider reports here")
    body = req.get_body()
    if len(body) > JSON_BYTES:
        raise TooLarge("the report")
    reference = req.params.get("reference", "")[:_REFERENCE_MOST]
    report = reports.read(reference, body, req.headers.get("X-Twilio-Signature", "")[:100])
    if report is not None:
        app().deliveries.take(report)
    return nothing()
