"""What a kiosk page needs before there is a visit: its configuration, and its pairing."""

import azure.functions as func

from functions.http import answer, endpoint, json_body, text_field
from shared.domain.errors import BadRequest
from shared.wiring import app, settings

blueprint = func.Blueprint()


@blueprint.function_name("kiosk_config")
@blueprint.route(route="api/kiosk/config", methods=["GET"])
@endpoint
def config(req: func.HttpRequest) -> func.HttpResponse:
    """Public: what the attract screen says and how the page behaves."""
    s = settings()
    return answer(
        {
            "bank": s.bank_name,
            "notice": {"operator": s.notice_operator, "retentionDays": s.recording_days},
            "start": s.kiosk_start,
            "languages": ["en", "es", "ja", "ar"],
            "sentence": {**s.voice_sentences},
            "help": {"telephone": s.help_telephone, "hours": s.help_hours},
            "enrolment": s.enrolment,
            "consent": {"version": s.consent_version},
            "adultsOnly": s.enrolment_adults_only,
            "devhost": s.local_host,
            "frame": {
                "identifyMs": s.kiosk_identify_ms,
                "watchMs": s.kiosk_watch_ms,
                "maxWidth": 640,
                "quality": 0.85,
            },
            "pollMs": s.kiosk_poll_ms,
        }
    )


@blueprint.function_name("kiosk_pair")
@blueprint.route(route="api/kiosks/pair", methods=["POST"])
@endpoint
def pair(req: func.HttpRequest) -> func.HttpResponse:
    """Public, by a one-time code: the page's key becomes the kiosk's."""
    body = json_body(req)
    key = body.get("publicKey")
    if not isinstance(key, dict):
        raise BadRequest("bad_public_key", "`publicKey` must be a P-256 public JWK")
    kiosk = app().kiosks.pair(text_field(body, "code", 40), key, caller_address(req))
    return answer({"kiosk": kiosk.id, "name": kiosk.name, "timeZone": kiosk.time_zone}, 201)


def caller_address(req: func.HttpRequest) -> str:
    """Where a request comes from, as far as the platform in front says so; used only to count tries."""
    forwarded = req.headers.get("X-Forwarded-For") or req.headers.get("X-Azure-ClientIP") or "local"
    return forwarded.split(",")[-1].strip()[:60]
