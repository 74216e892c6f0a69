"""What the operators see: one trace a visit, the metrics that matter, and nothing that must not be read."""

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure.functions as func
import pytest
from azure.functions.blob import InputStream
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from functions import http, recordings, sessions
from shared import logs, trace
from shared.adapters.spans import linked_spans, spans
from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.domain.session import State
from shared.ports import Sms
from shared.services.health.measured import EVERY, Latencies, MeasuredSms
from tests.fakes import FakeClock
from tests.stage import Stage

ROOT = Path(__file__).parents[2]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


class Lines(logging.Handler):
    """What a handler of OpenTelemetry would export, and the line that is written."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def facts(self, event: str) -> list[dict[str, Any]]:
        return [vars(record)["facts"] for record in self.records if record.getMessage() == event]

    def written(self) -> list[dict[str, Any]]:
        return [json.loads(logs.JsonFormatter().format(record)) for record in self.records]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, before = Lines(), logs.LOGGER.level
    logs.LOGGER.addHandler(handler)
    logs.LOGGER.setLevel(logging.INFO)
    yield handler
    logs.LOGGER.removeHandler(handler)
    logs.LOGGER.setLevel(before)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    stage = Stage()
    stage.enrol("ada")
    for module in (http, recordings, sessions):
        monkeypatch.setattr(module, "app", lambda: stage.app)
    yield stage
    trace.adopt(None)
    logs.session_id.set(None)
    logs.invocation_id.set(None)


def request(stage: Stage, method: str, *, traceparent: str | None = TRACEPARENT, body: bytes = b"") -> func.HttpRequest:
    headers = {"X-Visit-Token": stage.token} | ({"traceparent": traceparent} if traceparent else {})
    return func.HttpRequest(method, "/", headers=headers, route_params={"id": stage.session}, body=body)


def deliver(stage: Stage, name: str) -> None:
    """The event of a stored recording, as the host hands it over."""
    info = stage.app.fake_media.info(CONTAINER, name)
    assert info is not None
    data = stage.app.fake_media.read(CONTAINER, name)
    blob = InputStream(data=data, name=f"{CONTAINER}/{name}", metadata=dict(info.metadata))
    context: Any = SimpleNamespace(invocation_id="11111111-2222-3333-4444-555555555555")
    for trigger in (recordings.identify_face, recordings.verify_voice):
        asyncio.run(trigger._function._func(blob, context))


def shown_over_http(stage: Stage, *images: str) -> None:
    """Frames stored under the kiosk's trace, analysed by triggers that know nothing but the blob."""
    for image in images:
        trace.adopt(TRACEPARENT)
        stage.show(image, deliver=False)
        seq = stage.app.log.received(stage.session).frames
        trace.adopt(None)
        deliver(stage, str(recording_name(stage.session, RecordingKind.FRAME, seq)))


def test_one_trace_leads_from_the_kiosks_first_frame_through_the_triggers_to_the_grant(
    stage: Stage, lines: Lines
) -> None:
    stage.begin()
    shown_over_http(stage, *["ada"] * 4)
    trace.adopt(TRACEPARENT)
    assert stage.type_pin(stage.code())
    shown_over_http(stage, "ada")
    phrase = stage.now().phrase
    assert phrase is not None
    trace.adopt(TRACEPARENT)
    clip = f"voice:ada;digits:{phrase.digits};take:{phrase.attempt}".encode()
    stage.app.visit.voice(stage.stored(), phrase.attempt, clip)
    trace.adopt(None)
    deliver(stage, str(recording_name(stage.session, RecordingKind.VOICE, phrase.attempt)))
    assert stage.state is State.GRANTED
    (granted,) = lines.facts("visit granted")
    assert granted["trace"] == TRACE
    assert granted["session"] == stage.session
    assert granted["invocation"].startswith("11111111")


def test_a_request_works_under_the_trace_it_names_and_the_next_one_on_the_thread_does_not(stage: Stage) -> None:
    stage.begin()
    sessions.touched._function._func(request(stage, "POST"))
    assert trace.trace_id() == TRACE
    assert logs.session_id.get() == stage.session
    sessions.touched._function._func(request(stage, "POST", traceparent=None))
    assert trace.trace_id() is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"{TRACEPARENT}\nevil: 1",
        "x" * 9999,
    ],
)
def test_what_is_no_traceparent_is_not_taken_for_one(header: str) -> None:
    trace.adopt(header)
    assert trace.current() is None


def test_a_recording_without_a_trace_is_analysed_all_the_same(stage: Stage) -> None:
    stage.begin()
    stage.show("ada", deliver=False)
    name = str(recording_name(stage.session, RecordingKind.FRAME, 1))
    info = stage.app.fake_media.info(CONTAINER, name)
    assert info is not None and trace.METADATA not in info.metadata
    deliver(stage, name)
    assert stage.app.log.get(stage.session, 1) is not None


# --- metrics ---


def test_a_visit_tells_how_long_it_took_and_what_it_needed(stage: Stage, lines: Lines) -> None:
    stage.to_pin()
    wrong = "".join("1" if digit == "0" else "0" for digit in stage.code())
    assert not stage.type_pin(wrong)
    assert stage.type_pin(stage.code())
    stage.show("ada")
    stage.app.fake_clock.advance(1.5)
    stage.say("ada")
    (granted,) = lines.facts("visit granted")
    elapsed = (stage.now().changed_at - stage.now().created_at).total_seconds()
    assert granted["ms"] == round(elapsed * 1000)
    assert granted["assurance"] == "full"
    assert (granted["keypad_misses"], granted["voice_misses"], granted["messages"]) == (1, 0, 1)
    stage.app.visit.leave(stage.stored())
    (over,) = lines.facts("visit over")
    assert (over["state"], over["kiosk"]) == ("ended", "K7")


def test_a_denied_visit_says_where_and_why(stage: Stage, lines: Lines) -> None:
    stage.to_pin()
    wrong = "".join("1" if digit == "0" else "0" for digit in stage.code())
    for _ in range(3):
        stage.type_pin(wrong)
    (over,) = lines.facts("visit over")
    assert (over["state"], over["reason"], over["kiosk"]) == ("denied", "wrong_pin", "K7")


class SlowSms(Sms):
    def __init__(self, clock: FakeClock, *seconds: float) -> None:
        self._clock, self._seconds = clock, list(seconds)

    def send(self, to: str, text: str, reference: str) -> str:
        self._clock.advance(self._seconds.pop(0))
        if text == "fail":
            raise OSError("+12025550142 is unreachable")
        return "id"


def test_what_providers_take_is_told_once_a_minute(lines: Lines) -> None:
    clock = FakeClock()
    sms = MeasuredSms(SlowSms(clock, 0.1, 0.3, 0.2, 0.1), Latencies(clock), "twilio")
    sms.send("+12025550142", "hello", "r")
    with pytest.raises(OSError):
        sms.send("+12025550142", "fail", "r")
    assert lines.records == []
    clock.advance(EVERY.total_seconds())
    sms.send("+12025550142", "hello", "r")
    (told,) = lines.facts("provider calls")
    assert (told["provider"], told["operation"]) == ("twilio", "send")
    assert (told["calls"], told["failed"], told["mean_ms"], told["slowest_ms"]) == (3, 1, 200.0, 300.0)
    sms.send("+12025550142", "hello", "r")
    assert len(lines.records) == 1  # a new minute began


# --- what leaves the process ---


def test_facts_are_redacted_before_any_handler_sees_them(lines: Lines) -> None:
    logs.say(logging.INFO, "told", phone="+12025550142", note="call +1 202 555 0142", kiosk="K7", pin="493817")
    exported = str(vars(lines.records[0]))
    assert "2025550142" not in exported and "555 0142" not in exported and "493817" not in exported
    assert vars(lines.records[0])["atm_kiosk"] == "K7"


def test_the_longest_session_id_is_not_taken_for_a_token(lines: Lines) -> None:
    session = "KIOSK123_20261122_" + "a" * 24
    logs.say(logging.INFO, "told", session=session, kiosk="KIOSK123")
    logs.say(logging.INFO, "told", session="x" * 43)
    assert [line["session"] for line in lines.written()] == [session, logs.REDACTED]


def test_the_saved_queries_ask_for_what_the_code_says() -> None:
    files = [*(ROOT / "shared").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    asked = 0
    for file in (ROOT / "infra" / "queries").glob("*.kql"):
        query = file.read_text(encoding="utf-8")
        for event in re.findall(r'message == "([^"]+)"', query):
            assert f'"{event}"' in source, f"{file.name}: nobody says {event!r}"
            asked += 1
        for fact in re.findall(r"customDimensions\.atm_(\w+)", query):
            assert re.search(rf'\b{fact}=|"{fact}":', source), f"{file.name}: nobody tells {fact!r}"
            assert not logs._SECRET_NAMES.search(fact), f"{file.name}: {fact} is always redacted"
    assert asked


# --- spans ---


def test_a_triggers_span_is_linked_to_the_upload_and_keeps_no_message_of_a_failure() -> None:
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    span = linked_spans(provider.get_tracer("test"))
    with pytest.raises(ValueError), span("identify face", TRACEPARENT):
        raise ValueError("+12025550142")
    (made,) = kept.get_finished_spans()
    assert [format(link.context.trace_id, "032x") for link in made.links] == [TRACE]
    assert made.attributes is not None and made.attributes["atm.trace"] == TRACE
    assert "2025550142" not in made.to_json()


def test_without_the_workers_switch_no_span_is_made() -> None:
    with spans({})("identify face", TRACEPARENT):
        pass
    assert spans({"PYTHON_ENABLE_OPENTELEMETRY": "true"}) is not None
