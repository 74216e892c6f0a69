"""ASP.NET route templates, as HTTP triggers use them: literals, {p}, {p?}, {p=default}, {*rest} and constraints.

https://learn.microsoft.com/aspnet/core/fundamentals/routing lists the constraints.
"""

import re
import uuid
from collections.abc import Callable
from datetime import datetime
from urllib.parse import unquote

type Check = Callable[[str], bool]

_PARAMETER = re.compile(r"\{((?:[^{}]|\{\{|\}\})*)\}")
_PARTS = re.compile(
    r"(?P<star>\*{0,2})(?P<name>[A-Za-z_]\w*)"
    r"(?P<constraints>(?::[a-z]+(?:\((?:[^()]|\([^()]*\))*\))?)*)"
    r"(?:=(?P<default>[^?]*))?(?P<optional>\?)?"
)
_CONSTRAINT = re.compile(r":([a-z]+)(?:\(((?:[^()]|\([^()]*\))*)\))?")


def _parses(parse: Callable[[str], object]) -> Check:
    def check(value: str) -> bool:
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return check


def _integer(low: int | None = None, high: int | None = None) -> Check:
    def check(value: str) -> bool:
        if not re.fullmatch(r"[+-]?\d+", value):
            return False
        return (low is None or int(value) >= low) and (high is None or int(value) <= high)

    return check


_CONSTRAINTS: dict[str, Callable[[list[str]], Check]] = {
    "int": lambda _: _integer(-(2**31), 2**31 - 1),
    "long": lambda _: _integer(-(2**63), 2**63 - 1),
    "min": lambda a: _integer(low=int(a[0])),
    "max": lambda a: _integer(high=int(a[0])),
    "range": lambda a: _integer(int(a[0]), int(a[1])),
    "bool": lambda _: lambda value: value.lower() in ("true", "false"),
    "guid": lambda _: _parses(uuid.UUID),
    "decimal": lambda _: _parses(float),
    "double": lambda _: _parses(float),
    "float": lambda _: _parses(float),
    "datetime": lambda _: _parses(datetime.fromisoformat),
    "alpha": lambda _: lambda value: re.fullmatch("[a-zA-Z]*", value) is not None,
    "required": lambda _: bool,
    "minlength": lambda a: lambda value: len(value) >= int(a[0]),
    "maxlength": lambda a: lambda value: len(value) <= int(a[0]),
    "length": lambda a: lambda value: int(a[0]) <= len(value) <= int(a[-1]),
    "regex": lambda a: lambda value: re.search(a[0], value, re.IGNORECASE) is not None,
}


class Route:
    """One template with the methods it answers to (None: all). Raises ValueError for a malformed template."""

    def __init__(self, template: str, methods: list[str] | None) -> None:
        self._methods = {method.upper() for method in methods} if methods else None
        self._names: list[str] = []
        self._defaults: dict[str, str] = {}
        self._checks: list[tuple[str, Check]] = []
        pattern = "".join(self._segment(segment, template) for segment in template.strip("/").split("/") if segment)
        self._pattern = re.compile(pattern + "/?", re.IGNORECASE | re.DOTALL)

    def match(self, method: str, raw_path: str) -> dict[str, str] | None:
        """The route's parameters, decoded, or None if this is another route's request."""
        if self._methods and method not in self._methods:
            return None
        match = self._pattern.fullmatch(raw_path)
        if not match:
            return None
        found = {name: unquote(value) for name, value in zip(self._names, match.groups(), strict=True) if value}
        values = {**self._defaults, **found}
        fits = all(check(values[name]) for name, check in self._checks if name in values)
        return values if fits else None

    def _segment(self, segment: str, template: str) -> str:
        """The pattern of one path segment; what is optional in it makes the whole segment optional."""
        pattern, position, optional = "", 0, False
        for match in _PARAMETER.finditer(segment):
            parts = _PARTS.fullmatch(match[1])
            if not parts:
                raise ValueError(f"Bad parameter {match[0]} in the route {template!r}")
            pattern += re.escape(segment[position : match.start()]) + ("(.*)" if parts["star"] else "([^/]+?)")
            position = match.end()
            optional = optional or bool(parts["star"] or parts["optional"]) or parts["default"] is not None
            self._names.append(parts["name"])
            if parts["default"] is not None:
                self._defaults[parts["name"]] = parts["default"]
            for kind, argument in _CONSTRAINT.findall(parts["constraints"]):
                self._checks.append((parts["name"], _constraint(kind, argument, template)))
        pattern += re.escape(segment[position:])
        return f"(?:/{pattern})?" if optional else f"/{pattern}"


def _constraint(kind: str, argument: str, template: str) -> Check:
    if kind not in _CONSTRAINTS:
        raise ValueError(f"Unknown constraint {kind} in the route {template!r}")
    return _CONSTRAINTS[kind]([argument] if kind == "regex" else argument.split(","))
