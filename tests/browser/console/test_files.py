"""What can be said of the console's files without opening them in a browser."""

import gzip
import json
import re
from pathlib import Path

from shared.domain.session import Reason, State
from shared.domain.visit_facts import Outcome
from shared.services.attention.items import Matter

CONSOLE = Path(__file__).parents[3] / "console"
BUDGET = 120_000
"""Bytes of the whole page, compressed, with the modules that it shares with the kiosk's."""
SOURCES = {path: path.read_text(encoding="utf-8") for path in sorted((CONSOLE / "js").rglob("*.js"))}
CODE = "\n".join(SOURCES.values())
ENGLISH = json.loads((CONSOLE / "i18n" / "en.json").read_text(encoding="utf-8"))
INDEX = (CONSOLE / "index.html").read_text(encoding="utf-8")
GROUPS = {*re.findall(r'label\((?:app\.)?(?:t, )?"([a-z_.]+)"', CODE), "problem"}
"""Words for what the server names: `outcome.granted`. A code without an entry is shown in the server's own words."""


def named() -> set[str]:
    """Keys named outright."""
    return set(re.findall(r'"([a-z_]+(?:[.-][a-z_.0-9-]+)?)"', CODE)) & set(ENGLISH)


def composed() -> list[re.Pattern[str]]:
    """Keys that are put together: t(`section.${…}`)."""
    parts = (re.split(r"\$\{[^}]*\}", text) for text in re.findall(r"\bt\(`([^`]+)`", CODE))
    return [re.compile("[a-z_0-9-]+".join(map(re.escape, fixed))) for fixed in parts]


def test_every_string_named_in_the_code_exists() -> None:
    asked = set(re.findall(r'\bt\("([a-z_.0-9-]+)"', CODE))
    assert asked - set(ENGLISH) == set()


def test_every_string_is_used() -> None:
    used, patterns = named(), composed()
    unused = [key for key in ENGLISH if key not in used and not any(p.fullmatch(key) for p in patterns)]
    assert [key for key in unused if key.rsplit(".", 1)[0] not in GROUPS] == []


def test_every_outcome_reason_state_and_matter_has_its_words() -> None:
    wanted = {
        *(f"outcome.{one}" for one in Outcome),
        *(f"reason.{one}" for one in Reason),
        *(f"state.{one}" for one in State),
        *(f"attention.kind.{one}" for one in Matter),
        *(f"attention.why.{one}" for one in Matter),
    }
    assert wanted - set(ENGLISH) == set()


def test_every_picture_that_is_asked_for_is_on_the_sheet() -> None:
    sheet = set(re.findall(r'<symbol id="([a-z-]+)"', (CONSOLE / "img" / "icons.svg").read_text(encoding="utf-8")))
    assert set(re.findall(r'icon(?:: |\()"([a-z-]+)"', CODE)) - sheet == set()


def test_the_page_preloads_exactly_its_modules() -> None:
    preloaded = set(re.findall(r'modulepreload" href="/console/([^"]+)"', INDEX))
    assert preloaded == {path.relative_to(CONSOLE).as_posix() for path in SOURCES} - {"js/main.js"}
    shared = set(re.findall(r'from "(/kiosk/js/[^"]+)"', CODE)) | {"/kiosk/js/clock.js"}
    assert shared == set(re.findall(r'modulepreload" href="(/kiosk/[^"]+)"', INDEX))


def test_there_is_no_inline_script_or_style_and_nothing_from_elsewhere() -> None:
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", INDEX) == []
    for path in text_files():
        outside = re.findall(r"https?://(?!www\.w3\.org/2000/svg)[^\s\"')]+", path.read_text(encoding="utf-8"))
        assert outside == [], path


def test_no_markup_is_ever_made_from_text() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
    assert [path.name for path, text in SOURCES.items() if forbidden.search(text)] == []


def test_the_code_holds_no_words_of_its_own() -> None:
    written = re.compile(r'h\("[a-z0-9]+", \{[^}]*\}, "[^"]*[A-Za-z]{3}')
    assert [path.name for path, text in SOURCES.items() if written.search(text)] == []


def test_the_whole_page_stays_within_its_budget() -> None:
    shared = [CONSOLE.parent / path.lstrip("/") for path in re.findall(r'href="(/kiosk/js/[^"]+)"', INDEX)]
    size = sum(len(gzip.compress(path.read_bytes(), 6)) for path in [*text_files(), *shared])
    assert size < BUDGET


def text_files() -> list[Path]:
    return sorted(path for path in CONSOLE.rglob("*") if path.suffix in (".html", ".js", ".css", ".json", ".svg"))
