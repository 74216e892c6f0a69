"""Operators at their desks: the functions called as the host calls them, on the stage's services."""

import json
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import azure.functions as func
import pytest

from shared.domain.credentials import SALT_BYTES, Credential, hashed
from shared.domain.roles import Role
from tests.stage import Stage, StageApp

PASSWORD = "correct horse battery staple"
STAFF = {"vera": Role.VIEWER, "otto": Role.OFFICER, "olga": Role.OFFICER, "anna": Role.ADMIN, "alma": Role.ADMIN}


@cache
def local_operators() -> str:
    """The setting; hashed once, as weakly as is allowed."""
    password = hashed(PASSWORD, b"s" * SALT_BYTES, 14, 8, 1)
    return ",".join(str(Credential(name, role, password)) for name, role in STAFF.items())


class Desk:
    """A stage with a security team behind it. `call` is one request of one operator's browser."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *modules: ModuleType, **chosen: object) -> None:
        self.app = StageApp(**{"operators": "local", "local_operators": local_operators(), **chosen})
        self.stage = Stage(self.app)
        for module in modules:
            monkeypatch.setattr(module, "app", lambda: self.app)
            if hasattr(module, "settings"):
                monkeypatch.setattr(module, "settings", lambda: self.app.settings)
        self.cookies: dict[str, str] = {}
        self.answer: func.HttpResponse | None = None

    def login(self, name: str) -> None:
        from functions import operators

        status, _ = self.call(operators.login, body={"name": name, "password": PASSWORD})
        assert status == 200 and self.answer is not None
        self.cookies[name] = self.answer.headers["Set-Cookie"].partition(";")[0]

    def call(
        self,
        function: Callable[..., func.HttpResponse],
        by: str | None = None,
        *,
        body: object = None,
        raw: bytes | None = None,
        method: str = "POST",
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        **route: str,
    ) -> tuple[int, Any]:
        if by is not None and by not in self.cookies:
            self.login(by)
        sent = {"X-Requested-With": "console"}
        if by is not None:
            sent["Cookie"] = self.cookies[by]
        request = func.HttpRequest(
            method=method,
            url="/",
            headers={**sent, **(headers or {})},
            params=params or {},
            route_params=route,
            body=raw if raw is not None else b"" if body is None else json.dumps(body).encode(),
        )
        self.answer = function(request)
        content = self.answer.get_body()
        is_json = "json" in (self.answer.mimetype or "")
        return self.answer.status_code, json.loads(content) if content and is_json else content

    def code(self, function: Callable[..., func.HttpResponse], by: str | None = None, **more: Any) -> tuple[int, str]:
        """Status and code of a refusal."""
        status, problem = self.call(function, by, **more)
        return status, problem["code"]

    def audited(self, action: str) -> list[dict[str, Any]]:
        """Today's entries of one action, newest first."""
        page = self.app.audit.day(self.app.clock.now().date())
        return [dict(d.body) for d in page.items if d.body["action"] == action]
