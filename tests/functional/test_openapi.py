"""The running app against its own document: whatever is sent, the answer is one the document knows, and never a 5xx.

schemathesis makes the requests from openapi.yaml, good ones and bad ones. Most go to a visit at a point where the
operation makes sense, with the credentials it asks for; the others to any visit, or with none.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import schemathesis
from hypothesis import strategies as st
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from devhost.demo.client import KioskClient
from devhost.demo.people import open_app, pairing_code
from devhost.stack import Stack, StackOptions
from shared.domain.credentials import SALT_BYTES, Credential, hashed
from shared.domain.roles import Role
from shared.wiring import App
from tests.functional.visits import Standing, Visits
from tests.unit.test_images_header import picture
from tests.wav_files import riff, tone, wav

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
NAME, PASSWORD = "tessa", "only-of-this-test"  # no name that the document gives as an example: those get tried out
SETTINGS = {
    "LIMIT_SESSIONS_KIOSK_MINUTE": "1000",
    "PRESENCE_SECONDS": "10",
    "WARM_ENGINES": "false",
    "SMS_PROVIDER": "devphone",
    "OPERATORS": "local",
    "LOCAL_OPERATORS": str(Credential(NAME, Role.ADMIN, hashed(PASSWORD, bytes(SALT_BYTES)))),
}
EVERY = (
    "identifying", "challenge", "unknown", "ambiguous", "claiming", "enrolling", "assistance",
    "pin", "voice", "granted", "handed_off", "teller", "ended",
)  # fmt: skip
STAGES: dict[str, tuple[str, ...]] = {
    "showVisit": EVERY,
    "leaveVisit": EVERY,
    "sendFrame": ("identifying", "pin", "teller", "ended"),
    "tryAgain": ("unknown", "claiming", "assistance", "granted"),
    "claimNumber": ("unknown", "ambiguous", "pin"),
    "enterPin": ("pin", "pin", "voice", "ended"),
    "sendPin": ("pin", "unknown"),
    "resendPin": ("pin", "voice"),
    "speakPhrase": ("voice", "voice", "pin", "ended"),
    "askMoreTime": ("identifying", "teller", "ended"),
    "touchVisit": EVERY,
    "askAssistance": EVERY,
    "startEnrolment": ("unknown", "ambiguous", "pin"),
    "giveDetails": ("enrolling", "enrolling", "pin"),
    "askHandoff": ("granted", "granted", "voice", "handed_off"),
    "redeemHandoff": ("handed_off",),
    "openTeller": ("handed_off",),
    "showTeller": ("teller",),
    "endTeller": ("teller",),
    "withdrawCash": ("teller",),
}
"""Where a visit stands when the operation is tried on it, by operationId."""

JPEG, WAV = picture(0), wav(tone(0.1))
schemathesis.openapi.media_type(
    "image/jpeg", st.sampled_from([JPEG, JPEG[:-9], picture(3), picture(0, 2000, 8)]) | st.binary(max_size=40)
)
schemathesis.openapi.media_type(
    "audio/wav", st.sampled_from([WAV, WAV[:-9], riff(), wav(np.zeros(21 * 8000), rate=8000)]) | st.binary(max_size=40)
)
api = schemathesis.openapi.from_path(
    Path(__file__).resolve().parents[2] / "openapi.yaml",
    config=schemathesis.Config.from_dict(
        {
            "generation": {"max-examples": 20, "with-security-parameters": False, "database": "none"},
            # A method the app does not have is answered by the platform, with 404 and no body.
            "output": {"truncation": {"enabled": True}},
            "phases": {"coverage": {"unexpected-methods": []}},
        }
    ),
)


class Running:
    def __init__(self, stack: Stack) -> None:
        self.url = stack.url
        self.app: App = open_app(stack.environment)
        self.kiosk = KioskClient(stack.url)
        self.kiosk.pair(pairing_code(self.app, "F1", "Functional test", "UTC"))
        self.visits = Visits(self.app, self.kiosk)
        self.operator = self.sign_in()
        self._turns: dict[str, Iterator[tuple[str, str]]] = {}

    def sign_in(self) -> dict[str, str]:
        """An admin's credentials: signing out ends one session, so each request may have its own."""
        _, token = self.app.operators.login(NAME, PASSWORD, "this test")
        return {"Cookie": f"operator={token}", "X-Requested-With": "console"}

    def situation(self, operation: str) -> tuple[str, str]:
        """The stage of the visit, and whose request it is; each in turn."""
        if operation not in self._turns:
            whose = ("its own", "its own", "its own", "nobody's", "another visit's")
            self._turns[operation] = zip(itertools.cycle(STAGES[operation]), itertools.cycle(whose), strict=False)
        return next(self._turns[operation])


class Signature(AuthBase):
    """The paired kiosk's, over the body as it is sent."""

    def __init__(self, kiosk: KioskClient) -> None:
        self._kiosk = kiosk

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        request.headers.update(self._kiosk.signature(body.encode() if isinstance(body, str) else bytes(body)))
        return request


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    state = tmp_path_factory.mktemp("stack")
    with Stack(StackOptions(state=state, usual_ports=False, quiet=True, settings=SETTINGS)) as stack:
        yield Running(stack)


@api.parametrize()
def test_every_answer_is_one_the_document_knows(case: Any, running: Running) -> None:
    operation = case.operation.definition.raw["operationId"]
    rest: dict[str, Any] = {}
    if operation in STAGES:
        stage, whose = running.situation(operation)
        rest["headers"] = _headers(case, running.visits.at(stage), whose)
    elif "LocalOperator" in _schemes(case):
        rest["headers"] = running.sign_in() if operation == "operatorLogout" else running.operator
        _name_what_there_is(case, running)
    elif operation == "startVisit":
        rest["auth"] = Signature(running.kiosk)
    elif operation == "pairKiosk" and isinstance(case.body, dict) and "code" in case.body:
        case.body["code"] = pairing_code(running.app, "F2", "Paired again and again", "UTC")
    response = case.call(base_url=running.url, **rest)
    if _from_the_app(response):
        case.validate_response(response, checks=CHECKS)
    else:
        assert response.status_code in {400, 404}, "neither the app nor the document knows this answer"


def _headers(case: Any, visit: Standing, whose: str) -> dict[str, str]:
    """Fit the case to the visit; returns the credentials."""
    if whose != "another visit's" and "id" in (case.path_parameters or {}):
        case.path_parameters["id"] = visit.id
    if visit.handoff and whose == "its own" and isinstance(case.body, dict) and "token" in case.body:
        case.body["token"] = visit.handoff
    return {} if whose == "nobody's" else visit.headers


def _schemes(case: Any) -> set[str]:
    return {name for way in case.operation.definition.raw.get("security", ()) for name in way}


def _name_what_there_is(case: Any, running: Running) -> None:
    """In half of the cases: a kiosk, a person or a call for staff instead of a made-up id."""
    path, named = case.operation.path, case.path_parameters or {}
    if "id" not in named or len(named["id"]) % 2:
        return
    if path.startswith("/api/kiosks/"):
        pairing_code(running.app, "F3", "Looked after", "UTC")
        named["id"] = "F3"
    elif path.startswith("/api/people/"):
        named["id"] = running.visits.somebody()
    else:
        named["id"] = running.visits.at("assistance").id


def _from_the_app(response: Any) -> bool:
    """The host answers itself, without the app's headers, what is no path of the app's or no HTTP at all."""
    return "x-content-type-options" in response.headers


def test_every_operation_that_needs_a_credential_refuses_without_one_and_with_a_wrong_one(running: Running) -> None:
    visit = running.visits.at("identifying")
    wrong = {"X-Visit-Token": "A" * 43, "X-Teller-Token": f"{visit.id}.{'A' * 43}"}
    no_unicode = dict.fromkeys((*wrong, "X-Kiosk", "X-Kiosk-Time", "X-Kiosk-Nonce", "X-Kiosk-Signature"), b"\xff")
    for result in api.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]  # a broken operation fails here
        if not operation.definition.raw.get("security"):
            continue
        url = running.url + operation.path.replace("{id}", visit.id)
        for headers in ({}, wrong, no_unicode):
            answer = requests.request(operation.method, url, headers=headers, timeout=30)
            assert (answer.status_code, answer.json()["code"]) == (401, "not_allowed"), operation.label
