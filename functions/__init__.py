"""Triggers only: parse, authorise, call a service, shape the answer. One blueprint a file."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import azure.functions as func


def blueprints() -> Iterator[func.Blueprint]:
    """Every `blueprint` of this folder's modules, by their names; the other modules are what those share."""
    for module in sorted(module.name for module in iter_modules(__path__)):
        blueprint = getattr(import_module(f"{__name__}.{module}"), "blueprint", None)
        if blueprint is not None:
            yield blueprint
