"""Photos that staff add, over HTTP: one operator where the machine knows the face, two where it does not."""

import base64
import binascii

import azure.functions as func

from functions.http import answer, json_body, nothing
from functions.operators import ground_of, operated
from functions.people import jpeg, photo_shown
from shared.domain.errors import BadRequest, MediaRejected, TooLarge
from shared.domain.images import ImageFormat, image_header
from shared.domain.roles import Operator
from shared.wiring import app, settings

blueprint = func.Blueprint()

_ALL = "api/people/{id}/photos"
_ONE = _ALL + "/{photo}"


@blueprint.function_name("people_photo_add")
@blueprint.route(route=_ALL, methods=["POST"])
@operated("people_photo_add")
def add(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """A JPEG in base64. 201 when it is in use, 202 when a second operator has to look at it."""
    most = settings().frame_bytes
    body = json_body(req, most * 4 // 3 + 4_096)
    photo = app().photos.add(operator, _id(req), _image(body.get("photo"), most), ground_of(body))
    return answer(photo_shown(photo), 202 if photo.waiting else 201)


@blueprint.function_name("people_photo_waiting")
@blueprint.route(route=_ONE, methods=["GET"])
@operated("people_photo_waiting")
def show(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    return jpeg(app().photos.image(operator, _id(req), _photo(req)))


@blueprint.function_name("people_photo_approve")
@blueprint.route(route=_ONE + "/approve", methods=["POST"])
@operated("people_photo_approve")
def approve(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """The second operator."""
    app().photos.approve(operator, _id(req), _photo(req), ground_of(json_body(req)))
    return nothing()


@blueprint.function_name("people_photo_refuse")
@blueprint.route(route=_ONE + "/refuse", methods=["POST"])
@operated("people_photo_refuse")
def refuse(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    app().photos.refuse(operator, _id(req), _photo(req), ground_of(json_body(req)))
    return nothing()


def _image(text: object, most: int) -> bytes:
    """Raises BadRequest("bad_photo"), TooLarge, MediaRejected."""
    if not isinstance(text, str):
        raise BadRequest("bad_photo", "`photo` is a JPEG in base64")
    try:
        image = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest("bad_photo", "`photo` is a JPEG in base64") from None
    if len(image) > most:
        raise TooLarge("the photo")
    header = image_header(image)
    if header.format is not ImageFormat.JPEG:
        raise MediaRejected("not_an_image", "photos are JPEG")
    if max(header.width, header.height) > settings().frame_side:
        raise TooLarge("the photo's sides")
    return image


def _id(req: func.HttpRequest) -> str:
    return str(req.route_params.get("id", ""))


def _photo(req: func.HttpRequest) -> str:
    return str(req.route_params.get("photo", ""))
