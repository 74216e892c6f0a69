"""The pages as the app serves them: strict headers on each, and nothing but their own files."""

import gzip
from collections.abc import Callable

import azure.functions as func
import pytest

from functions import http, pages
from tests.stage import StageApp

type Page = Callable[[func.HttpRequest], func.HttpResponse]


@pytest.fixture(autouse=True)
def app(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers carry the server's time."""
    stage = StageApp()
    monkeypatch.setattr(http, "app", lambda: stage)


def ask(page: Page, path: str = "", **headers: str) -> func.HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return page(func.HttpRequest(method="GET", url="/", headers=named, route_params={"path": path}, body=b""))


SERVED = [
    (pages.home, ""),
    (pages.kiosk, "index.html"),
    (pages.kiosk, "js/main.js"),
    (pages.kiosk, "css/first.css"),
    (pages.console, ""),
    (pages.console, "js/app.js"),
    (pages.openapi, ""),
]


@pytest.mark.parametrize(("page", "path"), SERVED)
def test_every_file_comes_with_a_policy_that_lets_in_nothing_from_elsewhere(page: Page, path: str) -> None:
    answer = ask(page, path)
    assert answer.status_code == 200
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


def test_the_head_of_the_first_page_already_asks_for_the_one_sheet_its_picture_waits_for() -> None:
    sheet = ask(pages.home).headers["Link"].partition(">")[0].removeprefix("</kiosk/")
    assert ask(pages.kiosk, sheet).status_code == 200
    assert f'href="/kiosk/{sheet}"' in ask(pages.home).get_body().decode()


@pytest.mark.parametrize("page", [pages.kiosk, pages.console])
@pytest.mark.parametrize(
    "path",
    [
        "../host.json",
        "js/../../shared/settings.py",
        "/etc/passwd",
        "js\\main.js",
        ".hidden",
        "js",
        "none.js",
        "a\x00.js",
    ],
)
def test_nothing_outside_a_pages_folder_is_served(page: Page, path: str) -> None:
    assert ask(page, path).status_code == 404


def test_a_file_that_is_known_is_not_sent_again_and_a_new_one_is_packed() -> None:
    plain = ask(pages.kiosk, "js/main.js")
    known = ask(pages.kiosk, "js/main.js", If_None_Match=plain.headers["ETag"])
    packed = ask(pages.kiosk, "js/main.js", Accept_Encoding="gzip, br")
    assert (known.status_code, known.get_body()) == (304, b"")
    assert "Content-Security-Policy" in known.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_body()) == plain.get_body()
