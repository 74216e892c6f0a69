"""The template, parsed: resources, settings and subscriptions as the tests compare them with the code."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from pycep import BicepParser

INFRA = Path(__file__).parents[2] / "infra"
MODULES = sorted((INFRA / "modules").glob("*.bicep"))
FILES = [INFRA / "main.bicep", INFRA / "events.bicep", *MODULES]


@cache
def parsed(name: str) -> Any:
    """A file of infra/ by its name without ending: `main`, `events`, or a module's."""
    file = next(file for file in FILES if file.stem == name)
    return BicepParser().parse(file_path=file)


def variable(name: str, of: str) -> Any:
    return parsed(of)["variables"][name]["value"]


def resource(kind: str, of: str, name: str | None = None) -> dict[str, Any]:
    """The properties of the one resource of a kind (or the one with that symbolic name); loops and conditions aside."""
    found = [
        entry["config"]
        for symbol, entry in parsed(of)["resources"].items()
        if entry["type"] == kind and not entry["existing"] and name in (None, symbol)
    ]
    assert len(found) == 1, f"{kind} in {of}: {len(found)}"
    config: dict[str, Any] = found[0]
    while "config" in config:
        config = config["config"]
    return config


def text(of: str) -> str:
    return next(file for file in FILES if file.stem == of).read_text(encoding="utf-8")


def object_of(variable_name: str, of: str) -> dict[str, str]:
    """`NAME: value` lines of a variable that is a flat object, as written."""
    body = re.search(rf"^var {variable_name} = \{{\n(.*?)^\}}", text(of), re.MULTILINE | re.DOTALL)
    assert body, variable_name
    return dict(re.findall(r"^  (\w+): (.+)$", body[1], re.MULTILINE))
