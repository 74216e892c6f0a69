"""The host's access keys: made once, kept in a file, compared in constant time."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

WEBHOOK_KEY = "blobs_extension"  # the real host's name for the system key of the blob webhook
_FILE = "keys.json"


@dataclass(frozen=True, slots=True)
class Keys:
    """`enforced` False is what `func start` does: every caller may call everything."""

    enforced: bool
    master: str
    host: dict[str, str]
    functions: dict[str, dict[str, str]]
    system: dict[str, str]

    def allow_function(self, given: str | None, function: str, level: str) -> bool:
        """Whether a request with this key may call a function of this authLevel (anonymous, function, admin)."""
        if not self.enforced or level == "anonymous":
            return True
        keys = [self.master]
        if level == "function":
            keys += [*self.host.values(), *self.functions.get(function, {}).values()]
        return _among(given, keys)

    def allow_webhook(self, given: str | None) -> bool:
        return not self.enforced or _among(given, [self.master, *self.system.values()])

    def allow_admin(self, given: str | None) -> bool:
        return not self.enforced or _among(given, [self.master])


def load_keys(state: Path, functions: Iterable[str], *, enforced: bool) -> Keys:
    """Read the keys from the state folder, making those that are missing. The file is for its owner alone."""
    file = state / _FILE
    stored = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    keys = Keys(
        enforced,
        stored.get("masterKey") or _new(),
        {"default": _new(), **stored.get("functionKeys", {})},
        {name: {"default": _new(), **stored.get("functions", {}).get(name, {})} for name in functions},
        {WEBHOOK_KEY: _new(), **stored.get("systemKeys", {})},
    )
    content = {
        "masterKey": keys.master,
        "functionKeys": keys.host,
        "systemKeys": keys.system,
        "functions": {**stored.get("functions", {}), **keys.functions},
    }
    if content != stored:
        state.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(content, indent=2), encoding="utf-8")
        fresh.replace(file)
    return keys


def read_webhook_key(file: Path) -> str | None:
    """The blob webhook's key from a host's key file; None while there is no such file."""
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["systemKeys"][WEBHOOK_KEY])
    except (OSError, ValueError, KeyError):
        return None


def _new() -> str:
    return secrets.token_urlsafe(40)


def _among(given: str | None, keys: Iterable[str]) -> bool:
    return given is not None and any(secrets.compare_digest(given.encode(), key.encode()) for key in keys)
