"""The fake back end keeps to openapi.yaml: what the console is tried against is what the function app promises."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import requests
import yaml

from tests.browser.console.fake_desk import ROUTES, FakeDesk, Served
from tests.browser.console.records import person_id

DOCUMENT: dict[str, Any] = yaml.safe_load((Path(__file__).parents[3] / "openapi.yaml").read_text(encoding="utf-8"))
WHY = {"reason": "Asked for by the police", "case": "C-2041"}
GET = [
    "operators/me",
    "attention",
    "assistance/{live}",
    "visits",
    "visits/count",
    "visits/live",
    "visits/{visit}",
    "charts",
    "exports/x1",
    "holds",
    "retention",
    "face-search/s1",
    "people/{person}",
    "kiosks",
    "audit",
    "audit/verify",
]
POST = {
    "attention/a1/acknowledge": {"note": "On my way"},
    "assistance/{live}/vouch": {"person": "p", "seq": 3, "document": "passport", "case": None},
    "visits/{visit}/verify": {},
    "exports": {"visit": "{visit}", **WHY},
    "holds": {"visit": "{visit}", **WHY},
    "retention/preview": {},
    "face-search": {"visit": "{visit}", "frame": 4, **WHY},
    "face-search/s1/approve": {},
    "people/search": {"name": None, "status": None, "limit": 50, "cursor": None},
    "people/{person}/suspend": WHY,
    "people/{person}/phone": WHY,
    "people/{person}/erase": WHY,
    "kiosks": {"id": "B4", "name": "Branch 4", "timeZone": "Asia/Tokyo"},
    "kiosks/K7/pairing-code": {},
    "kiosks/K7/revoke": WHY,
}


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(FakeDesk()) as served:
        yield served


@pytest.mark.parametrize("path", GET)
def test_what_is_read_is_of_the_promised_shape(served: Served, path: str) -> None:
    answered(served, "GET", path, None)


@pytest.mark.parametrize("path", list(POST))
def test_what_is_done_is_asked_and_answered_in_the_promised_shape(served: Served, path: str) -> None:
    answered(served, "POST", path, POST[path])


def test_every_route_of_the_fake_is_one_of_the_document() -> None:
    ours = {(method.lower(), pattern) for method, pattern, _, _ in ROUTES if pattern.startswith("/api/")}
    ours.discard(("post", "/api/people/*/*"))
    theirs = {(method, starred(path)) for path, item in DOCUMENT["paths"].items() for method in item}
    assert ours - theirs == set()


def answered(served: Served, method: str, path: str, body: Any) -> None:
    """Asks, and holds body and answer against the document."""
    desk = served.desk
    names = {"live": desk.live["id"], "visit": desk.visits[3]["id"], "person": person_id(0)}
    url = served.url.replace("/console/", f"/api/{path.format(**names)}")
    answer = requests.request(method, url, json=body, headers={"X-Requested-With": "console"}, timeout=10)
    operation = operation_of(method, f"/api/{path}".format(**names))
    if body:
        asked = operation["requestBody"]["content"]["application/json"]["schema"]
        assert faults(asked, {k: names["visit"] if v == "{visit}" else v for k, v in body.items()}) == []
    schema = operation["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
    assert faults(schema, answer.json()) == []


def operation_of(method: str, path: str) -> dict[str, Any]:
    """The document's operation; a path without parameters wins."""
    parts = path.split("/")
    found = [
        template
        for template in DOCUMENT["paths"]
        if len(template.split("/")) == len(parts)
        and all(t.startswith("{") or t == p for t, p in zip(template.split("/"), parts, strict=True))
    ]
    operation: dict[str, Any] = DOCUMENT["paths"][min(found, key=lambda template: template.count("{"))][method.lower()]
    return operation


def starred(path: str) -> str:
    return "/".join("*" if part.startswith("{") else part for part in path.split("/"))


def faults(schema: Any, value: Any) -> list[str]:
    whole = {**schema, "components": DOCUMENT["components"]}
    return [f"{e.instance_path}: {e.message}" for e in jsonschema_rs.Draft202012Validator(whole).iter_errors(value)]
