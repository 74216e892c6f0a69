"""Bytes over HTTP, whole or in one range (RFC 9110 §14)."""

import re

import azure.functions as func

from shared.services.recordings.of_visit import Piece, Span

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def span_of(req: func.HttpRequest) -> Span | None:
    """The one range that is asked for. Other units, several ranges and nonsense are ignored, as the RFC says."""
    match = _RANGE.fullmatch(req.headers.get("Range", "").replace(" ", ""))
    if match is None or not (match[1] or match[2]):
        return None
    first, last = (int(text) if text else None for text in match.groups())
    if first is not None and last is not None and last < first:
        return None
    return Span(first, last)


def bytes_answer(piece: Piece, *, partial: bool, name: str | None = None) -> func.HttpResponse:
    """200, or 206 for a part: `Content-Range` says which, and it may be shorter than what was asked."""
    headers = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Accept-Ranges": "bytes",
        "Content-Type": piece.content_type,
    }
    if name is not None:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if partial:
        headers["Content-Range"] = f"bytes {piece.offset}-{piece.offset + len(piece.data) - 1}/{piece.size}"
    return func.HttpResponse(
        piece.data, status_code=206 if partial else 200, headers=headers, mimetype=piece.content_type
    )
