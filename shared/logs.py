"""JSON log lines: one object a line, with the invocation's, the visit's and the trace's id.

`say` takes named facts only. Values under a name that smells of a secret are replaced, and so is anything in a value
that looks like a phone number, a PIN-like run of digits in free text, a JWT or a long random token. That happens before
any handler sees the record: the worker's OpenTelemetry handler exports the same facts as `atm_…` attributes.
"""

import json
import logging
import os
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from shared import trace as correlation

LOGGER = logging.getLogger("face_atm")
EXPORTED = "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY"
"""The worker's switch: our records leave as OpenTelemetry, and need not be printed."""

session_id: ContextVar[str | None] = ContextVar("session_id", default=None)
invocation_id: ContextVar[str | None] = ContextVar("invocation_id", default=None)

_SECRET_NAMES = re.compile(
    r"pin|code|token|secret|password|phone|number|authorization|signature|nonce|template|embedding|digits", re.I
)
_ALLOWED_NAMES = frozenset({"status_code", "code", "function_name"})
_IDS = frozenset({"session", "trace", "invocation"})
_ID = re.compile(r"[A-Z][A-Z0-9]{0,7}_\d{8}_[a-z2-7]{24}|[0-9a-f]{32}|[0-9a-f-]{36}")
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
        kept = {name: redact(value, name) for name, value in (_surroundings() | facts).items()}
        attributes = {f"atm_{name}": _attribute(value) for name, value in kept.items()}
        LOGGER.log(level, event, extra={"facts": kept, **attributes})


def redact(value: Any, name: str = "") -> Any:
    """The value as it may stand in a log."""
    if name in _IDS and isinstance(value, str) and _ID.fullmatch(value):
        return value
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
        facts = getattr(record, "facts", None)
        line.update(facts if isinstance(facts, dict) else _surroundings())
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
    # The worker's exporter has a handler of its own on LOGGER, if it could be set up; the host would send the printed
    # line a second time.
    exported = os.environ.get(EXPORTED, "").lower() in {"1", "true"} and bool(LOGGER.handlers)
    LOGGER.propagate = not exported


def _surroundings() -> dict[str, Any]:
    """The ids of what is being done."""
    ids = {"session": session_id.get(), "invocation": invocation_id.get(), "trace": correlation.trace_id()}
    return {name: id for name, id in ids.items() if id}


def _attribute(value: Any) -> bool | int | float | str:
    return value if isinstance(value, bool | int | float | str) else json.dumps(value, default=str)


def _where(failure: BaseException) -> list[str]:
    return [f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno} {f.name}" for f in traceback.extract_tb(failure.__traceback__)]
