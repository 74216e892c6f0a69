"""The hand-off over HTTP: the page asks for the token, the bank redeems it and checks it with the published keys."""

import azure.functions as func

from functions.http import answer, endpoint, json_body, text_field
from functions.sessions import open_session
from shared.services.teller.handoff import TOKEN_LENGTH, public_claims
from shared.wiring import app

blueprint = func.Blueprint()

_KEYS_CACHED_S = 300


@blueprint.function_name("session_handoff")
@blueprint.route(route="api/sessions/{id}/handoff", methods=["POST"])
@endpoint
def handoff(req: func.HttpRequest) -> func.HttpResponse:
    return answer({"token": app().handoff.ask(open_session(req))})


@blueprint.function_name("handoff_redeem")
@blueprint.route(route="api/handoff/redeem", methods=["POST"])
@endpoint
def redeem(req: func.HttpRequest) -> func.HttpResponse:
    """For the bank's own system: the token is the credential, and it works once."""
    claims = app().handoff.read(text_field(json_body(req), "token", TOKEN_LENGTH))
    app().handoff.redeem(claims)
    return answer(public_claims(claims))


@blueprint.function_name("handoff_keys")
@blueprint.route(route=".well-known/jwks.json", methods=["GET"])
@endpoint
def keys(req: func.HttpRequest) -> func.HttpResponse:
    """Public. A bank that meets an unknown `kid` fetches again; old keys stay here until they are withdrawn."""
    return answer(app().keys.jwks(), headers={"Cache-Control": f"public, max-age={_KEYS_CACHED_S}"})
