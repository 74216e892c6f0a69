"""Kiosks over HTTP, for operators."""

from typing import Any

import azure.functions as func

from functions.http import answer, json_body, text_field
from functions.operators import ground_of, operated
from shared.domain.roles import Operator
from shared.domain.stamp import stamp
from shared.services.kiosks.pairing import PAIRING_VALID, Kiosk
from shared.wiring import app

blueprint = func.Blueprint()

_ONE = "api/kiosks/{id}"


@blueprint.function_name("kiosks_list")
@blueprint.route(route="api/kiosks", methods=["GET"])
@operated("kiosks_list")
def all_kiosks(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    return answer({"kiosks": [_shown(kiosk) for kiosk in app().kiosk_admin.list()]})


@blueprint.function_name("kiosks_create")
@blueprint.route(route="api/kiosks", methods=["POST"])
@operated("kiosks_create")
def create(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    body = json_body(req)
    kiosk_id, name, zone = text_field(body, "id", 8), text_field(body, "name", 200), text_field(body, "timeZone", 64)
    return answer(_shown(app().kiosk_admin.create(operator, kiosk_id, name, zone)), 201)


@blueprint.function_name("kiosks_change")
@blueprint.route(route=_ONE, methods=["PATCH"])
@operated("kiosks_change")
def change(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    body = json_body(req)
    changes: dict[str, str] = {name: text_field(body, name, 200) for name in ("name", "timeZone") if name in body}
    return answer(_shown(app().kiosk_admin.change(operator, _id(req), changes)))


@blueprint.function_name("kiosks_pairing")
@blueprint.route(route=_ONE + "/pairing-code", methods=["POST"])
@operated("kiosks_pairing")
def pairing_code(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """Shown once; typed at the machine within a quarter of an hour."""
    code = app().kiosk_admin.pairing_code(operator, _id(req))
    return answer({"code": code, "expiresAt": stamp(app().clock.now() + PAIRING_VALID)}, 201)


@blueprint.function_name("kiosks_revoke")
@blueprint.route(route=_ONE + "/revoke", methods=["POST"])
@operated("kiosks_revoke")
def revoke(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """Its page is locked out and its visits end at once."""
    return answer({"visitsEnded": app().kiosk_admin.revoke(operator, _id(req), ground_of(json_body(req)).require())})


def _id(req: func.HttpRequest) -> str:
    return str(req.route_params.get("id", ""))


def _shown(kiosk: Kiosk) -> dict[str, Any]:
    state = "revoked" if kiosk.revoked else "paired" if kiosk.public_key else "unpaired"
    return {
        "id": kiosk.id,
        "name": kiosk.name,
        "timeZone": kiosk.time_zone,
        "state": state,
        "createdAt": stamp(kiosk.created_at),
        "pairedAt": stamp(kiosk.paired_at) if kiosk.paired_at else None,
    }
