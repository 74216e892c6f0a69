"""The static pages, served by the app itself: one origin, strict headers, nothing else on the way."""

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

import azure.functions as func

from functions.http import endpoint, problem

blueprint = func.Blueprint()

_ROOT = Path(__file__).resolve().parent.parent
_FOLDERS = {"kiosk": _ROOT / "kiosk", "console": _ROOT / "console"}
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
    ".webmanifest": "application/manifest+json",
}
_COMPRESSED = frozenset({".js", ".css", ".html", ".json", ".svg", ".yaml"})
_FIRST_SHEET = "</kiosk/css/first.css>; rel=preload; as=style"
"""Said in the head of the answer, it is asked for before the page itself has come: half a round trip on a slow line."""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
        "connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Encoding",
}


@blueprint.function_name("page_home")
@blueprint.route(route="/", methods=["GET"])
@endpoint
def home(req: func.HttpRequest) -> func.HttpResponse:
    page = _file(req, _FOLDERS["kiosk"] / "index.html")
    page.headers["Link"] = _FIRST_SHEET
    return page


@blueprint.function_name("page_kiosk")
@blueprint.route(route="kiosk/{*path}", methods=["GET"])
@endpoint
def kiosk(req: func.HttpRequest) -> func.HttpResponse:
    return _below(req, "kiosk")


@blueprint.function_name("page_console")
@blueprint.route(route="console/{*path}", methods=["GET"])
@endpoint
def console(req: func.HttpRequest) -> func.HttpResponse:
    return _below(req, "console")


@blueprint.function_name("page_openapi")
@blueprint.route(route="api/openapi.yaml", methods=["GET"])
@endpoint
def openapi(req: func.HttpRequest) -> func.HttpResponse:
    return _file(req, _ROOT / "openapi.yaml")


def _below(req: func.HttpRequest, name: str) -> func.HttpResponse:
    """A file below a page's folder; never one outside it, whatever the path says."""
    folder = _FOLDERS[name]
    asked = req.route_params.get("path") or "index.html"
    if "\\" in asked or "\x00" in asked or any(part.startswith(".") for part in asked.split("/")):
        return _missing()
    path = (folder / asked).resolve()
    if not path.is_relative_to(folder) or path.suffix not in _TYPES or not path.is_file():
        return _missing()
    return _file(req, path)


def _file(req: func.HttpRequest, path: Path) -> func.HttpResponse:
    if not path.is_file():
        return _missing()
    body, packed, tag = _content(path, path.stat().st_mtime_ns)
    headers = {**_HEADERS, "ETag": tag, "Content-Type": _TYPES.get(path.suffix) or _guess(path)}
    if req.headers.get("If-None-Match") == tag:
        return func.HttpResponse(status_code=304, headers=headers)
    if packed is not None and "gzip" in req.headers.get("Accept-Encoding", ""):
        return func.HttpResponse(packed, headers={**headers, "Content-Encoding": "gzip"})
    return func.HttpResponse(body, headers=headers)


@lru_cache(maxsize=256)
def _content(path: Path, changed: int) -> tuple[bytes, bytes | None, str]:
    """Body, compressed body and ETag; `changed` makes an edited file a new entry."""
    body = path.read_bytes()
    packed = gzip.compress(body, 9, mtime=0) if path.suffix in _COMPRESSED else None
    return body, packed, f'"{hashlib.sha256(body).hexdigest()[:24]}"'


def _guess(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _missing() -> func.HttpResponse:
    return problem(404, "not_found", "There is no such page.")
