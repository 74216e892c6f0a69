"""What the provider reports of a message: signed, late, twice, out of order, and what the kiosk then shows."""

import itertools
from typing import Any
from urllib.parse import urlencode

import azure.functions as func
import pytest
from twilio.request_validator import RequestValidator

from functions import http, sms
from shared.adapters.opaque_references import OpaqueReferences
from shared.adapters.twilio_reports import TwilioReports
from shared.domain.errors import NotAllowed
from shared.domain.pin import SmsState
from shared.domain.session import State
from shared.ports import SmsRefused, SmsUnknown
from tests.fakes import fake_keys
from tests.stage import Stage, StageApp

ACCOUNT, TOKEN = "AC" + "0" * 32, "f00dfeedf00dfeedf00dfeedf00dfeed"
ADDRESS = "https://atm.example/api/sms/status"
SID = "SM" + "a" * 32


class Twilio:
    """A stage with one customer at the PIN, and the provider that reports on their message."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **chosen: object) -> None:
        settings = {
            "sms_provider": "twilio",
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": TOKEN,
            "twilio_from": "+15005550006",
            "twilio_status_callback": ADDRESS,
            **chosen,
        }
        self.stage = Stage(StageApp(**settings))
        self.app = self.stage.app
        for module in (http, sms):
            monkeypatch.setattr(module, "app", lambda: self.app)
        self.stage.enrol("ada")

    def report(self, status: str, *, reference: str | None = None, signed: str | None = None, **fields: str) -> int:
        """Post a status callback; returns the HTTP status."""
        plain = self.app.fake_sms.sent[-1].reference if reference is None else reference
        hidden = self.app.references.hide(plain)
        form = {"AccountSid": ACCOUNT, "MessageSid": SID, "MessageStatus": status, "To": "+12025550142", **fields}
        return self.post(hidden, form, signed)

    def post(self, hidden: str, form: dict[str, str], signed: str | None = None) -> int:
        signature = RequestValidator(TOKEN).compute_signature(f"{ADDRESS}?reference={hidden}", form)
        answer = sms.status(
            func.HttpRequest(
                method="POST",
                url=f"{ADDRESS}?reference={hidden}",
                headers={"X-Twilio-Signature": signature if signed is None else signed},
                params={"reference": hidden},
                body=urlencode(form).encode(),
            )
        )
        return int(answer.status_code)

    @property
    def sms(self) -> SmsState:
        pin = self.stage.now().pin
        assert pin is not None
        return pin.sms

    def shown(self) -> Any:
        return self.stage.view()["pin"]["sms"]  # type: ignore[index]


@pytest.fixture
def twilio(monkeypatch: pytest.MonkeyPatch) -> Twilio:
    playing = Twilio(monkeypatch)
    playing.stage.to_pin()
    return playing


def test_what_became_of_the_message_is_shown_with_the_next_poll(twilio: Twilio) -> None:
    assert twilio.shown() == "sent"
    assert twilio.report("delivered") == 204
    assert twilio.shown() == "delivered"


def test_a_message_that_could_not_be_delivered_says_so_with_its_reason_for_staff(
    twilio: Twilio, caplog: pytest.LogCaptureFixture
) -> None:
    assert twilio.report("undelivered", ErrorCode="30005") == 204
    pin = twilio.stage.now().pin
    assert pin is not None and pin.sms_reason == "unknown_number"
    assert twilio.shown() == "failed"
    (event,) = [e for e in twilio.app.timeline.of(twilio.stage.session) if e["what"] == "pin_not_delivered"]
    assert event["facts"] == {"why": "unknown_number"}
    assert "sms undelivered" in caplog.text
    assert len(twilio.app.fake_sms.sent) == 1, "nothing is sent again by itself"


@pytest.mark.parametrize("order", [*itertools.permutations(["queued", "sent", "delivered"])])
def test_late_reordered_and_repeated_reports_end_at_delivered(twilio: Twilio, order: tuple[str, ...]) -> None:
    for status in (*order, *order):
        assert twilio.report(status) == 204
    assert twilio.sms is SmsState.DELIVERED


@pytest.mark.parametrize("order", [*itertools.permutations(["queued", "sent", "undelivered"])])
def test_late_reordered_and_repeated_reports_end_at_failed(twilio: Twilio, order: tuple[str, ...]) -> None:
    for status in (*order, *order):
        twilio.report(status, ErrorCode="30003")
    assert twilio.sms is SmsState.FAILED
    assert len([e for e in twilio.app.timeline.of(twilio.stage.session) if e["what"] == "pin_not_delivered"]) == 1


def test_a_report_that_comes_before_the_provider_has_answered_the_call_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twilio = Twilio(monkeypatch)
    send = twilio.app.fake_sms.send

    def quick(to: str, text: str, reference: str) -> str:
        sid = send(to, text, reference)
        assert twilio.report("delivered") == 204
        return sid

    monkeypatch.setattr(twilio.app.fake_sms, "send", quick)
    twilio.stage.to_pin()
    assert twilio.sms is SmsState.DELIVERED


@pytest.mark.parametrize(("status", "after"), [("sent", SmsState.SENT), ("failed", SmsState.FAILED)])
def test_a_report_settles_an_outcome_nobody_knew(monkeypatch: pytest.MonkeyPatch, status: str, after: SmsState) -> None:
    twilio = Twilio(monkeypatch)
    twilio.app.fake_sms.failure = SmsUnknown()
    twilio.stage.to_pin()
    before = twilio.sms
    twilio.report(status, reference=f"{twilio.stage.session}.1")
    assert [before, twilio.sms] == [SmsState.UNKNOWN, after]
    assert twilio.app.fake_sms.sent == []


def test_what_the_provider_refused_at_once_stays_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    twilio = Twilio(monkeypatch)
    twilio.app.fake_sms.failure = SmsRefused("unsubscribed")
    twilio.stage.to_pin()
    twilio.report("delivered", reference=f"{twilio.stage.session}.1")
    assert twilio.sms is SmsState.FAILED


def test_a_report_about_the_first_message_changes_nothing_about_the_second(twilio: Twilio) -> None:
    first = twilio.app.fake_sms.sent[-1].reference
    twilio.app.fake_clock.advance(31)
    twilio.app.visit.send_pin(twilio.stage.stored())
    assert len(twilio.app.fake_sms.sent) == 2
    twilio.report("undelivered", reference=first, ErrorCode="30003")
    states = [twilio.sms]
    twilio.report("delivered")
    assert [*states, twilio.sms] == [SmsState.SENT, SmsState.DELIVERED]


def test_a_report_after_the_code_was_typed_or_the_visit_is_over_changes_nothing(twilio: Twilio) -> None:
    assert twilio.stage.type_pin(twilio.stage.code())
    version = twilio.stage.now().version
    assert twilio.report("undelivered", ErrorCode="30003") == 204
    assert (twilio.stage.state, twilio.stage.now().version) == (State.VOICE, version)
    twilio.app.visit.leave(twilio.stage.stored())
    assert twilio.report("delivered") == 204


@pytest.mark.parametrize("reference", ["K7_20261122_gone.1", "no session", "pada.registered", ""])
def test_a_report_about_a_notice_or_a_visit_that_is_gone_is_taken_and_forgotten(twilio: Twilio, reference: str) -> None:
    assert twilio.report("delivered", reference=reference) == 204


def test_a_status_nobody_knows_changes_nothing(twilio: Twilio) -> None:
    assert twilio.report("partially_delivered") == 204
    assert twilio.sms is SmsState.SENT


@pytest.mark.parametrize(
    "change",
    [
        {"signed": ""},
        {"signed": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        {"signed": RequestValidator("another token").compute_signature(ADDRESS, {})},
        {"AccountSid": "AC" + "1" * 32},
    ],
)
def test_what_the_provider_did_not_sign_changes_nothing(twilio: Twilio, change: dict[str, str]) -> None:
    assert twilio.report("undelivered", **change) == 401
    assert twilio.sms is SmsState.SENT


def test_a_signature_is_for_one_reference_and_one_status(twilio: Twilio) -> None:
    hidden = twilio.app.references.hide(twilio.app.fake_sms.sent[-1].reference)
    form = {"AccountSid": ACCOUNT, "MessageStatus": "sent"}
    signed = RequestValidator(TOKEN).compute_signature(f"{ADDRESS}?reference={hidden}", form)
    assert twilio.post(hidden, {**form, "MessageStatus": "failed"}, signed) == 401
    other = twilio.app.references.hide("K7_20261122_other.1")
    assert twilio.post(other, form, signed) == 401
    assert twilio.post(hidden, form, signed) == 204


def test_a_reference_that_is_not_ours_is_nothing_to_us(twilio: Twilio) -> None:
    form = {"AccountSid": ACCOUNT, "MessageStatus": "failed"}
    for hidden in ("", "K7_20261122_mfrggzdf.1", "A" * 400, "é", "k1.AAAA"):
        assert twilio.post(hidden, form) in {204, 401}
    assert twilio.sms is SmsState.SENT


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&".join(b"a%d=1" % n for n in range(100)), b"MessageStatus=x" * 3])
def test_a_body_that_is_no_callback_is_refused(body: bytes) -> None:
    reports = TwilioReports(ACCOUNT, TOKEN, ADDRESS, OpaqueReferences(fake_keys()))
    with pytest.raises(NotAllowed):
        reports.read("x", body, "x")


def test_a_body_too_large_is_refused_before_anything_is_computed(twilio: Twilio) -> None:
    assert twilio.report("sent", Note="x" * 20_000) == 413


def test_where_no_provider_reports_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    twilio = Twilio(monkeypatch, sms_provider="devphone")
    twilio.stage.to_pin()
    assert twilio.report("delivered") == 404


def test_a_reference_tells_nothing_is_never_the_same_and_outlives_a_change_of_keys() -> None:
    references = OpaqueReferences(fake_keys("k1"))
    hidden = {references.hide("K7_20261122_mfrggzdf.1") for _ in range(3)}
    assert len(hidden) == 3
    for one in hidden:
        assert "mfrggzdf" not in one and one.replace("-", "").replace("_", "").isalnum()
        assert OpaqueReferences(fake_keys("k2", "k1")).show(one) == "K7_20261122_mfrggzdf.1"
        with pytest.raises(NotAllowed):
            OpaqueReferences(fake_keys("k2")).show(one)
