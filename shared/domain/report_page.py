"""The report of an export: pages that open without a network, run nothing, can be printed. All is escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="script-src 'none'; object-src 'none'; base-uri 'none'">
<meta name="viewport" content="width=device-width"><title>{title}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #111 }}
h1 {{ font-size: 1.5rem }} h2 {{ font-size: 1.15rem; margin-top: 2rem }}
table {{ border-collapse: collapse; width: 100% }} td, th {{ text-align: left; padding: .3rem .6rem .3rem 0;
border-bottom: 1px solid #ccc; vertical-align: top }} th {{ font-weight: 600 }}
.film {{ display: flex; flex-wrap: wrap; gap: .5rem }} figure {{ margin: 0; width: 11rem; break-inside: avoid }}
img {{ width: 100%; height: auto; border: 1px solid #ccc }} figcaption {{ font-size: .75rem }}
audio {{ width: 100% }} .changed {{ color: #a00; font-weight: 600 }} code {{ font-size: .75rem; word-break: break-all }}
@media print {{ body {{ margin: 0; max-width: none }} h2 {{ break-after: avoid }} audio {{ display: none }} }}
</style></head><body>
"""
_FOOT = "</body></html>\n"


@dataclass(frozen=True, slots=True)
class Medium:
    """A recording in the archive: its file beside the page, when it was made, and what is known of it."""

    file: str
    picture: bool
    at: str
    note: str
    sha256: str
    changed: bool


def in_words(code: str) -> str:
    """`face_accepted` as people read it: "Face accepted"."""
    return code.replace("_", " ").capitalize()


def visit_page(
    title: str, facts: Mapping[str, str], timeline: Sequence[tuple[str, str, str]], media: Sequence[Medium]
) -> str:
    """One visit: facts by label, the timeline as (time, what, details), and its recordings."""
    rows = "".join(f"<tr><th scope=row>{escape(k)}</th><td>{escape(v)}</td></tr>\n" for k, v in facts.items())
    events = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in event)}</tr>\n" for event in timeline)
    return (
        f"{_HEAD.format(title=escape(title))}<h1>{escape(title)}</h1>\n<table>{rows}</table>\n"
        f"<h2>Timeline</h2>\n<table><tr><th>Time (UTC)</th><th>What</th><th>Details</th></tr>\n{events}</table>\n"
        f'<h2>Recordings</h2>\n<div class="film">{"".join(map(_medium, media))}</div>\n{_FOOT}'
    )


def list_page(title: str, about: Mapping[str, str], visits: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """Several visits: each a link to its own page, and its cells."""
    rows = "".join(f"<tr><th scope=row>{escape(k)}</th><td>{escape(v)}</td></tr>\n" for k, v in about.items())
    lines = "".join(
        f'<tr><td><a href="{escape(file)}">{escape(cells[0])}</a></td>'
        f"{''.join(f'<td>{escape(cell)}</td>' for cell in cells[1:])}</tr>\n"
        for file, cells in visits
    )
    return (
        f"{_HEAD.format(title=escape(title))}<h1>{escape(title)}</h1>\n<table>{rows}</table>\n<h2>Visits</h2>\n"
        f"<table><tr><th>Reference</th><th>Kiosk</th><th>Began (UTC)</th><th>Outcome</th><th>Reason</th></tr>\n"
        f"{lines}</table>\n{_FOOT}"
    )


def _medium(medium: Medium) -> str:
    file, what = escape(medium.file), escape(f"{medium.at} {medium.note}")
    picture, clip = f'<img src="{file}" alt="{what}" loading="lazy">', f'<audio controls src="{file}"></audio>'
    shown = picture if medium.picture else clip
    warning = ' <span class="changed">changed since it was recorded</span>' if medium.changed else ""
    return f"<figure>{shown}<figcaption>{what}{warning}<br><code>{escape(medium.sha256)}</code></figcaption></figure>\n"
