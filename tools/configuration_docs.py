"""Writes docs/configuration.md from shared/settings.py: `python -m tools.configuration_docs`. Tests notice a stale one.

The headings are the comments that stand between the fields in the source.
"""

import re
import types
from collections.abc import Iterator
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from shared.settings import Settings

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "configuration.md"
_LINE = re.compile(r"^    (?:# (?P<heading>.+)|(?P<field>[a-z]\w*): )")
INTRODUCTION = """\
# Configuration

Made from `shared/settings.py` by `python -m tools.configuration_docs`: do not edit.

Every setting is an environment variable: an application setting in Azure, a value of `local.settings.json` under
Core Tools, or `python3 atm.py run --set NAME=VALUE`. A value out of range, or a name that looks like one of ours and is
not, stops the start with one sentence. Settings are read once, when a process starts. "Required" has no default.

`infra/modules/app.bicep` sets what a deployment needs; anything else here can be added there or in the portal.
"""


def content() -> str:
    parts = [INTRODUCTION]
    for heading, fields in _sections(ROOT / "shared" / "settings.py", Settings):
        plain = [(name, field) for name, field in fields if not _nested(field)]
        if plain:
            parts.append(_table(heading, [(_variable(name, field), field) for name, field in plain]))
        for name, field in fields:
            if (model := _nested(field)) is not None:
                rows = [(f"{name}__{inner}".upper(), info) for inner, info in model.model_fields.items()]
                parts.append(_table(str(field.description).rstrip("."), rows))
    return "\n".join(parts)


def _sections(source: Path, model: type[BaseModel]) -> Iterator[tuple[str, list[tuple[str, FieldInfo]]]]:
    heading, fields = "", []
    for line in source.read_text(encoding="utf-8").splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        if match["field"] in model.model_fields:
            fields.append((match["field"], model.model_fields[match["field"]]))
        elif match["heading"]:
            if fields:
                yield heading, fields
            heading, fields = match["heading"].partition(" (")[0], []
    if fields:
        yield heading, fields


def _table(heading: str, rows: list[tuple[str, FieldInfo]]) -> str:
    lines = [
        f"\n## {heading[:1].upper()}{heading[1:]}\n",
        "| setting | default | bounds | what it is |",
        "|---|---|---|---|",
    ]
    for name, field in rows:
        lines.append(f"| `{name}` | {_default(field)} | {_bounds(field)} | {_cell(field.description or '')} |")
    return "\n".join(lines) + "\n"


def _variable(name: str, field: FieldInfo) -> str:
    return str(field.validation_alias) if field.validation_alias else name.upper()


def _nested(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Enum):
        value = value.value
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{_cell(str(value))}`"


def _bounds(field: FieldInfo) -> str:
    if choices := [str(member.value) for kind in _kinds(field.annotation) for member in _members(kind)]:
        return ", ".join(choices)
    if bool in _kinds(field.annotation):
        return "true, false"
    found: dict[str, Any] = {}
    for rule in field.metadata:
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern"):
            if (value := getattr(rule, name, None)) is not None:
                found[name] = value
    low, high = found.get("ge", found.get("gt")), found.get("le", found.get("lt"))
    if low is not None or high is not None:
        return f"{_number(low)} to {_number(high)}"
    if "pattern" in found:
        return ", ".join(found["pattern"].strip("^$()").split("|"))
    if "max_length" in found:
        return f"{found.get('min_length', 0)} to {found['max_length']} characters"
    return "a secret" if SecretStr in _kinds(field.annotation) else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,}".replace(",", " ") if isinstance(value, int) else f"{value:g}"


def _kinds(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)


def _members(kind: Any) -> list[Enum]:
    return list(kind) if isinstance(kind, type) and issubclass(kind, StrEnum) else []


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    FILE.write_text(content(), encoding="utf-8")
    print(FILE)
