"""What of a request the published description allows; everything else is a violation, told in one line."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema_rs

_SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
_BASE = "/face/v1.2"
IMAGE_BYTES = (1024, 6 * 1024 * 1024)


class Violation(Exception):
    """What the description does not allow."""


class Request:
    """A request that keeps to the description: its operation's name, path parameters, query and body."""

    def __init__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        parts = urlsplit(target)
        self.operation, self.path = _operation(method, parts.path)
        self.query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.image = b""
        self.body: dict[str, Any] = {}
        wanted = _SCHEMA["operations"][self.operation]
        _check(self.query, {"type": "object", "additionalProperties": False, "properties": wanted.get("query", {})})
        content = headers.get("Content-Type", "").partition(";")[0]
        if wanted.get("content", "") != content:
            raise Violation(f"{self.operation}: content type {content or 'missing'}")
        if content == "application/json":
            self.body = json.loads(body)
            _check(self.body, wanted["body"])
        elif content:
            self.image = body
        elif body:
            raise Violation(f"{self.operation}: a body where none belongs")


def _operation(method: str, path: str) -> tuple[str, dict[str, str]]:
    for name, pattern in _patterns().items():
        found = pattern.fullmatch(f"{method} {path}")
        if found:
            return name, found.groupdict()
    raise Violation(f"no operation {method} {path}")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    def pattern(operation: dict[str, Any]) -> re.Pattern[str]:
        path = re.sub(r"\{(\w+)\}", lambda m: f"(?P<{m[1]}>{_SCHEMA['path'][m[1]]})", operation["path"])
        return re.compile(f"{operation['method']} {_BASE}{path}")

    return {name: pattern(operation) for name, operation in _SCHEMA["operations"].items()}


def _check(value: Any, schema: dict[str, Any]) -> None:
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    for error in validator.iter_errors(value):
        raise Violation(error.message)
