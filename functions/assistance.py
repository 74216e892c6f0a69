"""Calls for staff over HTTP, for operators."""

from typing import Any

import azure.functions as func

from functions.http import answer, json_body, text_field
from functions.operators import ground_of, operated
from functions.people import jpeg
from shared.domain.errors import BadRequest
from shared.domain.recording import RecordingKind, recording_name
from shared.domain.roles import Operator
from shared.domain.stamp import stamp
from shared.services.operators.assistance import Call
from shared.services.operators.vouching import Paper
from shared.wiring import app

blueprint = func.Blueprint()

_ONE = "api/assistance/{id}"


@blueprint.function_name("assistance_list")
@blueprint.route(route="api/assistance", methods=["GET"])
@operated("assistance_list")
def calls(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """Who waits, longest first; without a person or a picture."""
    return answer({"calls": [_shown(call) for call in app().assistance.open()]})


@blueprint.function_name("assistance_call")
@blueprint.route(route=_ONE, methods=["GET"])
@operated("assistance_call")
def call(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """With the frame to answer for, and the enrolment photo of whom `person` names, or the machine recognised."""
    found = app().assistance.call(operator, _id(req))
    person = req.params.get("person") or found.first_person or found.person
    frame = found.frame
    return answer(
        {
            **_shown(found),
            "frame": {
                "seq": frame.seq,
                "at": stamp(frame.at),
                "name": str(recording_name(found.session.id, RecordingKind.FRAME, frame.seq)),
            }
            if frame
            else None,
            "person": person,
            "photo": app().people_admin.photo_name(person) if person else None,
            "recognised": found.person,
            "firstOfficer": found.first_officer,
        }
    )


@blueprint.function_name("assistance_frame")
@blueprint.route(route=_ONE + "/frames/{seq}", methods=["GET"])
@operated("assistance_frame")
def frame(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    return jpeg(app().assistance.frame(operator, _id(req), _seq(req.route_params.get("seq", ""))))


@blueprint.function_name("assistance_vouch")
@blueprint.route(route=_ONE + "/vouch", methods=["POST"])
@operated("assistance_vouch")
def vouch(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """200 when the PIN is on its way; 202 when a second officer is needed."""
    body = json_body(req)
    seq, paper = body.get("seq"), paper_of(body)
    if not isinstance(seq, int) or isinstance(seq, bool):
        raise BadRequest("bad_seq", "`seq` is the number of the frame that was looked at")
    vouching = app().vouching.vouch(operator, _id(req), text_field(body, "person", 64), seq, paper, ground_of(body))
    return answer({"state": vouching.session.state, "complete": vouching.complete}, 200 if vouching.complete else 202)


@blueprint.function_name("assistance_refuse")
@blueprint.route(route=_ONE + "/refuse", methods=["POST"])
@operated("assistance_refuse")
def refuse(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    return answer({"state": app().assistance.refuse(operator, _id(req), ground_of(json_body(req))).state})


def _id(req: func.HttpRequest) -> str:
    return str(req.route_params.get("id", ""))


def _seq(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise BadRequest("bad_seq", "a frame has a number")
    return int(text)


def _shown(found: Call) -> dict[str, Any]:
    session = found.session
    return {
        "session": session.id,
        "reference": session.reference,
        "kiosk": session.kiosk,
        "place": found.place,
        "language": session.language,
        "since": stamp(found.since),
        "expiresAt": stamp(session.expires_at),
    }


def paper_of(body: dict[str, Any]) -> Paper:
    """Which document the operator looked at. Raises BadRequest("bad_document")."""
    paper = body.get("document")
    if not (isinstance(paper, str) and paper in set(Paper)):
        raise BadRequest("bad_document", f"`document` is one of {', '.join(Paper)}")
    return Paper(paper)
