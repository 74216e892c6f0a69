"""What can be said of the page's files without opening them in a browser."""

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.browser.page.page_files import KIOSK

LANGUAGES = ("en", "es", "ja", "ar")
BUDGET = 150_000
"""Bytes of the whole page, compressed: issue 9 asks for less than 150 KB."""
PLURALS = {
    "en": {"one", "other"},
    "es": {"one", "other"},
    "ja": {"other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}
"""CLDR's categories for whole numbers below a million (es has `many` from a million on)."""

SOURCES = {path: path.read_text(encoding="utf-8") for path in sorted((KIOSK / "js").rglob("*.js"))}
CATALOGUES = {name: json.loads((KIOSK / "i18n" / f"{name}.json").read_text(encoding="utf-8")) for name in LANGUAGES}


def literal_keys() -> set[str]:
    """Keys named outright: t("…")."""
    return {key for text in SOURCES.values() for key in re.findall(r'\bt\("([a-z_.0-9]+)"', text)}


def conditional_keys() -> set[str]:
    """Keys named in a choice within t(…): t(a ? "x" : "y")."""
    calls = (call for text in SOURCES.values() for call in re.findall(r"\bt\(([^)]*\?[^)]*:[^)]*)\)", text))
    return {key for call in calls for key in re.findall(r'"([a-z_]+\.[a-z_.]+|[a-z_]+)"', call)}


def composed_keys() -> list[re.Pattern[str]]:
    """Keys that are put together: t(`hint.${…}`) and t(`${…}.title`)."""
    templates = {found for text in SOURCES.values() for found in re.findall(r"\bt\(`([^`]+)`|key = `([^`]+)`", text)}
    parts = (re.split(r"\$\{[^}]*\}", one or other) for one, other in templates)
    return [re.compile("[a-z_]+".join(map(re.escape, fixed))) for fixed in parts]


def unused_keys() -> list[str]:
    named = literal_keys() | conditional_keys()
    return [key for key in CATALOGUES["en"] if key not in named and not any(p.fullmatch(key) for p in composed_keys())]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_strings(language: str) -> None:
    assert set(CATALOGUES[language]) == set(CATALOGUES["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_keeps_its_placeholders(language: str) -> None:
    for key, text in CATALOGUES[language].items():
        expected = placeholders(CATALOGUES["en"][key])
        assert placeholders(text) == expected, key


def placeholders(entry: str | dict[str, str]) -> set[str]:
    """Names in braces, of the form that names all of them; a count may be spelled out instead."""
    text = entry if isinstance(entry, str) else entry["other"]
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_the_forms_of_its_language(language: str) -> None:
    for key, entry in CATALOGUES[language].items():
        if isinstance(entry, dict):
            assert set(entry) == PLURALS[language], key


def test_every_string_named_in_the_code_exists() -> None:
    assert sorted(key for key in literal_keys() if key not in CATALOGUES["en"]) == []


def test_every_string_is_used() -> None:
    assert unused_keys() == []


def test_the_code_holds_no_words_of_its_own() -> None:
    """Text between quotes with a space and a capital belongs into a catalogue; the developer's console is English."""
    written = re.compile(r'h\("[a-z0-9]+", \{[^}]*\}, "[^"]*[A-Za-z]{3}')
    offenders = [path.name for path, text in SOURCES.items() if written.search(text) and path.name != "console.js"]
    assert offenders == []


@pytest.mark.parametrize("name", ["guidance", "movement", "button"])
def test_every_picture_that_is_asked_for_is_on_the_sheet(name: str) -> None:
    sheet = set(re.findall(r'<symbol id="([a-z-]+)"', (KIOSK / "img" / "icons.svg").read_text(encoding="utf-8")))
    code = "\n".join(SOURCES.values())
    wanted = {
        "guidance": {f"hint-{hint.replace('_', '-')}" for hint in guidance()},
        "movement": {f"move-{step}" for step in ("turn-left", "turn-right", "look-up", "nod", "look-straight")},
        "button": set(re.findall(r'icon(?:: |\()"([a-z-]+)"', code)),
    }[name]
    assert wanted - sheet == set()


def guidance() -> list[str]:
    """The hints that the page knows, which are those of the contract."""
    listed = re.search(r"GUIDANCE = \[(.*?)\]", (KIOSK / "js" / "hints.js").read_text(encoding="utf-8"), re.DOTALL)
    assert listed
    return re.findall(r'"([a-z_]+)"', listed[1])


def test_every_hint_has_its_words() -> None:
    assert [hint for hint in guidance() if f"hint.{hint}" not in CATALOGUES["en"]] == []


def test_the_page_preloads_exactly_its_modules() -> None:
    index = (KIOSK / "index.html").read_text(encoding="utf-8")
    preloaded = set(re.findall(r'modulepreload" href="/kiosk/([^"]+)"', index))
    own = {"js/main.js", "js/voice/recorder-worklet.js"}
    assert preloaded == {path.relative_to(KIOSK).as_posix() for path in SOURCES} - own


def test_the_first_picture_waits_for_one_small_sheet_and_shows_the_words_of_the_catalogue() -> None:
    head, body = (KIOSK / "index.html").read_text(encoding="utf-8").split("<body>")
    assert re.findall(r'rel="stylesheet" href="([^"]+)"', head) == ["/kiosk/css/first.css"]
    assert len(gzip.compress((KIOSK / "css" / "first.css").read_bytes(), 6)) < 2000
    words = body[: body.index('rel="stylesheet"')]
    assert all(f">{CATALOGUES['en'][key]}<" in words for key in ("boot.title", "boot.lead"))


def test_there_is_no_inline_script_or_style_and_nothing_from_elsewhere() -> None:
    index = (KIOSK / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", index) == []
    for path in text_files():
        outside = re.findall(r"https?://(?!www\.w3\.org/2000/svg)[^\s\"')]+", path.read_text(encoding="utf-8"))
        assert outside == [], path


def test_no_markup_is_ever_made_from_text() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
    assert [path.name for path, text in SOURCES.items() if forbidden.search(text)] == []


def test_the_whole_page_stays_within_its_budget() -> None:
    size = sum(len(gzip.compress(path.read_bytes(), 6)) for path in text_files())
    assert size < BUDGET


def text_files() -> list[Path]:
    return sorted(path for path in KIOSK.rglob("*") if path.suffix in (".html", ".js", ".css", ".json", ".svg"))


def test_the_document_names_tests_and_files_that_exist() -> None:
    root = KIOSK.parent
    told = (root / "docs" / "kiosk.md").read_text(encoding="utf-8")
    written = "".join(path.read_text(encoding="utf-8") for path in (root / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", told))
    assert sorted(name for name in named if f"def {name}(" not in written) == []
    paths = re.findall(r"`((?:kiosk|shared|tests)/[\w./]+)`", told)
    assert [path for path in paths if not (root / path).exists()] == []
