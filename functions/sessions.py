"""The visit over HTTP: start it, show frames to it, and take its steps. Each call needs the session's own token."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import azure.functions as func

from functions.http import answer, endpoint, json_body, nothing, text_field
from functions.kiosks import caller_address
from shared.domain.errors import BadRequest, MediaRejected, NotAllowed, TooLarge
from shared.domain.events import Tick
from shared.domain.images import ImageFormat, image_header
from shared.domain.session import Session
from shared.domain.stamp import stamp
from shared.domain.transitions import Refused
from shared.domain.wav_header import read_wav_header
from shared.logs import session_id as log_session
from shared.services.kiosks.pairing import SignedStart
from shared.services.session.store import Stored
from shared.settings import Analyse
from shared.wiring import app, settings

blueprint = func.Blueprint()

_LANGUAGES = frozenset({"en", "es", "ja", "ar"})
_ONE = "api/sessions/{id}"


@blueprint.function_name("session_start")
@blueprint.route(route="api/sessions", methods=["POST"])
@endpoint
def start(req: func.HttpRequest) -> func.HttpResponse:
    """Signed with the kiosk's key."""
    signed = SignedStart(
        kiosk=req.headers.get("X-Kiosk", "")[:16],
        time_ms=req.headers.get("X-Kiosk-Time", "")[:20],
        nonce=req.headers.get("X-Kiosk-Nonce", "")[:64],
        signature=req.headers.get("X-Kiosk-Signature", "")[:128],
        body=req.get_body(),
    )
    body = json_body(req)
    kiosk = app().kiosks.authenticate(signed)
    app().kiosk_sessions.take(kiosk.id)
    language = body.get("language", "en")
    known = isinstance(language, str) and language in _LANGUAGES
    session, token = app().visit.start(kiosk.id, language if known else "en")
    app().two_places.started(session, caller_address(req), int(signed.time_ms))
    return answer({"token": token, "session": view_of(session)}, 201)


@blueprint.function_name("session_state")
@blueprint.route(route=_ONE, methods=["GET"])
@endpoint
def state(req: func.HttpRequest) -> func.HttpResponse:
    stored = open_session(req, even_over=True)
    view = app().views.of(app().watch.look(stored))
    tag = f'"{hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()[:20]}"'
    if req.headers.get("If-None-Match") == tag:
        return func.HttpResponse(status_code=304, headers={"ETag": tag, "Cache-Control": "no-store"})
    return answer(view, headers={"ETag": tag})


@blueprint.function_name("session_frame")
@blueprint.route(route=_ONE + "/frames", methods=["POST"])
@endpoint
def frame(req: func.HttpRequest) -> func.HttpResponse:
    """One picture: checked by its header, stored, and analysed by whoever gets the event."""
    stored = open_session(req)
    image = req.get_body()
    if len(image) > settings().frame_bytes:
        raise TooLarge("the frame")
    header = image_header(image)
    if header.format is not ImageFormat.JPEG:
        raise MediaRejected("not_an_image", "frames are JPEG")
    if max(header.width, header.height) > settings().frame_side:
        raise TooLarge("the frame's sides")
    seq, at = app().visit.frame(stored.session, image)
    if settings().analyse is Analyse.INLINE:
        app().inline_frame(stored.session, seq, image)
    return answer({"seq": seq, "at": stamp(at)}, 202)


@blueprint.function_name("session_voice")
@blueprint.route(route=_ONE + "/voice", methods=["POST"])
@endpoint
def voice(req: func.HttpRequest) -> func.HttpResponse:
    """One clip for the phrase now shown, named by `attempt`."""
    stored = open_session(req)
    clip = req.get_body()
    read_wav_header(clip, app().wav_limits)
    asked = req.params.get("attempt", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 2):
        raise BadRequest("bad_attempt", "`attempt` must be the number of the phrase now shown")
    app().visit.voice(stored, int(asked), clip)
    if settings().analyse is Analyse.INLINE:
        app().inline_voice(stored.session, int(asked), clip)
    return answer({"attempt": int(asked)}, 202)


@blueprint.function_name("session_pin")
@blueprint.route(route=_ONE + "/pin", methods=["POST"])
@endpoint
def pin(req: func.HttpRequest) -> func.HttpResponse:
    stored = open_session(req)
    app().visit.touched(stored.session)
    body = json_body(req)
    by = body.get("by", "message")
    if by not in ("message", "app"):
        raise BadRequest("bad_by", "`by` is message or app")
    result = app().visit.pin(stored, text_field(body, "code", 12), app=by == "app")
    return answer({"accepted": result.accepted, "session": view_of(result.session)})


@blueprint.function_name("session_claim")
@blueprint.route(route=_ONE + "/claim", methods=["POST"])
@endpoint
def claim(req: func.HttpRequest) -> func.HttpResponse:
    stored = open_session(req)
    phone = app().numbers.parse(text_field(json_body(req), "phone", 40))
    return answer(view_of(app().visit.claim(stored, phone)))


@blueprint.function_name("session_pin_send")
@blueprint.route(route=_ONE + "/pin/send", methods=["POST"])
@endpoint
def pin_send(req: func.HttpRequest) -> func.HttpResponse:
    return _step(req, lambda stored: app().visit.send_pin(stored))


@blueprint.function_name("session_pin_resend")
@blueprint.route(route=_ONE + "/pin/resend", methods=["POST"])
@endpoint
def pin_resend(req: func.HttpRequest) -> func.HttpResponse:
    return _step(req, lambda stored: app().visit.send_pin(stored))


@blueprint.function_name("session_retry")
@blueprint.route(route=_ONE + "/retry", methods=["POST"])
@endpoint
def retry(req: func.HttpRequest) -> func.HttpResponse:
    return _step(req, lambda stored: app().visit.retry(stored))


@blueprint.function_name("session_assistance")
@blueprint.route(route=_ONE + "/assistance", methods=["POST"])
@endpoint
def assistance(req: func.HttpRequest) -> func.HttpResponse:
    return _step(req, lambda stored: app().visit.assistance(stored))


@blueprint.function_name("session_more_time")
@blueprint.route(route=_ONE + "/more-time", methods=["POST"])
@endpoint
def more_time(req: func.HttpRequest) -> func.HttpResponse:
    return _step(req, lambda stored: app().visit.more_time(stored))


@blueprint.function_name("session_language")
@blueprint.route(route=_ONE + "/language", methods=["PUT"])
@endpoint
def language(req: func.HttpRequest) -> func.HttpResponse:
    """The customer's choice: for this visit's screens and messages, and theirs once it is granted."""
    return _step(req, lambda stored: app().visit.speak(stored, _chosen_language(req)))


def _chosen_language(req: func.HttpRequest) -> str:
    """Raises BadRequest("bad_language")."""
    chosen = text_field(json_body(req), "language", 8)
    if chosen not in _LANGUAGES:
        raise BadRequest("bad_language", f"`language` is one of {', '.join(sorted(_LANGUAGES))}")
    return chosen


@blueprint.function_name("session_input")
@blueprint.route(route=_ONE + "/input", methods=["POST"])
@endpoint
def touched(req: func.HttpRequest) -> func.HttpResponse:
    app().visit.touched(open_session(req).session)
    return nothing()


@blueprint.function_name("session_leave")
@blueprint.route(route=_ONE, methods=["DELETE"])
@endpoint
def leave(req: func.HttpRequest) -> func.HttpResponse:
    app().visit.leave(open_session(req, even_over=True))
    return nothing()


def _step(req: func.HttpRequest, step: Callable[[Stored], Session]) -> func.HttpResponse:
    stored = open_session(req)
    app().visit.touched(stored.session)
    return answer(view_of(step(stored)))


def open_session(req: func.HttpRequest, *, even_over: bool = False) -> Stored:
    """The session the caller's token opens. Raises NotAllowed, and Refused (410) once it is over."""
    asked = req.route_params.get("id", "")
    stored = app().visit.open(asked, req.headers.get("X-Visit-Token"), req.headers.get("X-Teller-Token"))
    log_session.set(asked)
    session = stored.session
    if session.over:
        now = app().clock.now()
        if not even_over:
            raise Refused(session.state, Tick(at=now, seen_at=now, shown_at=now), "session_over")
        if (now - session.changed_at).total_seconds() > 60:
            raise NotAllowed("the session has been over for a while")
    return stored


def view_of(session: Session) -> dict[str, Any]:
    return app().views.of(app().scenes.of(session))
