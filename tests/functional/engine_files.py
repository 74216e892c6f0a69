"""Where the tests find the engines' weights and the portraits: fetched once into the user's cache."""

import os
from functools import cache
from pathlib import Path

from devhost import models, portraits


@cache
def models_folder() -> Path:
    given = os.environ.get("MODELS_PATH")
    return Path(given) if given else models.ensure()


@cache
def portraits_folder() -> Path:
    return portraits.ensure()


def scene(name: str) -> bytes:
    return (portraits_folder() / "scenes" / f"{name}.jpg").read_bytes()


def person_frame(person: str, number: int) -> bytes:
    return (portraits_folder() / "people" / person / f"{number}.jpg").read_bytes()
