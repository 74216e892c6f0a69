"""Operators over HTTP: signing in and out, and the one door every operator's call goes through."""

from collections.abc import Callable
from datetime import date
from http.cookies import CookieError, SimpleCookie
from typing import Any

import azure.functions as func

from functions.http import Handler, answer, endpoint, json_body, nothing, text_field
from functions.kiosks import caller_address
from shared.domain.errors import BadRequest, Forbidden, NotAllowed
from shared.domain.roles import TABLE, Operator, may
from shared.services.audit.entries import Ground, ground
from shared.wiring import app, settings

blueprint = func.Blueprint()

CONSOLE = "console"
_SAFE = frozenset({"GET", "HEAD"})
_PASSWORD_MOST = 200

type OperatorHandler = Callable[[func.HttpRequest, Operator], func.HttpResponse]


def operated(operation: str) -> Callable[[OperatorHandler], Handler]:
    """For operators whose role has this operation. 401 without a sign-in, 403 without the role.

    Anything but reading needs the header `X-Requested-With: console`, which no form on a foreign page can send.
    """
    if operation not in TABLE:
        raise ValueError(f"{operation} has no row in the table of roles")

    def door(handler: OperatorHandler) -> Handler:
        def guarded(req: func.HttpRequest) -> func.HttpResponse:
            operator = signed_in(req)
            if req.method not in _SAFE:
                require_console(req)
            if not may(operator.role, operation):
                app().operators.refused(operator, operation)
                raise Forbidden(f"{operator.role} may not {operation}")
            return handler(req, operator)

        # Not `wraps`: the worker would follow it to the handler, and ask what binding its operator is.
        guarded.__name__, guarded.__doc__ = handler.__name__, handler.__doc__
        return endpoint(guarded)

    return door


def signed_in(req: func.HttpRequest) -> Operator:
    """Raises NotAllowed."""
    return app().operators.identify(_token(req), req.headers.get("X-MS-CLIENT-PRINCIPAL"))


def require_console(req: func.HttpRequest) -> None:
    """Raises NotAllowed."""
    if req.headers.get("X-Requested-With") != CONSOLE:
        raise NotAllowed("the header X-Requested-With is missing")


def ground_of(body: dict[str, Any]) -> Ground:
    """`reason` and `case` of a request. Raises BadRequest."""
    return ground(_optional(body, "reason"), _optional(body, "case"))


@blueprint.function_name("operators_login")
@blueprint.route(route="api/operators/login", methods=["POST"])
@endpoint
def login(req: func.HttpRequest) -> func.HttpResponse:
    """Local operators. The answer's cookie is the session."""
    require_console(req)
    body = json_body(req)
    name, password = text_field(body, "name", 32), text_field(body, "password", _PASSWORD_MOST)
    operator, token = app().operators.login(name, password, caller_address(req))
    seconds = int(app().operators.life.total_seconds())
    return answer(_shown(operator), headers={"Set-Cookie": f"{_cookie()}={token}; Max-Age={seconds}; {_flags()}"})


@blueprint.function_name("operators_logout")
@blueprint.route(route="api/operators/logout", methods=["POST"])
@operated("operators_logout")
def logout(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    app().operators.logout(operator, _token(req))
    response = nothing()
    response.headers["Set-Cookie"] = f"{_cookie()}=; Max-Age=0; {_flags()}"
    return response


@blueprint.function_name("operators_me")
@blueprint.route(route="api/operators/me", methods=["GET"])
@operated("operators_me")
def me(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """Who is signed in, and what their role has."""
    return answer(_shown(operator))


@blueprint.function_name("audit_list")
@blueprint.route(route="api/audit", methods=["GET"])
@operated("audit_list")
def audit(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """A day's entries, newest first."""
    try:
        day = date.fromisoformat(req.params["day"]) if "day" in req.params else app().clock.now().date()
    except ValueError:
        raise BadRequest("bad_day", "`day` must be a date like 2026-11-22") from None
    page = app().audit.day(day, cursor=req.params.get("cursor"))
    return answer({"entries": [{"id": d.id, **d.body} for d in page.items], "cursor": page.cursor})


def _shown(operator: Operator) -> dict[str, Any]:
    return {
        "name": operator.name,
        "role": operator.role,
        "operations": sorted(name for name in TABLE if may(operator.role, name)),
    }


def _token(req: func.HttpRequest) -> str | None:
    try:
        morsel = SimpleCookie(req.headers.get("Cookie", "")[:4096]).get(_cookie())
    except CookieError:
        return None
    return morsel.value if morsel else None


def _cookie() -> str:
    """`__Host-` binds the cookie to this very host over TLS; the local host has no TLS."""
    return "operator" if settings().local_host else "__Host-operator"


def _flags() -> str:
    return "Path=/; HttpOnly; SameSite=Strict" + ("" if settings().local_host else "; Secure")


def _optional(body: dict[str, Any], name: str) -> str | None:
    return text_field(body, name, 400) if body.get(name) not in (None, "") else None
