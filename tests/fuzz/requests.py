"""Requests to every HTTP function, with every kind of credential, as the host would hand them over."""

import sys
from collections.abc import Callable, Mapping

import azure.functions as func

from tests.desk import PASSWORD
from tests.stage import Stage, StageApp

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
_RENEW = 500  # requests, after which everything begins anew: what was stored until then must not pile up

type Function = Callable[[func.HttpRequest], func.HttpResponse]


class Requests:
    def __init__(self, **settings: object) -> None:
        from functions import blueprints

        self._settings = settings
        self._sent = 0
        self.functions: list[Function] = []
        for blueprint in blueprints():
            for builder in blueprint._function_builders:
                function = builder._function
                if any(b.type == "httpTrigger" for b in function.get_bindings()):
                    self.functions.append(function.get_user_function())
        self._begin()

    def _begin(self) -> None:
        app = StageApp(**self._settings)
        for name, module in list(sys.modules.items()):
            if name.startswith("functions.") and hasattr(module, "app"):
                module.app = lambda: app  # type: ignore[attr-defined]
                if hasattr(module, "settings"):
                    module.settings = lambda: app.settings  # type: ignore[attr-defined]
        self.stage = Stage(app)
        self.stage.enrol("ada")
        _, token = app.operators.login("anna", PASSWORD, "here")
        self._operator = {"Cookie": f"operator={token}", "X-Requested-With": "console"}

    def send(
        self, index: int, credential: int, id: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> func.HttpResponse:
        self._sent += 1
        if self._sent % _RENEW == 0:
            self._begin()
        self.stage.app.fake_clock.advance(1)
        own, token = self._credential(credential)
        request = func.HttpRequest(
            method=METHODS[credential % len(METHODS)],
            url="/api/anything",
            headers={**headers, **token},
            params=dict(query),
            route_params=dict.fromkeys(
                ("id", "path", "item", "person", "kiosk", "session", "seq", "attempt"), own or id
            ),
            body=body,
        )
        return self.functions[index % len(self.functions)](request)

    def _credential(self, kind: int) -> tuple[str | None, dict[str, str]]:
        """An id to ask for, where it goes with the credential, and the headers."""
        match kind % 6:
            case 0:
                return None, {}
            case 1 | 2:
                return None, self._operator
            case 3:
                self.stage.begin()
            case 4:
                self.stage.begin()
                self.stage.show(*["eve"] * 5)
            case _:
                self.stage.begin()
                self.stage.show("ada", "ada", "ada")
        return self.stage.session, {"X-Visit-Token": self.stage.token}
