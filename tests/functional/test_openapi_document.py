"""openapi.yaml says what there is: every route, every problem's code, and examples that are of the shapes they show."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import azure.functions as func
import jsonschema_rs
import yaml
from schemathesis.specs.openapi.definitions import OPENAPI_31

from functions import blueprints, http
from shared.domain import errors

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
CODES: list[str] = DOCUMENT["components"]["schemas"]["Code"]["enum"]
METHODS = {"get", "put", "post", "delete", "patch"}
PAGES = {"/", "kiosk/{*path}", "console/{*path}"}
SOURCES = ("functions/*.py", "shared/services/**/*.py", "shared/domain/*.py", "shared/adapters/cursors.py")
"""Where input of callers is refused. Other adapters and the engines refuse what the services above never hand them."""
UNHEARD = {
    "bad_consent": "of a line of an imported file, whose outcome it is",
}
"""Codes that no caller is ever told, and why."""

type Node = dict[str, Any]


def test_it_is_a_valid_openapi_document() -> None:
    assert [error.message for error in jsonschema_rs.validator_for(OPENAPI_31).iter_errors(DOCUMENT)] == []


def test_every_route_of_the_app_is_documented_and_no_other() -> None:
    assert set(_documented()) == set(_registered())


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for operation in _documented().values()]
    assert len(names) == len(set(names))


def test_every_code_the_app_can_answer_with_is_documented_and_no_other() -> None:
    found = _codes_of_the_mapping() | _codes_of_errors() | _codes_of_bad_input()
    assert found - UNHEARD.keys() == set(CODES)
    assert UNHEARD.keys() <= found


def test_every_code_has_a_line_in_the_table_and_an_example() -> None:
    table = DOCUMENT["components"]["schemas"]["Code"]["description"]
    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == CODES
    problems = {name: e["value"] for name, e in DOCUMENT["components"]["examples"].items() if "code" in e["value"]}
    assert {name: value["code"] for name, value in problems.items()} == {code: code for code in CODES}


def test_every_code_is_the_answer_of_some_operation() -> None:
    used = {code for operation in _documented().values() for code in _codes_of(operation)}
    assert used == set(CODES)


def test_the_examples_of_problems_use_the_app_s_own_words() -> None:
    examples = DOCUMENT["components"]["examples"]
    said = {http._CODES.get(inner, inner): sentence for inner, sentence in http._DETAIL.items()}
    differing = {c: s for c, s in said.items() if c in CODES and examples[c]["value"]["detail"] != s}
    assert differing == {}


def test_every_example_is_of_the_shape_it_shows() -> None:
    wrong = [(place, error.message) for place, schema, value in _examples(DOCUMENT) for error in _errors(schema, value)]
    assert wrong == []


def _documented() -> dict[tuple[str, str], Node]:
    return {
        (method, path): operation
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def _registered() -> Iterator[tuple[str, str]]:
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    for blueprint in blueprints():
        app.register_functions(blueprint)
    for function in app.get_functions():
        trigger: Any = function.get_trigger()
        if trigger.get_binding_name() != "httpTrigger" or trigger.route in PAGES:
            continue
        for method in trigger.methods:
            yield str(getattr(method, "value", method)).lower(), f"/{trigger.route}"


def _codes_of(operation: Node) -> Iterator[str]:
    for response in operation["responses"].values():
        problem = _resolved(response).get("content", {}).get("application/problem+json")
        if problem:
            code = problem["schema"]["allOf"][1]["properties"]["code"]
            yield from code.get("enum") or [code["const"]]


def _codes_of_the_mapping() -> set[str]:
    """What `functions/http.py` names itself."""
    return {http._CODES.get(inner, inner) for inner in http._DETAIL} | {*http._CODES.values(), "unexpected"}


def _codes_of_errors() -> set[str]:
    def below(kind: type[errors.AtmError]) -> Iterator[type[errors.AtmError]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    return {one.code for one in below(errors.AtmError) if "code" in vars(one)}


def _codes_of_bad_input() -> set[str]:
    """The codes given where input is refused, read off the sources that do so."""
    found: set[str] = set()
    for source in (p for pattern in SOURCES for p in sorted(ROOT.glob(pattern))):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        constants = {
            t.id: n.value.value
            for n in tree.body
            if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant)
            for t in n.targets
            if isinstance(t, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute) and node.args:
                found |= _refusals(node, constants)
            elif isinstance(node, ast.GeneratorExp) and "text_field" in ast.dump(node.elt):
                found |= {f"bad_{name.lower()}" for name in ast.literal_eval(node.generators[0].iter)}
    return found


def _refusals(call: ast.Call, constants: dict[str, Any]) -> set[str]:
    name = (
        call.func.id
        if isinstance(call.func, ast.Name)
        else call.func.attr
        if isinstance(call.func, ast.Attribute)
        else ""
    )
    wanted = {"BadRequest": 0, "MediaRejected": 0, "text_field": 1, "_optional": 1}.get(name)
    given = call.args[wanted] if wanted is not None and wanted < len(call.args) else None
    word = constants.get(given.id) if isinstance(given, ast.Name) else getattr(given, "value", None)
    if not isinstance(word, str):
        return set()
    return {word} if wanted == 0 else {f"bad_{word.lower()}"}


def _examples(node: object, place: str = "") -> Iterator[tuple[str, Node, object]]:
    if isinstance(node, dict):
        if "schema" in node:
            for example in [*([node] if "example" in node else []), *map(_resolved, node.get("examples", {}).values())]:
                yield place, node["schema"], example.get("value", example.get("example"))
        for name, below in node.items():
            yield from _examples(below, f"{place}/{name}")
    elif isinstance(node, list):
        for number, below in enumerate(node):
            yield from _examples(below, f"{place}/{number}")


def _errors(schema: Node, value: object) -> Iterator[Any]:
    return jsonschema_rs.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).iter_errors(value)


def _resolved(node: Node) -> Node:
    if "$ref" not in node:
        return node
    found: Any = DOCUMENT
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)
