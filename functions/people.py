"""People over HTTP, for operators; and the timer that goes on with what an erasure left unfinished."""

from typing import Any

import azure.functions as func

from functions.http import answer, json_body, text_field
from functions.operators import ground_of, operated
from shared.domain.errors import BadRequest, NotFound, TooLarge
from shared.domain.roles import Operator
from shared.domain.stamp import stamp
from shared.logs import invocation_id
from shared.services.people.registry import Person, Status
from shared.services.people_admin.csv_import import NEW, ImportReport
from shared.services.people_admin.phone_changes import PhoneChange
from shared.services.people_admin.photos import Photo
from shared.wiring import app

blueprint = func.Blueprint()

_ONE = "api/people/{id}"
_CSV_BYTES = 4_000_000
_NAME_MOST = 80
_CHANGEABLE = frozenset({"customer", "operator"})


@blueprint.function_name("people_list")
@blueprint.route(route="api/people/search", methods=["POST"])
@operated("people_list")
def find(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """By the beginning of the name. Posted, because a name in an address ends up in logs."""
    body = json_body(req)
    begins = text_field(body, "name", _NAME_MOST) if body.get("name") else ""
    cursor = text_field(body, "cursor", 4000) if body.get("cursor") else None
    limit = body.get("limit", 50)
    if not isinstance(limit, int) or not 1 <= limit <= 200:
        raise BadRequest("bad_limit", "`limit` is 1 to 200")
    page = app().people_admin.find(begins, _status(body), limit, cursor)
    return answer({"people": [_shown(person) for person in page.people], "cursor": page.cursor})


@blueprint.function_name("people_one")
@blueprint.route(route=_ONE, methods=["GET"])
@operated("people_one")
def one(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    detail = app().people_admin.one(operator, _id(req))
    day, total = detail.failures
    return answer(
        {
            **_shown(detail.person),
            "templates": {"face": detail.faces, "learned": len(detail.learned), "voice": detail.voices},
            "learned": [{"id": t.id, "at": t.created_at, "recording": t.source} for t in detail.learned],
            "phoneChange": phone_change_shown(app().phone_changes.of(detail.person.id)),
            "photosWaiting": [photo_shown(photo) for photo in app().photos.waiting(detail.person.id)],
            "photo": detail.photo,
            "lockout": {"wrongPinsDay": day, "wrongPinsTotal": total, "barred": detail.barred},
        }
    )


@blueprint.function_name("people_photo")
@blueprint.route(route=_ONE + "/photo", methods=["GET"])
@operated("people_photo")
def photo(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """The picture the first template was made from, where it is kept."""
    return jpeg(app().people_admin.photo(operator, _id(req)))


@blueprint.function_name("people_phone")
@blueprint.route(route=_ONE + "/phone", methods=["POST"])
@operated("people_phone")
def phone(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """The number in clear, for a reason."""
    return answer({"phone": app().people_admin.reveal_phone(operator, _id(req), ground_of(json_body(req)))})


@blueprint.function_name("people_approve")
@blueprint.route(route=_ONE + "/approve", methods=["POST"])
@operated("people_approve")
def approve(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    return answer(_shown(app().people_admin.approve(operator, _id(req))))


@blueprint.function_name("people_suspend")
@blueprint.route(route=_ONE + "/suspend", methods=["POST"])
@operated("people_suspend")
def suspend(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    return answer(_shown(app().people_admin.suspend(operator, _id(req), ground_of(json_body(req)))))


@blueprint.function_name("people_reactivate")
@blueprint.route(route=_ONE + "/reactivate", methods=["POST"])
@operated("people_reactivate")
def reactivate(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    return answer(_shown(app().people_admin.reactivate(operator, _id(req), ground_of(json_body(req)))))


@blueprint.function_name("people_unlock")
@blueprint.route(route=_ONE + "/unlock", methods=["POST"])
@operated("people_unlock")
def unlock(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    return answer(_shown(app().people_admin.unlock(operator, _id(req), ground_of(json_body(req)))))


@blueprint.function_name("people_unlearn")
@blueprint.route(route=_ONE + "/learned/{template}/undo", methods=["POST"])
@operated("people_unlearn")
def unlearn(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """Forget a template that the machine learned by itself."""
    template = str(req.route_params.get("template", ""))
    return answer(_shown(app().people_admin.undo_learned(operator, _id(req), template, ground_of(json_body(req)))))


@blueprint.function_name("people_change")
@blueprint.route(route=_ONE, methods=["PATCH"])
@operated("people_change")
def change(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """`customer` and `operator`; null takes either away."""
    body = json_body(req)
    if not body.keys() <= _CHANGEABLE:
        raise BadRequest("nothing_to_change", "`customer` or `operator` must be given, and nothing else")
    changes = {name: None if value is None else text_field(body, name, 64) for name, value in body.items()}
    return answer(_shown(app().people_admin.change(operator, _id(req), changes)))


@blueprint.function_name("people_erase")
@blueprint.route(route=_ONE + "/erase", methods=["POST"])
@operated("people_erase")
def erase(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """200 when nothing is left of the person; 202 while a hold suspends it. Posted: a DELETE's body may be dropped."""
    erasure = app().erase.person(operator, _id(req), ground_of(json_body(req)).require())
    told = {"person": erasure.person, "done": erasure.done, "held": erasure.held, "steps": [*erasure.steps]}
    return answer(told, 200 if erasure.done else 202)


@blueprint.function_name("people_import")
@blueprint.route(route="api/people/import", methods=["POST"])
@operated("people_import")
def import_csv(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """CSV in UTF-8. A dry run unless `dryRun=false`."""
    data = req.get_body()
    if len(data) > _CSV_BYTES:
        raise TooLarge("the file")
    dry_run = req.params.get("dryRun", "true")
    if dry_run not in {"true", "false"}:
        raise BadRequest("bad_dryrun", "`dryRun` is true or false")
    return answer(_report(app().people_import.run(operator, data, dry_run=dry_run == "true")))


@blueprint.function_name("people_export")
@blueprint.route(route="api/people/export", methods=["POST"])
@operated("people_export")
def export_csv(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """Masked numbers; in clear for an admin with a reason."""
    data = app().people_export.csv(operator, ground_of(json_body(req)))
    headers = {
        "Cache-Control": "no-store",
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="people.csv"',
        "X-Content-Type-Options": "nosniff",
    }
    return func.HttpResponse(data, headers=headers, mimetype="text/csv")


@blueprint.function_name("resume_erasures")
@blueprint.timer_trigger("timer", schedule="45 */5 * * * *")
def resume_erasures(timer: func.TimerRequest, context: func.Context) -> None:
    invocation_id.set(context.invocation_id)
    app().erase.resume()


def jpeg(image: bytes | None) -> func.HttpResponse:
    """Raises NotFound for None."""
    if image is None:
        raise NotFound("no picture is kept")
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Type": "image/jpeg"}
    return func.HttpResponse(image, headers=headers, mimetype="image/jpeg")


def photo_shown(photo: Photo) -> dict[str, Any]:
    return {"id": photo.id, "by": photo.by, "at": photo.at, "waiting": photo.waiting}


def phone_change_shown(change: PhoneChange | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "ending": app().phone_changes.ending(change),
        "proven": change.proven,
        "askedAt": stamp(change.asked_at),
        "askedBy": change.by,
        "effectiveAt": stamp(change.effective_at) if change.effective_at else None,
    }


def _id(req: func.HttpRequest) -> str:
    return str(req.route_params.get("id", ""))


def _status(body: dict[str, Any]) -> Status | None:
    asked = body.get("status")
    if asked is not None and not (isinstance(asked, str) and asked in set(Status)):
        raise BadRequest("bad_status", f"`status` is one of {', '.join(Status)}")
    return Status(asked) if asked else None


def _shown(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "givenName": person.given_name,
        "phone": app().people_admin.ending(person),
        "status": person.status,
        "language": person.language,
        "customer": person.customer,
        "operator": person.operator,
        "assurance": person.assurance,
        "registeredBy": person.registered_by,
        "createdAt": stamp(person.created_at),
        "consent": {"version": person.consent_version, "at": stamp(person.consent_at) if person.consent_at else None},
        "phoneChangedAt": stamp(person.phone_changed_at) if person.phone_changed_at else None,
    }


def _report(report: ImportReport) -> dict[str, Any]:
    lines = [
        {"line": line.number, "outcome": line.outcome, "status": line.status, "person": line.person}
        for line in report.lines
    ]
    return {"dryRun": report.dry_run, "new": report.counts.get(NEW, 0), "counts": report.counts, "lines": lines}
