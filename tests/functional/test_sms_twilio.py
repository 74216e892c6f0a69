"""The Twilio adapter and its SDK against a server that answers as Twilio does, and one that misbehaves.

What is sent is held against an excerpt of Twilio's published description. Prism would check the same against the whole
of it, but brings some hundred npm packages, and the description is in no registry.
"""

import base64
import io
import json
import logging
import re
import traceback
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import azure.functions as func
import jsonschema_rs
import pytest
from twilio.request_validator import RequestValidator

from functions import http
from functions import sms as sms_functions
from shared.adapters.opaque_references import OpaqueReferences
from shared.adapters.twilio_reasons import FOR_OPERATORS, reason_of
from shared.adapters.twilio_sms import TwilioSms
from shared.domain.pin import SmsState
from shared.ports import SmsRefused, SmsUnknown
from tests.fakes import fake_keys
from tests.functional.misbehaving import Asked, Behaviour, answering, cut, dripping, endless, raw, serving, silent
from tests.functional.storage import free_port
from tests.stage import Stage, StageApp

ACCOUNT = "AC" + "0" * 32
TOKEN = "f00dfeedf00dfeedf00dfeedf00dfeed"
NUMBER = "+447700900123"
TEXT = "482913 is your Face ATM code at Shibuya Station."
SID = "SM" + "a" * 32
ACCEPTED = {"sid": SID, "status": "queued", "error_code": None}


def sms(url: str, sender: str = "MG" + "1" * 32, timeout: float = 5.0, callback: str | None = None) -> TwilioSms:
    return TwilioSms(ACCOUNT, ACCOUNT, TOKEN, sender, base_url=url, timeout=timeout, status_callback=callback)


def refusal(behaviour: Behaviour) -> str:
    with serving(behaviour) as twilio, pytest.raises(SmsRefused) as refused:
        sms(twilio.url).send(NUMBER, TEXT, "visit-1")
    return refused.value.reason


def test_a_message_goes_to_the_messaging_service_with_its_callback_and_validity() -> None:
    with serving(answering(201, ACCEPTED)) as twilio:
        sender = sms(twilio.url, callback="https://atm.example/api/sms/status")
        assert sender.send(NUMBER, TEXT, "K7 4F/1") == SID
    (asked,) = twilio.asked
    assert (asked.method, asked.path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert {name: value for name, (value,) in parse_qs(asked.body).items()} == {
        "To": NUMBER,
        "Body": TEXT,
        "MessagingServiceSid": "MG" + "1" * 32,
        "StatusCallback": "https://atm.example/api/sms/status?reference=K7%204F/1",
        "ValidityPeriod": "600",
    }


PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "contract" / "twilio" / "create_message.json").read_text(encoding="utf-8")
)


def wrong_by_the_description(asked: Asked) -> list[str]:
    """Every way in which a request is not what the description allows."""
    fields = {name: values[0] for name, values in parse_qs(asked.body).items()}
    validator = jsonschema_rs.Draft202012Validator(PUBLISHED["request"], validate_formats=True)
    wrong = [error.message for error in validator.iter_errors(fields)]
    wrong += [] if asked.method == PUBLISHED["method"] and re.match(PUBLISHED["path"], asked.path) else ["path"]
    return wrong + ([] if asked.headers["content-type"] == PUBLISHED["content"] else ["content type"])


@pytest.mark.parametrize("sender", ["MG" + "1" * 32, "+15005550006"])
@pytest.mark.parametrize("callback", [None, "https://atm.example/api/sms/status"])
def test_every_request_is_as_twilios_published_description_says(sender: str, callback: str | None) -> None:
    hide = OpaqueReferences(fake_keys()).hide
    with serving(answering(201, ACCEPTED)) as twilio:
        twilio_sms = TwilioSms(
            ACCOUNT, ACCOUNT, TOKEN, sender, base_url=twilio.url, status_callback=callback, hide=hide
        )
        twilio_sms.send(NUMBER, TEXT, "K7_20261122_mfrggzdf.1")
    (asked,) = twilio.asked
    assert wrong_by_the_description(asked) == []
    assert "K7_20261122" not in asked.body, "the provider learns no visit's id"


def test_the_description_notices_what_is_wrong() -> None:
    right = {"To": NUMBER, "From": "+15005550006", "Body": "x"}
    for change in ({"To": "0770"}, {"From": "MG1"}, {"Tags": "{}"}, {"ValidityPeriod": "36001"}, {"Body": "x" * 1601}):
        body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in {**right, **change}.items())
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        asked = Asked("POST", path, {"content-type": "application/x-www-form-urlencoded"}, body)
        assert len(wrong_by_the_description(asked)) == 1, change


def test_the_answers_played_here_are_as_published() -> None:
    validator = jsonschema_rs.Draft202012Validator(PUBLISHED["response"])
    for answer in (ACCEPTED, {"sid": SID, "status": "failed", "error_code": 30006}):
        assert [error.message for error in validator.iter_errors(answer)] == []


def test_a_sender_that_is_a_number_is_sent_as_the_number() -> None:
    with serving(answering(201, ACCEPTED)) as twilio:
        sms(twilio.url, sender="+15005550006").send(NUMBER, TEXT, "r")
    form = parse_qs(twilio.asked[0].body)
    assert form["From"] == ["+15005550006"] and "MessagingServiceSid" not in form and "StatusCallback" not in form


def test_a_region_in_the_environment_does_not_move_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    with serving(answering(201, ACCEPTED)) as twilio:
        assert sms(twilio.url).send(NUMBER, TEXT, "r") == SID


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (400, 21211, "invalid_number"),
        (400, 21614, "not_mobile"),
        (400, 21635, "landline"),
        (400, 21610, "unsubscribed"),
        (400, 21608, "unverified_number"),
        (403, 21408, "region_not_enabled"),
        (400, 21606, "bad_sender"),
        (401, 20003, "not_authorised"),
        (429, 20429, "too_many_requests"),
        (429, 63038, "too_many_requests"),
        (400, 99999, "refused"),
    ],
)
def test_each_refusal_of_twilio_has_its_word(status: int, code: int, reason: str) -> None:
    answer = {"code": code, "message": f"The 'To' number {NUMBER} …", "more_info": "", "status": status}
    assert refusal(answering(status, answer)) == reason


def test_a_refusal_in_problem_details_form_is_understood_too() -> None:
    problem = {"type": "https://x", "title": "t", "status": 400, "code": 21610, "detail": NUMBER}
    assert refusal(answering(400, problem)) == "unsubscribed"


@pytest.mark.parametrize(("status", "reason"), [(401, "not_authorised"), (429, "too_many_requests"), (404, "refused")])
def test_a_refusal_without_a_code_goes_by_its_status(status: int, reason: str) -> None:
    assert refusal(answering(status, "<html>no</html>")) == reason


def test_a_message_accepted_and_failed_at_once_is_refused_with_twilios_reason() -> None:
    assert refusal(answering(201, {"sid": SID, "status": "failed", "error_code": 30006})) == "landline"


def test_a_host_that_refuses_the_connection_or_does_not_exist_has_certainly_sent_nothing() -> None:
    for url in (f"http://127.0.0.1:{free_port()}", "http://no-such-host.invalid"):
        with pytest.raises(SmsRefused) as refused:
            sms(url).send(NUMBER, TEXT, "r")
        assert refused.value.reason == "unreachable"


@pytest.mark.parametrize(
    "behaviour",
    [
        silent,
        cut,
        dripping,
        endless,
        raw(b"HTTP/1.1 201 -\r\nContent-Length: 500\r\n\r\n{"),
        raw(b"\x00\x01\x02 this is no HTTP\r\n\r\n"),
        answering(201, "<html>welcome to the hotel's network</html>"),
        answering(201, {}),
        answering(201, [1, 2]),
        answering(200, {"sid": None, "status": "queued"}),
        answering(302, ""),
        answering(408, {"code": 20408}),
        answering(500, {"code": 20500, "message": "Internal"}),
        answering(503, ""),
    ],
)
def test_whatever_leaves_it_open_is_unknown_asked_once_and_over_in_time(behaviour: Behaviour) -> None:
    with serving(behaviour) as twilio:
        with pytest.raises(SmsUnknown):
            sms(twilio.url, timeout=0.5).send(NUMBER, TEXT, "r")
        twilio.wait_until_asked(lambda: twilio.asked)
        assert len(twilio.asked) == 1


@pytest.mark.parametrize("number", ["", "07700900123", "+0123456789", "whatsapp:+447700900123", "+44770090012\n3"])
def test_what_is_no_e164_number_never_leaves(number: str) -> None:
    with serving(answering(201, ACCEPTED)) as twilio:
        with pytest.raises(SmsRefused) as refused:
            sms(twilio.url).send(number, TEXT, "r")
        assert refused.value.reason == "invalid_number" and twilio.asked == []


@pytest.mark.parametrize(
    "behaviour",
    [
        answering(201, ACCEPTED),
        answering(400, {"code": 21608, "message": f"The number {NUMBER} is unverified", "status": 400}),
        cut,
        answering(201, f"{NUMBER} {TEXT}"),
    ],
)
def test_neither_number_nor_text_nor_token_is_ever_logged_or_part_of_an_error(behaviour: Behaviour) -> None:
    written = io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with serving(behaviour) as twilio:
            sms(twilio.url, callback="https://atm.example/status").send(NUMBER, TEXT, "r")
    except (SmsRefused, SmsUnknown) as error:
        assert error.__cause__ is None and error.__context__ is None
        root.exception("failed: %r", error)
        written.write("".join(traceback.format_exception(error, chain=True)))
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    said = written.getvalue()
    assert "127.0.0.1" in said  # the HTTP library did speak at this level
    for secret in (NUMBER, NUMBER[1:], "482913", TEXT, TOKEN, base64.b64encode(TOKEN.encode()).decode()[:20]):
        assert secret not in said


def test_a_refusal_an_operator_can_mend_says_how_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert refusal(answering(400, {"code": 21408, "message": "", "status": 400})) == "region_not_enabled"
    (advice,) = [record.__dict__["facts"]["advice"] for record in caplog.records if record.msg == "sms refused"]
    assert "Geo permissions" in advice


def test_every_hint_belongs_to_a_word_that_a_code_has() -> None:
    words = {reason_of(code) for code in range(10_000, 70_000)}
    assert set(FOR_OPERATORS) <= words and reason_of(None) == "refused" and reason_of("21608") == "refused"


@pytest.mark.parametrize(("status", "after"), [("delivered", SmsState.DELIVERED), ("undelivered", SmsState.FAILED)])
def test_the_address_a_message_names_is_the_one_its_report_is_believed_from(
    monkeypatch: pytest.MonkeyPatch, status: str, after: SmsState
) -> None:
    """The whole way: the visit's message, Twilio's report to the address in it, and the visit again."""
    with serving(answering(201, ACCEPTED)) as twilio:
        stage = Stage(
            StageApp(
                sms_provider="twilio",
                twilio_account_sid=ACCOUNT,
                twilio_auth_token=TOKEN,
                twilio_from="+15005550006",
                twilio_base_url=twilio.url,
                twilio_status_callback="https://atm.example/api/sms/status",
            )
        )
        del stage.app.__dict__["sms"]
        for module in (http, sms_functions):
            monkeypatch.setattr(module, "app", lambda: stage.app)
        stage.enrol("ada")
        stage.to_pin()
    (asked,) = twilio.asked
    assert wrong_by_the_description(asked) == []
    (address,) = parse_qs(asked.body)["StatusCallback"]
    form = {"AccountSid": ACCOUNT, "MessageSid": SID, "MessageStatus": status, "ErrorCode": "30005"}
    answer = sms_functions.status(
        func.HttpRequest(
            method="POST",
            url=address,
            headers={"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(address, form)},
            params={"reference": address.partition("reference=")[2]},
            body=urlencode(form).encode(),
        )
    )
    pin = stage.now().pin
    assert answer.status_code == 204 and pin is not None and pin.sms is after
