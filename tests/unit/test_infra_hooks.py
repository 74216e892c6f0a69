"""What azd runs after provisioning and after deploying, with a played Azure command line."""

import ast
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra.hooks.az import Answer, HookFailed
from infra.hooks.subscribe import DELAYS, subscribe
from infra.hooks.vault_secrets import KEYS, TWILIO, master_key, provide
from shared.settings import Settings

NOT_YET = "ERROR: The language expression property 'blobs_extension' doesn't exist"
UNVALIDATED = "ERROR: Webhook validation handshake failed for https://func-atm"


class PlayedAz:
    """Answers in turn; the last answer stays. Keeps what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[list[str]] = []

    def __call__(self, arguments: Sequence[str]) -> Answer:
        self.asked.append(list(arguments))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class PlayedVault:
    """A Key Vault by its commands; `reluctant` calls are refused first, as while a role spreads."""

    def __init__(self, secrets: dict[str, str], reluctant: int = 0) -> None:
        self.secrets, self._reluctant = secrets, reluctant
        self.asked: list[list[str]] = []

    def __call__(self, arguments: Sequence[str]) -> Answer:
        self.asked.append(list(arguments))
        if self._reluctant:
            self._reluctant -= 1
            return Answer(False, "ERROR: (Forbidden) Caller is not authorized to perform action on resource")
        name = arguments[arguments.index("--name") + 1]
        if arguments[2] == "show":
            found = name in self.secrets
            return Answer(found, "https://vault/secrets/" + name if found else "ERROR: (SecretNotFound) no such secret")
        with open(arguments[arguments.index("--file") + 1], encoding="utf-8") as file:  # noqa: PTH123
            self.secrets[name] = file.read()
        return Answer(True, "")


@pytest.fixture(autouse=True)
def outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESOURCE_GROUP", "FUNCTION_NAME", "STORAGE_NAME", "EVENT_TOPIC_NAME", "KEY_VAULT_NAME"):
        monkeypatch.setenv(f"AZURE_{name}", name.lower())
    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)


def test_subscriptions_are_tried_again_until_the_address_validates() -> None:
    az = PlayedAz(Answer(False, NOT_YET), Answer(False, UNVALIDATED), Answer(True, ""))
    waited: list[float] = []
    woken: list[int] = []
    subscribe(az, lambda: woken.append(1), waited.append)
    assert len(az.asked) == len(woken) == 3
    assert waited == list(DELAYS[:2])
    assert az.asked[0] == az.asked[2]  # the same deployment under the same name: repeating it changes nothing


def test_they_are_not_tried_for_ever() -> None:
    az = PlayedAz(Answer(False, UNVALIDATED))
    with pytest.raises(HookFailed, match="validation"):
        subscribe(az, lambda: None, lambda _: None)
    assert len(az.asked) == len(DELAYS) + 1


@pytest.mark.parametrize("hopeless", ["(AuthorizationFailed) no right", "Please run 'az login' to setup account."])
def test_what_waiting_does_not_mend_is_told_at_once(hopeless: str) -> None:
    az = PlayedAz(Answer(False, hopeless))
    with pytest.raises(HookFailed):
        subscribe(az, lambda: None, lambda _: pytest.fail("waited"))
    assert len(az.asked) == 1


def test_without_azds_values_nothing_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_FUNCTION_NAME")
    az = PlayedAz(Answer(True, ""))
    with pytest.raises(HookFailed, match="AZURE_FUNCTION_NAME"):
        subscribe(az, lambda: None)
    assert az.asked == []


def test_master_keys_are_made_once_and_never_replaced() -> None:
    vault = PlayedVault({TWILIO: "token"})
    provide(vault, lambda: "k1:first")
    provide(vault, lambda: "k1:second")
    assert vault.secrets[KEYS] == "k1:first"


def test_the_made_keys_are_what_the_app_reads() -> None:
    settings = Settings(AzureWebJobsStorage="UseDevelopmentStorage=true", atm_keys=master_key())
    assert list(settings.masters()) == ["k1"]
    assert len(settings.masters()["k1"]) == 32


def test_a_role_that_has_not_spread_yet_is_waited_for() -> None:
    waited: list[float] = []
    vault = PlayedVault({TWILIO: "token"}, reluctant=2)
    provide(vault, lambda: "k1:key", waited.append)
    assert len(waited) == 2
    assert vault.secrets[KEYS] == "k1:key"


def test_no_secret_stands_on_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "the-token-itself")
    vault = PlayedVault({})
    provide(vault, lambda: "k1:the-key-itself")
    assert vault.secrets == {KEYS: "k1:the-key-itself", TWILIO: "the-token-itself"}
    assert not [word for call in vault.asked for word in call if "itself" in word]


def test_a_missing_token_is_asked_for_in_one_sentence() -> None:
    with pytest.raises(HookFailed, match="TWILIO_AUTH_TOKEN"):
        provide(PlayedVault({}), lambda: "k1:key")


@pytest.mark.parametrize("name", ["az", "subscribe", "vault_secrets"])
def test_a_hook_runs_on_the_python_that_happens_to_be_there(name: str) -> None:
    source = (Path(__file__).parents[2] / "infra" / "hooks" / f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 9))
    assert "annotations" in [a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names]
    modules = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    modules |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert {module.split(".")[0] for module in modules} - set(sys.stdlib_module_names) <= {"infra"}
