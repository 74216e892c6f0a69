"""The teller screen over HTTP. It stands for the bank's own; every call but the first needs the teller token."""

from typing import Any

import azure.functions as func

from functions.http import answer, endpoint, json_body, nothing, text_field
from shared.domain.account import CURRENCY, Account, Receipt, amount_text
from shared.domain.stamp import stamp
from shared.logs import session_id as log_session
from shared.services.session.store import Stored
from shared.services.teller.handoff import TOKEN_LENGTH
from shared.services.teller.screen import TellerScreen
from shared.wiring import app

blueprint = func.Blueprint()


@blueprint.function_name("teller_open")
@blueprint.route(route="api/teller/open", methods=["POST"])
@endpoint
def opened(req: func.HttpRequest) -> func.HttpResponse:
    token, screen = app().teller.open(text_field(json_body(req), "token", TOKEN_LENGTH))
    log_session.set(screen.scene.session.id)
    return answer({"tellerToken": token, **_screen(screen)}, 201)


@blueprint.function_name("teller_show")
@blueprint.route(route="api/teller", methods=["GET"])
@endpoint
def show(req: func.HttpRequest) -> func.HttpResponse:
    return answer(_screen(app().teller.show(_visit(req))))


@blueprint.function_name("teller_withdraw")
@blueprint.route(route="api/teller/withdrawals", methods=["POST"])
@endpoint
def withdraw(req: func.HttpRequest) -> func.HttpResponse:
    """201 with a new receipt; 200 with the same receipt for a key that was used before."""
    stored, body = _visit(req), json_body(req)
    account, amount, key = (text_field(body, name, 40) for name in ("account", "amount", "key"))
    receipt, new = app().teller.withdraw(stored, account, amount, key)
    return answer({"receipt": _receipt(receipt)}, 201 if new else 200)


@blueprint.function_name("teller_end")
@blueprint.route(route="api/teller", methods=["DELETE"])
@endpoint
def end(req: func.HttpRequest) -> func.HttpResponse:
    """Finished. Repeating it is harmless."""
    app().visit.leave(_visit(req))
    return nothing()


def _visit(req: func.HttpRequest) -> Stored:
    stored = app().teller.visit(req.headers.get("X-Teller-Token"))
    log_session.set(stored.session.id)
    return stored


def _screen(screen: TellerScreen) -> dict[str, Any]:
    rule = app().ledger.rule
    return {
        "session": app().views.of(screen.scene),
        "customer": {"name": screen.person.name, "givenName": screen.person.given_name},
        "accounts": [_account(account) for account in screen.accounts],
        "quickCash": amount_text(rule.quick),
        "cash": {"least": amount_text(rule.least), "most": amount_text(rule.most), "step": amount_text(rule.step)},
    }


def _account(account: Account) -> dict[str, str]:
    return {
        "id": account.id,
        "kind": account.kind,
        "name": account.name,
        "number": account.number,
        "balance": amount_text(account.cents),
        "currency": CURRENCY,
    }


def _receipt(receipt: Receipt) -> dict[str, str]:
    return {
        "id": receipt.id,
        "account": receipt.account,
        "amount": amount_text(receipt.cents),
        "balance": amount_text(receipt.balance),
        "currency": CURRENCY,
        "at": stamp(receipt.at),
        "reference": receipt.reference,
    }
