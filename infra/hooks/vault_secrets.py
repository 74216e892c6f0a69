"""After each provision: the secrets the app refers to. What is there already is never replaced by itself.

The master keys are made here once and exist nowhere else: who loses them loses every template and telephone number.
Twilio's token is taken from TWILIO_AUTH_TOKEN if that is set. No secret stands on a command line.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from infra.hooks.az import Answer, Az, HookFailed, az, insist, needed, run, say

KEYS = "atm-keys"
TWILIO = "twilio-auth-token"
DELAYS = (10, 20, 30, 60, 60, 60)
"""A role just given may take minutes before the vault knows of it."""
HOPELESS = ("az login", "VaultNotFound", "ForbiddenByFirewall", "ForbiddenByConnection", "public network access")
_MISSING = ("SecretNotFound", "not found in this key vault")


def provide(az: Az, new_key: Callable[[], str], wait: Callable[[float], None] | None = None) -> None:
    """Raises HookFailed."""
    vault = needed("AZURE_KEY_VAULT_NAME")
    waiting = {} if wait is None else {"wait": wait}

    def attempt(step: Callable[[], Answer]) -> Answer:
        return insist(step, hopeless=HOPELESS, delays=DELAYS, say=say, **waiting)

    def exists(name: str) -> bool:
        look = ["keyvault", "secret", "show", "--vault-name", vault, "--name", name, "--query", "id", "--output", "tsv"]

        def step() -> Answer:
            answer = az(look)
            missing = not answer.ok and any(word in answer.text for word in _MISSING)
            return Answer(True, "") if missing else answer

        return bool(attempt(step).text)

    if not exists(KEYS):
        attempt(lambda: _set(az, vault, KEYS, new_key()))
        say("Master keys made. Keep a copy of the secret atm-keys where the bank keeps its keys.")
    token = os.environ.get("TWILIO_AUTH_TOKEN")
    if token:
        attempt(lambda: _set(az, vault, TWILIO, token))
        say("Twilio's token is set.")
    elif not exists(TWILIO):
        raise HookFailed(
            f"Twilio's auth token is missing: run `az keyvault secret set --vault-name {vault} --name {TWILIO} "
            "--file FILE`, or set TWILIO_AUTH_TOKEN, and then `azd up` again."
        )


def master_key() -> str:
    return f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _set(az: Az, vault: str, name: str, value: str) -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "secret"
        file.touch(mode=0o600)
        file.write_text(value, encoding="utf-8")
        command = ["keyvault", "secret", "set", "--vault-name", vault, "--name", name, "--file", str(file)]
        return az([*command, "--encoding", "utf-8", "--output", "none"])


if __name__ == "__main__":
    raise SystemExit(run(lambda: provide(az, master_key)))
