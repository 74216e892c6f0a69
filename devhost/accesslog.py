"""Azurite's access log, read as the list of finished writes.

A line is `127.0.0.1 - - [22/Nov/2026:13:32:42 +0000] "PUT /account/box/a%20b.jpg HTTP/1.1" 201 -`, written once
the answer has been sent.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

_LINE = re.compile(r'"PUT (?P<path>/[^ ?"]*)(?:\?(?P<query>[^ "]*))? HTTP/[\d.]+" (?P<status>\d{3}) ')
_CREATED = {"201", "202"}  # 202: a copy


@dataclass(frozen=True, slots=True)
class Write:
    """A blob that was written whole: by Put Blob, Copy Blob (the same request line) or Put Block List."""

    account: str
    container: str
    name: str
    api: str


def finished_write(line: str) -> Write | None:
    """The write that a line of the access log tells of. Tags, metadata, blocks, leases and queues are none."""
    match = _LINE.search(line)
    if not match or match["status"] not in _CREATED:
        return None
    query = parse_qs(match["query"] or "", keep_blank_values=True)
    operation = query.get("comp", [""])[0]
    if operation not in ("", "blocklist") or "restype" in query:
        return None
    parts = match["path"].split("/", 3)
    if len(parts) < 4 or not parts[3]:
        return None
    api = "PutBlockList" if operation else "PutBlob"
    return Write(parts[1], unquote(parts[2]), unquote(parts[3]), api)
