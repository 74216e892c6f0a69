"""Writes infra/workbook.json, the saved workbook, from infra/queries. `python -m tools.infra_workbook`."""

import json
from pathlib import Path
from typing import Any

INFRA = Path(__file__).parents[1] / "infra"
FILE = INFRA / "workbook.json"
TILES = {
    "time-to-grant": ("Time to grant", "linechart"),
    "attempts": ("What visits needed", "table"),
    "denials": ("Denied visits by kiosk", "barchart"),
    "providers": ("Engines and outside services", "table"),
    "latency": ("How long kiosks wait", "linechart"),
    "failures": ("Failures", "table"),
    "poison": ("Recordings that could not be analysed", "table"),
}
"""Query → title and how it is drawn. `visit` and `reads` are run by hand."""


def content() -> str:
    items: list[dict[str, Any]] = [_time_range(), *(_tile(name) for name in TILES)]
    book = {
        "version": "Notebook/1.0",
        "items": items,
        "$schema": "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json",
    }
    return json.dumps(book, indent=2) + "\n"


def _time_range() -> dict[str, Any]:
    parameter = {
        "id": "time",
        "version": "KqlParameterItem/1.0",
        "name": "time",
        "label": "Time",
        "type": 4,
        "isRequired": True,
        "value": {"durationMs": 86_400_000},
        "typeSettings": {"selectableValues": [{"durationMs": ms} for ms in (3_600_000, 86_400_000, 604_800_000)]},
    }
    return {
        "type": 9,
        "name": "time",
        "content": {"version": "KqlParameterItem/1.0", "parameters": [parameter], "style": "pills"},
    }


def _tile(name: str) -> dict[str, Any]:
    title, drawn = TILES[name]
    return {
        "type": 3,
        "name": name,
        "content": {
            "version": "KqlItem/1.0",
            "query": (INFRA / "queries" / f"{name}.kql").read_text(encoding="utf-8"),
            "size": 0,
            "title": title,
            "timeContextFromParameter": "time",
            "queryType": 0,
            "resourceType": "microsoft.insights/components",
            "visualization": drawn,
        },
    }


if __name__ == "__main__":
    FILE.write_text(content(), encoding="utf-8")
    print(FILE)
