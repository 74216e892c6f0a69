"""Find visits straight in storage, by blob index tags: `python -m tools.recordings visits --kiosk K7 --day 2026-11-22`.

No app and no database is needed: AzureWebJobsStorage names the account by a connection string (as in
local.settings.json), or --account by its address with your own Azure sign-in. What the tags mean: docs/recordings.md.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from shared.adapters.azure_media import AzureMedia
from shared.adapters.identity import azure_identity
from shared.domain.errors import AtmError
from shared.domain.recording import CONTAINER, RecordingName, parse_recording
from shared.domain.stamp import stamp
from shared.domain.visit_facts import Outcome, VisitFacts
from shared.ports import Media
from shared.services.recordings.index import folder
from shared.services.recordings.rebuild import Found, facts_of_recordings

TAGS = ("session", "kiosk", "kind", "day", "outcome", "reason", "assurance", "person", "claimed", "faces")
VISIT_COLUMNS = (
    "reference", "kiosk", "began", "outcome", "reason", "assurance", "person", "claimed", "two", "frames", "clips",
    "session",
)  # fmt: skip
FILE_COLUMNS = ("name", "size", "at", *TAGS[2:])
_SETTING = "AzureWebJobsStorage"
_VALUE = re.compile(r"[A-Za-z0-9 +\-./:=_]{1,256}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
type Row = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    given = parser().parse_args(argv)
    try:
        media = opened(given.account)
        rows = COMMANDS[given.command](media, given)
        columns = VISIT_COLUMNS if given.command == "visits" else FILE_COLUMNS
        if given.command != "get":
            show(islice(rows, given.limit), columns, as_json=given.json)
        else:
            list(rows)
    except (AtmError, ValueError) as problem:
        print(f"recordings: {problem}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m tools.recordings", description=__doc__.splitlines()[0])
    top.add_argument("command", choices=sorted(COMMANDS), help="visits, their files, or get one file")
    top.add_argument("name", nargs="?", help="for get: the file's name")
    top.add_argument("--account", help="address of the blob service, https://ACCOUNT.blob.core.windows.net")
    top.add_argument("--from", dest="first", metavar="DAY", help="first day (UTC), 2026-11-22")
    top.add_argument("--to", dest="last", metavar="DAY", help="last day (UTC)")
    top.add_argument("--out", type=Path, help="for get: where to write it")
    top.add_argument("--limit", type=int, default=100, help="rows to show, 100")
    top.add_argument("--json", action="store_true", help="one JSON array instead of a table")
    for tag in TAGS:
        choices = [str(o) for o in Outcome if o is not Outcome.LIVE] if tag == "outcome" else None
        top.add_argument(f"--{tag}", choices=choices, metavar=None if choices else tag.upper())
    return top


def opened(account: str | None) -> Media:
    """Raises ValueError when no account is named."""
    text = os.environ.get(_SETTING)
    if account is not None:
        return AzureMedia.with_identity(account, azure_identity(), read_timeout=60)
    if not text:
        raise ValueError("set AzureWebJobsStorage to the account's connection string, or name it with --account")
    return AzureMedia.with_connection_string(text, read_timeout=60)


def expression(given: argparse.Namespace) -> str:
    """The query by tags, as the Blob service wants it. Raises ValueError for a value no tag can have."""
    wanted = [(tag, "=", getattr(given, tag)) for tag in TAGS if getattr(given, tag)]
    wanted += [("day", sign, day) for sign, day in ((">=", given.first), ("<=", given.last)) if day]
    for tag, _, value in wanted:
        if not _VALUE.fullmatch(value) or (tag == "day" and not _DAY.fullmatch(value)):
            raise ValueError(f"{value!r} cannot be a {tag}")
    return " AND ".join(f"\"{tag}\" {sign} '{value}'" for tag, sign, value in wanted)


def found(media: Media, given: argparse.Namespace) -> Iterator[RecordingName]:
    """Recordings by their tags, visits one after the other; all there are where nothing is asked."""
    asked = expression(given)
    names = media.find(CONTAINER, asked) if asked else (info.name for info in media.list(CONTAINER))
    yield from (name for name in map(parse_recording, names) if name is not None)


def visits(media: Media, given: argparse.Namespace) -> Iterator[Row]:
    """One row a visit, made of what its recordings say."""
    sessions = dict.fromkeys(session for session, _ in groupby(found(media, given), key=lambda name: name.session))
    for session in sessions:
        blobs = [Found(name, i) for i in media.list(CONTAINER, folder(session)) if (name := parse_recording(i.name))]
        if blobs:
            yield _visit(facts_of_recordings(blobs), settled=any(b.tag("outcome") for b in blobs))


def files(media: Media, given: argparse.Namespace) -> Iterator[Row]:
    """One row a recording."""
    for name in found(media, given):
        info = media.info(CONTAINER, str(name))
        if info is not None:
            tags = media.tags(CONTAINER, str(name))
            at = info.metadata.get("at") or stamp(info.created)
            yield {"name": str(name), "size": info.size, "at": at, **{tag: tags.get(tag) for tag in TAGS[2:]}}


def get(media: Media, given: argparse.Namespace) -> Iterator[Row]:
    """Write one recording to a file."""
    if not given.name or given.out is None:
        raise ValueError("get needs the file's name and --out")
    given.out.write_bytes(media.read(CONTAINER, given.name))
    yield from ()


def show(rows: Iterable[Row], columns: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(list(rows), indent=1, ensure_ascii=False))
        return
    cells = [tuple(_text(row[name]) for name in columns) for row in rows]
    used = [i for i, name in enumerate(columns) if name in columns[:1] or any(row[i] for row in cells)]
    widths = [max([len(columns[i]), *(len(row[i]) for row in cells)]) for i in used]
    for row in [columns, *cells]:
        print("  ".join(row[i].ljust(width) for i, width in zip(used, widths, strict=True)).rstrip())
    print(f"{len(cells)} found", file=sys.stderr)


def _visit(facts: VisitFacts, *, settled: bool) -> Row:
    return {
        "reference": facts.reference,
        "kiosk": facts.kiosk,
        "began": stamp(facts.at),
        "outcome": str(facts.outcome) if settled else None,
        "reason": facts.reason,
        "assurance": facts.assurance,
        "person": facts.person,
        "claimed": facts.claimed,
        "two": facts.two,
        "frames": facts.frames,
        "clips": facts.clips,
        "session": facts.session,
    }


def _text(value: object) -> str:
    if value is None or value is False:
        return ""
    return "yes" if value is True else str(value)


COMMANDS = {"visits": visits, "files": files, "get": get}

if __name__ == "__main__":
    sys.exit(main())
