"""What every HTTP function shares: problems (RFC 9457), bounded JSON bodies, headers, and their decorator."""

import json
import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import azure.functions as func

from shared.domain import errors
from shared.domain.transitions import Refused
from shared.domain.wav_header import TOO_BIG, TOO_LONG
from shared.logs import say, session_id
from shared.trace import adopt
from shared.wiring import app

JSON_BYTES = 16_384
_UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")  # JSON can escape half a surrogate pair, and no store takes it
_STATUS: tuple[tuple[type[errors.AtmError], int], ...] = (
    (errors.NotAllowed, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.AlreadyExists, 409),
    (errors.LostRace, 409),
    (errors.WrongState, 409),
    (errors.Locked, 423),
    (errors.LimitReached, 429),
    (errors.TooLarge, 413),
    (errors.MediaRejected, 415),
    (errors.BadRequest, 400),
    (errors.Unavailable, 503),
)
# One sentence a person can act on, by code. Anything not listed gets its class's own.
_DETAIL = {
    "in_front": "Please look at the camera and try again. Nothing was used up.",
    "pin_not_expired": "This code is no longer valid. Ask for a new one.",
    "resend_due": "A code was sent a moment ago. Please wait before asking again.",
    "sends_left": "No further code can be sent in this visit.",
    "this_attempt": "The clip belongs to another phrase than the one now shown.",
    "not_received_yet": "A clip for this phrase was received already.",
    "not_extended": "This visit was extended once already.",
    "not_allowed": "The credential is missing, wrong or no longer valid.",
    "not_found": "There is nothing here by this name.",
    "wrong_state": "This cannot be done at this point of the visit.",
    "lost_race": "Somebody else changed this at the same time. Look again and repeat.",
    "already_exists": "This exists already.",
    "limit_reached": "Too many of these. Please wait and try again.",
    "too_large": "The upload is larger than allowed.",
    "unavailable": "A service this needs is not available. Please try again in a moment.",
    "session_over": "This visit is over.",
    "not_usable": "The picture must show one face, near, sharp and well lit. Take another one.",
    "nothing_being_judged": "Your voice is being checked. Please try again in a moment.",
}
# The table's guard names are internal; these are the codes the API promises.
_CODES = {
    "in_front": "not_in_front",
    "pin_not_expired": "pin_expired",
    "resend_due": "too_soon",
    "sends_left": "no_sends_left",
    "this_attempt": "wrong_attempt",
    "not_received_yet": "already_received",
    "not_extended": "already_extended",
    "nothing_being_judged": "being_checked",
    "not_expired": "session_over",
}

type Handler = Callable[[func.HttpRequest], func.HttpResponse]


def endpoint(handler: Handler) -> Handler:
    """Turn expected failures into problems; anything else is logged without its message and answered with 500."""

    @wraps(handler)
    def guarded(req: func.HttpRequest) -> func.HttpResponse:
        adopt(req.headers.get("traceparent"))
        session_id.set(None)  # the thread served another request before
        try:
            return handler(req)
        except errors.AtmError as failure:
            return problem_of(failure)
        except Exception as failure:
            say(logging.ERROR, "unexpected", where=handler.__name__, error=type(failure).__name__, trace=failure)
            return problem(500, "unexpected", "Something went wrong here. It was recorded and will be looked at.")

    return guarded


def problem_of(failure: errors.AtmError) -> func.HttpResponse:
    status = next(status for kind, status in _STATUS if isinstance(failure, kind))
    inner = failure.code
    code = _CODES.get(inner, inner) if isinstance(failure, Refused) else inner
    if isinstance(failure, Refused) and code == inner and inner not in _DETAIL:
        code = "wrong_state"
    if code == "session_over":
        status = 410
    if code == "range_not_satisfiable":
        status = 416
    if code == "too_soon":
        status = 429
    if code in {TOO_BIG, TOO_LONG}:
        status = 413
    detail = _DETAIL.get(inner) or _DETAIL.get(code) or type(failure).__doc__ or code
    retry = getattr(failure, "retry_after", None)
    return problem(status, code, detail, retry_after=retry)


def problem(status: int, code: str, detail: str, *, retry_after: float | None = None) -> func.HttpResponse:
    body: dict[str, Any] = {
        "type": f"urn:face-atm:problem:{code}",
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": detail,
    }
    headers = _headers("application/problem+json")
    if retry_after is not None:
        body["retryAfter"] = round(retry_after, 1)
        headers["Retry-After"] = str(max(1, round(retry_after)))
    return func.HttpResponse(json.dumps(body), status_code=status, headers=headers, mimetype="application/problem+json")


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> func.HttpResponse:
    """A JSON answer that no cache keeps."""
    return func.HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status_code=status,
        headers={**_headers("application/json"), **(headers or {})},
        mimetype="application/json",
    )


def nothing(status: int = 204) -> func.HttpResponse:
    return func.HttpResponse(status_code=status, headers=_headers(None))


def json_body(req: func.HttpRequest, most: int = JSON_BYTES) -> dict[str, Any]:
    """The body as a JSON object; an empty body is {}. Raises TooLarge, BadRequest("bad_json")."""
    raw = req.get_body()
    if len(raw) > most:
        raise errors.TooLarge("the JSON body")
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise errors.BadRequest("bad_json") from None
    if not isinstance(body, dict):
        raise errors.BadRequest("bad_json")
    return body


def text_field(body: dict[str, Any], name: str, most: int, *, least: int = 1) -> str:
    """A string field of bounded length. Raises BadRequest("bad_<name>")."""
    value = body.get(name)
    if not isinstance(value, str) or not least <= len(value) <= most or _UNKEEPABLE.search(value):
        raise errors.BadRequest(f"bad_{name.lower()}", f"`{name}` must be text of {least} to {most} characters")
    return value


def _headers(content_type: str | None) -> dict[str, str]:
    headers = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Server-Time": str(round(app().clock.now().timestamp() * 1000)),
    }
    if content_type:
        headers["Content-Type"] = content_type
    return headers
