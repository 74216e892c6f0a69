"""Asking who exists: whatever one tries, the answers about somebody and about nobody are the same, byte for byte.

How long they take is measured by `atm.py bench enumeration`.
"""

import json
from dataclasses import replace
from typing import Any

import azure.functions as func
import pytest

from functions import enrolment, handoff, http, kiosks, sessions, teller
from shared.domain.errors import NotAllowed
from shared.domain.session import State
from shared.services.people.registry import Status
from tests.stage import Stage, StageApp

KNOWN, UNKNOWN = "+12025550142", "+12025550199"
DETAILS = {"name": "Eve Moreno", "adult": True, "consentVersion": "2026-11"}
OF_A_VISIT = (
    *(sessions.state, sessions.frame, sessions.voice, sessions.pin, sessions.claim, sessions.pin_send),
    *(sessions.pin_resend, sessions.retry, sessions.assistance, sessions.more_time, sessions.touched, sessions.leave),
    *(enrolment.start, enrolment.details, handoff.handoff),
)


def name(function: Any) -> str:
    return str(function._function.get_user_function().__name__)


class Caller:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def __call__(self, function: Any, session: str, token: str | None, body: object = None) -> tuple[int, Any]:
        request = func.HttpRequest(
            method="POST",
            url="/",
            headers={} if token is None else {"X-Visit-Token": token},
            route_params={"id": session},
            body=b"" if body is None else json.dumps(body).encode(),
        )
        answer = function(request)
        return answer.status_code, json.loads(answer.get_body() or b"null")

    def unknown(self) -> None:
        self.stage.begin()
        self.stage.show(*["eve"] * 5)
        assert self.stage.state is State.UNKNOWN

    def mine(self, function: Any, body: object = None) -> tuple[int, Any]:
        return self(function, self.stage.session, self.stage.token, body)


@pytest.fixture
def caller(monkeypatch: pytest.MonkeyPatch) -> Caller:
    app = StageApp()
    for module in (http, sessions, enrolment, handoff, kiosks, teller):
        monkeypatch.setattr(module, "app", lambda: app)
        if hasattr(module, "settings"):
            monkeypatch.setattr(module, "settings", lambda: app.settings)
    stage = Stage(app)
    stage.enrol("ada", KNOWN)
    return Caller(stage)


def same(view: Any) -> str:
    """A view without what is random in every visit."""
    kept = {k: v for k, v in view.items() if k not in {"id", "reference", "expiresAt"}}
    text = json.dumps(kept, sort_keys=True)
    for random in (view["id"], view["reference"]):
        text = text.replace(random, "*")
    return text


@pytest.mark.parametrize("function", OF_A_VISIT, ids=name)
def test_a_visit_that_is_there_and_one_that_is_not_refuse_a_wrong_token_alike(caller: Caller, function: Any) -> None:
    caller.stage.begin()
    there, token = caller.stage.session, caller.stage.token
    caller.stage.begin()
    absent = there[:-4] + ("aaaa" if not there.endswith("aaaa") else "bbbb")
    asked = [
        (there, "wrong"),
        (there, None),
        (there, caller.stage.token),  # another visit's
        (absent, token),
        (absent, "wrong"),
        ("K99_20261122_" + "a" * 24, token),
        ("../../etc", token),
        ("", token),
    ]
    answers = [caller(function, session, given) for session, given in asked]
    assert {json.dumps(answer, sort_keys=True) for answer in answers} == {json.dumps(answers[0], sort_keys=True)}
    assert answers[0][0] == 401


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.SUSPENDED, Status.PENDING, Status.INVITED, None])
def test_a_claimed_number_answers_alike_whosever_it_is(caller: Caller, status: Status | None) -> None:
    people = caller.stage.app.people
    if status is not None:
        people.save(replace(people.require("pada"), status=status))
    seen = []
    for phone in (UNKNOWN, KNOWN if status else "+12025550198"):
        caller.unknown()
        code, view = caller.mine(sessions.claim, {"phone": phone})
        steps = [(code, same(view))]
        for _ in range(6):
            caller.stage.show("eve")
            code, view = caller.mine(sessions.state)
            steps.append((code, same(view)))
        seen.append(steps)
        caller.stage.app.visit.leave(caller.stage.stored())
    assert seen[0] == seen[1]
    assert caller.stage.app.fake_sms.sent == []


def test_registering_with_a_customers_number_looks_as_with_a_new_one(caller: Caller) -> None:
    """Until the very end: whoever holds the phone is told, and only they."""
    from tests.unit import test_enrolment_story as registering

    seen = []
    for phone in ("+12025550142", "+12025551142"):
        caller.unknown()
        caller.mine(enrolment.start)
        code, view = caller.mine(enrolment.details, {**DETAILS, "phone": phone})
        registering.pose(caller.stage)
        caller.stage.show("eve")
        _, after = caller.mine(sessions.state)
        pin = after["pin"]
        seen.append(
            (code, same({**view, "enrolment": None}), {k: pin[k] for k in ("sms", "attemptsLeft", "phoneEnding")})
        )
        caller.stage.app.visit.leave(caller.stage.stored())
        caller.stage.app.fake_clock.advance(60)
    assert seen[0] == seen[1]
    to_ada = [m.text for m in caller.stage.app.fake_sms.sent if m.to == KNOWN]
    assert len(to_ada) == 1 and not to_ada[0][:6].isdigit()


def test_pairing_codes_that_never_were_and_that_ran_out_are_refused_alike(caller: Caller) -> None:
    app = caller.stage.app
    code = app.kiosks.pairing_code("K7")
    app.fake_clock.advance(901)
    key = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "B" * 43}
    answers = [caller(kiosks.pair, "", None, {"code": c, "publicKey": key}) for c in (code, "ABCDEFGHJK", "???")]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 401


@pytest.mark.parametrize("function", OF_A_VISIT, ids=name)
def test_a_stolen_token_is_worth_nothing_once_the_visit_is_over(caller: Caller, function: Any) -> None:
    caller.stage.to_granted()
    session, token = caller.stage.session, caller.stage.token
    caller.stage.app.visit.leave(caller.stage.stored())
    caller.stage.app.fake_clock.advance(61)
    status, _ = caller(function, session, token, {"code": "123456", "phone": KNOWN})
    assert status in {401, 410}


@pytest.mark.parametrize("function", OF_A_VISIT, ids=name)
def test_a_visits_token_dies_with_the_hand_off(caller: Caller, function: Any) -> None:
    caller.stage.to_granted()
    session, token = caller.stage.session, caller.stage.token
    caller.stage.app.handoff.ask(caller.stage.stored())
    assert caller(function, session, token, {"code": "123456"})[0] == 401


@pytest.mark.parametrize("token", [None, "", "-", "-" * 64, "a" * 43])
@pytest.mark.parametrize("there", [True, False])
def test_no_token_opens_a_visit_that_is_not_there_and_none_tells_whether_it_is(token: str | None, there: bool) -> None:
    stage = Stage()
    stage.begin()
    asked = stage.session if there else "K7_20261122_" + "a" * 24
    with pytest.raises(NotAllowed):
        stage.app.visit.open(asked, token)
    with pytest.raises(NotAllowed):
        stage.app.visit.open(asked, token, token)
