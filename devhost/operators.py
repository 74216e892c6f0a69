"""The local operators' names and passwords: made once, kept in a file for its owner alone."""

import json
import secrets
from pathlib import Path

from shared.domain.credentials import SALT_BYTES, Credential, hashed
from shared.domain.roles import Role

_FILE = "operators.json"
_PASSWORD_BYTES = 12  # 96 bits: nobody guesses it, and it can still be typed
_NAMES = {Role.VIEWER: "vera", Role.OFFICER: "otto", Role.ADMIN: "anna"}
_SECOND_OFFICER = "olga"  # some acts need two


def local_operators(state: Path) -> tuple[str, list[tuple[str, Role, str]]]:
    """The value of LOCAL_OPERATORS, and name, role and password of each operator."""
    file = state / _FILE
    if not file.is_file():
        state.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(_made(), indent=2), encoding="utf-8")
        fresh.replace(file)
    kept = json.loads(file.read_text(encoding="utf-8"))
    people = [(str(one["name"]), Role(one["role"]), str(one["password"])) for one in kept["operators"]]
    return str(kept["setting"]), people


def _made() -> dict[str, object]:
    people = [(name, role, secrets.token_urlsafe(_PASSWORD_BYTES)) for role, name in _NAMES.items()]
    people.insert(2, (_SECOND_OFFICER, Role.OFFICER, secrets.token_urlsafe(_PASSWORD_BYTES)))
    credentials = [
        Credential(n, role, hashed(password, secrets.token_bytes(SALT_BYTES))) for n, role, password in people
    ]
    return {
        "setting": ",".join(map(str, credentials)),
        "operators": [{"name": n, "role": role, "password": password} for n, role, password in people],
    }
