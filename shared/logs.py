"""JSON log lines: one object a line, with the invocation's and the session's id, and nothing that must not be read.

`say` takes named facts only. Values under a name that smells of a secret are replaced, and so is anything in a value
that looks like a phone number, a PIN-like run of digits in free text, a JWT or a long random token.
"""

import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

LOGGER = logging.getLogger("face_atm")
session_id: ContextVar[str | None] = ContextVar("session_id", default=None)
invocation_id: ContextVar[str | None] = ContextVar("invocation_id", default=None)

_SECRET_NAMES = re.compile(
    r"pin|code|token|secret|password|phone|number|authorization|signature|nonce|template|embedding|digits", re.I
)
_ALLOWED_NAMES = frozenset({"status_code", "code", "function_name"})
_PATTERNS = (
    re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]+"),  # a JWT
    re.compile(r"\+\d[\d ()-]{6,}\d"),  # an international phone number
    re.compile(r"(?<![\w.-])\d{6}(?![\w.-])"),  # a PIN
    re.compile(r"(?<![\w/_-])[A-Za-z0-9_-]{40,}(?![\w/_-])"),  # a token
    re.compile(r"(?i)(AccountKey|sig|code)=[^;&\s\"]+"),
)
REDACTED = "[redacted]"


def say(level: int, event: str, *, trace: BaseException | None = None, **facts: Any) -> None:
    """Log one event with its facts. `trace` adds where an exception came from, never its message."""
    if LOGGER.isEnabledFor(level):
        if trace is not None:
            facts["at"] = _where(trace)
        LOGGER.log(level, event, extra={"facts": facts})


def redact(value: Any, name: str = "") -> Any:
    """The value as it may stand in a log."""
    if name and name not in _ALLOWED_NAMES and _SECRET_NAMES.search(name):
        return REDACTED
    if isinstance(value, str):
        for pattern in _PATTERNS:
            value = pattern.sub(REDACTED, value)
        return value
    if isinstance(value, dict):
        return {k: redact(v, str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [redact(v) for v in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": redact(record.getMessage()),
        }
        if session := session_id.get():
            line["session"] = session
        if invocation := invocation_id.get():
            line["invocation"] = invocation
        facts = getattr(record, "facts", None)
        if isinstance(facts, dict):
            line.update({k: redact(v, k) for k, v in facts.items()})
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__name__
            line["at"] = _where(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str) -> None:
    """Set up the root logger: everything, the SDKs included, leaves as redacted JSON; SDKs speak from WARNING up."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [h for h in root.handlers if not isinstance(h, logging.StreamHandler)] + [handler]
    root.setLevel(logging.WARNING)
    for noisy in ("azure", "urllib3", "twilio", "twilio.http_client", "requests"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    LOGGER.setLevel(level)


def _where(failure: BaseException) -> list[str]:
    return [f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno} {f.name}" for f in traceback.extract_tb(failure.__traceback__)]
