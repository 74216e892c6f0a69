"""Search by face, over HTTP."""

import base64
import binascii
from typing import Any

import azure.functions as func

from functions.http import answer, json_body, text_field
from functions.lists import known_id
from functions.operators import ground_of, operated
from functions.visit_shapes import Teller
from shared.domain.errors import BadRequest
from shared.domain.roles import Operator
from shared.services.gallery.face_search import Search
from shared.wiring import app

blueprint = func.Blueprint()

_ONE = "api/face-search/{id}"
_REST = 4_096  # bytes of the body beside the photograph


@blueprint.function_name("face_search")
@blueprint.route(route="api/face-search", methods=["POST"])
@operated("face_search")
def search(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """By a frame of a visit, or by a photograph, for a reason and a case."""
    most = app().face_search.photo_bytes * 4 // 3 + _REST
    body = json_body(req, most)
    why = ground_of(body)
    if body.get("photo") is not None:
        if body.get("visit") is not None:
            raise BadRequest("bad_subject", "either `visit` and `frame` or `photo` must be given")
        photo = _decoded(text_field(body, "photo", most))
        return answer(_shown(app().face_search.by_photo(operator, photo, why), operator))
    frame = body.get("frame")
    if not isinstance(frame, int) or isinstance(frame, bool) or not 1 <= frame <= 999_999:
        raise BadRequest("bad_frame", "`frame` is the number of a picture")
    visit = known_id(text_field(body, "visit", 64))
    return answer(_shown(app().face_search.by_frame(operator, visit, frame, why), operator))


@blueprint.function_name("face_search_one")
@blueprint.route(route=_ONE, methods=["GET"])
@operated("face_search_one")
def one(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    return answer(_shown(app().face_search.get(operator, _id(req)), operator))


@blueprint.function_name("face_search_approve")
@blueprint.route(route=_ONE + "/approve", methods=["POST"])
@operated("face_search_approve")
def approve(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """Another officer agrees: strangers are searched as well."""
    return answer(_shown(app().face_search.approve(operator, _id(req)), operator))


def _id(req: func.HttpRequest) -> str:
    return known_id(req.route_params.get("id"))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest("bad_photo", "`photo` is a JPEG in base64") from None


def _shown(found: Search, operator: Operator) -> dict[str, Any]:
    teller = Teller(operator)
    people = []
    for candidate in found.people:
        person = app().people.get(candidate.person)
        name = person.name if person else None
        people.append({"person": candidate.person, "name": name, "band": candidate.band, "visits": candidate.visits})
    return {
        "id": found.id,
        "people": people,
        "strangers": {"state": found.strangers},
        "visits": [{**teller.visit(facts), "band": band} for facts, band in found.visits],
    }
