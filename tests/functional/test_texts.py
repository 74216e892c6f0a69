"""The SMS catalogues: complete in every language, nothing unused, and what must stand in a message stands in it."""

import re
from pathlib import Path
from string import Formatter

import pytest

from shared.services.messages.texts import LANGUAGES, catalogue, text

SERVICES = Path(__file__).parents[2] / "shared" / "services"
CODE = "".join(path.read_text(encoding="utf-8") for path in SERVICES.rglob("*.py"))
NAMED = set(re.findall(r'\btext\(\s*"([a-z_]+)"', CODE))


def facts(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name}


def test_every_message_that_the_code_sends_is_in_the_catalogue_and_none_besides() -> None:
    assert set(catalogue("en")) >= NAMED
    assert [key for key in catalogue("en") if f'"{key}"' not in CODE] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_message_with_the_same_facts(language: str) -> None:
    english, own = catalogue("en"), catalogue(language)
    assert set(own) == set(english)
    for key, message in own.items():
        assert facts(message) == facts(english[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_comes_first_in_its_message_whatever_the_language(language: str) -> None:
    sent = text("code", language, code="123456", place="Shibuya Station", minutes=3)
    assert sent.startswith("123456 ")
    assert "Shibuya Station" in sent
    assert "3" in sent.removeprefix("123456")


def test_a_language_that_is_not_ours_is_written_to_in_english() -> None:
    assert text("approved", "tlh") == text("approved", "en")
