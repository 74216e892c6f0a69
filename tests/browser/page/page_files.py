"""The page's own files, under the headers that the function app sends; read once for all tests of a session."""

import gzip
from functools import lru_cache
from pathlib import Path

from aiohttp import web

KIOSK = Path(__file__).parents[3] / "kiosk"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": CSP,
    "Permissions-Policy": "camera=(self), microphone=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "max-age=600",
}
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".html": "text/html",
}


def page_file(request: web.Request, path: str) -> web.Response:
    """Compressed, or 304 to a browser that has it."""
    full = (KIOSK / path).resolve()
    if not full.is_relative_to(KIOSK) or not full.is_file():
        return web.Response(status=404)
    packed, tag = packed_file(full, full.stat().st_mtime_ns)
    headers = {**PAGE_HEADERS, "ETag": tag}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    headers["Content-Encoding"] = "gzip"
    if path == "index.html":
        headers["Link"] = "</kiosk/css/first.css>; rel=preload; as=style"
    return web.Response(body=packed, content_type=TYPES[full.suffix], headers=headers, charset="utf-8")


@lru_cache(maxsize=256)
def packed_file(path: Path, changed: int) -> tuple[bytes, str]:
    """Compressed, and its ETag: a browser that knows the file is told so, as the function app does."""
    return gzip.compress(path.read_bytes(), 6), f'"{path.name}-{changed}"'
