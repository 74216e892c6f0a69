"""What is said to customers by SMS, in their language: one JSON catalogue each, read once."""

import json
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "es", "ja", "ar")
FOLDER = Path(__file__).resolve().parents[2] / "texts"


def text(key: str, language: str, **facts: str | int) -> str:
    """The message with its facts filled in; English where the language is not one of ours. Raises KeyError."""
    return catalogue(language if language in LANGUAGES else LANGUAGES[0])[key].format(**facts)


@cache
def catalogue(language: str) -> dict[str, str]:
    words: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return words
