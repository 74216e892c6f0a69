"""Hand-off and teller over HTTP: statuses, codes and shapes as the contract promises them."""

import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import azure.functions as func
import pytest

from functions import handoff, teller
from shared.domain.session import State
from tests.unit.test_teller import Counter


class Http:
    """The functions, called as the host does, with the stage's services behind them."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.token: str | None = None

    def call(self, function: Callable[..., func.HttpResponse], body: object = None, **more: str) -> tuple[int, Any]:
        request = func.HttpRequest(
            method="POST",
            url="/",
            headers={"X-Teller-Token": self.token} if self.token else {"X-Visit-Token": self.counter.token},
            route_params={"id": self.counter.session, **more},
            body=b"" if body is None else json.dumps(body).encode(),
        )
        response = function(request)
        raw = response.get_body()
        return response.status_code, json.loads(raw) if raw else None

    def refused(self, function: Callable[..., func.HttpResponse], body: object = None) -> tuple[int, str]:
        status, problem = self.call(function, body)
        assert problem["status"] == status and problem["detail"].endswith(".")
        return status, problem["code"]

    def granted(self) -> None:
        self.counter.to_granted()
        self.counter.show("ada")

    def opened(self) -> dict[str, Any]:
        self.granted()
        _, given = self.call(handoff.handoff)
        status, screen = self.call(teller.opened, {"token": given["token"]})
        assert status == 201
        self.token = screen["tellerToken"]
        return dict(screen)

    def tap(self, **change: str) -> dict[str, str]:
        return {"account": "checking", "amount": "70.00", "key": str(uuid.uuid4()), **change}


@pytest.fixture
def http(monkeypatch: pytest.MonkeyPatch) -> Http:
    counter = Counter()
    for module in ("http", "handoff", "sessions", "teller"):
        monkeypatch.setattr(f"functions.{module}.app", lambda: counter.app)
    return Http(counter)


def test_the_bank_redeems_the_token_once_and_is_told_in_the_same_words(http: Http) -> None:
    http.granted()
    status, given = http.call(handoff.handoff)
    assert status == 200
    status, told = http.call(handoff.redeem, given)
    assert status == 200
    assert told["sub"] == "C-ada" and told["amr"] == ["face", "otp", "voice"] and told["sid"] == http.counter.session
    assert "jti" not in told
    assert http.refused(handoff.redeem, given) == (409, "already_redeemed")


def test_a_customer_without_reference_is_null_not_missing(http: Http) -> None:
    people = http.counter.app.people
    people.save(replace(people.require("pada"), customer=None))
    http.granted()
    _, told = http.call(handoff.redeem, http.call(handoff.handoff)[1])
    assert told["sub"] is None


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"token": "nonsense"}, (401, "bad_token")),
        ({}, (400, "bad_token")),
        ({"token": 7}, (400, "bad_token")),
        ({"token": "x" * 3000}, (400, "bad_token")),
        ([], (400, "bad_json")),
    ],
)
def test_what_is_no_token_is_refused_at_both_doors(http: Http, body: object, answer: tuple[int, str]) -> None:
    assert http.refused(handoff.redeem, body) == answer
    assert http.refused(teller.opened, body) == answer


def test_the_hand_off_needs_the_visits_token_and_the_customer_in_front(http: Http) -> None:
    http.granted()
    http.token = "somebody else's"
    assert http.refused(handoff.handoff) == (401, "not_allowed")
    http.token = None
    http.counter.app.fake_clock.advance(4)
    assert http.refused(handoff.handoff) == (409, "not_in_front")
    assert http.counter.state is State.GRANTED


def test_the_published_keys_may_be_kept_for_five_minutes(http: Http) -> None:
    response = handoff.keys(func.HttpRequest(method="GET", url="/", body=b""))
    assert response.headers["Cache-Control"] == "public, max-age=300"
    (key,) = json.loads(response.get_body())["keys"]
    assert (key["kty"], key["crv"], key["alg"], key["use"], key["kid"]) == ("EC", "P-256", "ES256", "sig", "k1")


def test_the_teller_screen_as_the_page_gets_it(http: Http) -> None:
    screen = http.opened()
    assert screen["session"]["state"] == "handed_off" and screen["session"]["teller"] == {"locked": False}
    assert screen["customer"] == {"name": "Ada", "givenName": "Ada"}
    assert screen["quickCash"] == "70.00"
    assert screen["cash"] == {"least": "10.00", "most": "500.00", "step": "10.00"}
    checking, _, credit = screen["accounts"]
    assert {**checking, "number": ""} == {
        "id": "checking",
        "kind": "checking",
        "name": "Checking",
        "number": "",
        "balance": "1250.00",
        "currency": "USD",
    }
    assert credit["kind"] == "credit"
    status, again = http.call(teller.show)
    assert status == 200 and {**again, "tellerToken": screen["tellerToken"]} == screen


def test_a_tap_is_answered_with_its_receipt_and_a_repeated_one_with_the_same(http: Http) -> None:
    http.opened()
    tap = http.tap()
    status, first = http.call(teller.withdraw, tap)
    assert status == 201
    assert {**first["receipt"], "id": ""} == {
        "id": "",
        "account": "checking",
        "amount": "70.00",
        "balance": "1180.00",
        "currency": "USD",
        "at": http.counter.app.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "reference": http.counter.now().reference,
    }
    assert http.call(teller.withdraw, tap) == (200, first)
    assert http.counter.balance() == 1_180_00


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"amount": "500.00", "account": "credit"}, (409, "no_cash")),
        ({"account": "offshore"}, (404, "not_found")),
        ({"amount": "75.00"}, (400, "bad_amount")),
        ({"amount": "seventy"}, (400, "bad_amount")),
        ({"amount": "9" * 41}, (400, "bad_amount")),
        ({"key": "tap"}, (400, "bad_key")),
        ({"key": ""}, (400, "bad_key")),
        ({"account": ""}, (400, "bad_account")),
    ],
)
def test_what_cannot_be_paid_is_refused_by_name(http: Http, change: dict[str, str], answer: tuple[int, str]) -> None:
    http.opened()
    assert http.refused(teller.withdraw, http.tap(**change)) == answer
    assert http.counter.balance() == 1_250_00


def test_more_than_is_there_and_one_key_for_two_amounts_are_conflicts(http: Http) -> None:
    http.opened()
    key = str(uuid.uuid4())
    assert http.call(teller.withdraw, http.tap(amount="500", key=key))[0] == 201
    assert http.call(teller.withdraw, http.tap(amount="500"))[0] == 201
    assert http.refused(teller.withdraw, http.tap(amount="500")) == (409, "insufficient_funds")
    assert http.refused(teller.withdraw, http.tap(amount="10", key=key)) == (409, "key_reused")


def test_locked_means_423_for_money_and_the_page_may_still_look(http: Http) -> None:
    http.opened()
    http.counter.app.fake_clock.advance(5)
    assert http.refused(teller.withdraw, http.tap()) == (423, "locked")
    status, screen = http.call(teller.show)
    assert status == 200 and screen["session"]["teller"] == {"locked": True}


def test_finished_means_410_and_finishing_again_is_harmless(http: Http) -> None:
    http.opened()
    assert http.call(teller.end) == (204, None)
    assert http.call(teller.end) == (204, None)
    assert http.refused(teller.show) == (410, "session_over")
    assert http.refused(teller.withdraw, http.tap()) == (410, "session_over")


@pytest.mark.parametrize("token", ["", "x", "K7_20261122_aaaaaaaaaaaaaaaaaaaaaaaa." + "A" * 43])
def test_without_the_teller_token_nothing_answers(http: Http, token: str) -> None:
    http.opened()
    http.token = token
    for function in (teller.show, teller.withdraw, teller.end):
        assert http.refused(function, http.tap()) == (401, "not_allowed")


def test_neither_token_nor_name_nor_account_reaches_the_log(http: Http, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    screen = http.opened()
    http.call(teller.withdraw, http.tap())
    http.counter.app.fake_documents.down = True
    assert http.refused(teller.show) == (503, "unavailable")
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "teller opened" in logged
    for secret in (screen["tellerToken"].partition(".")[2], http.counter.token, "Ada", "C-ada", "1180", "••••"):
        assert secret not in logged
