"""The engines' weights: pinned, checked, converted, cached. See `models.lock.json` and NOTICE."""

from devhost.models.command import main
from devhost.models.problem import ModelsProblem
from devhost.models.provision import ensure

__all__ = ["ModelsProblem", "ensure", "main"]
