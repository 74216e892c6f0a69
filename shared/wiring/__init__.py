"""The one place that chooses implementations. All is made when first asked for: an HTTP instance loads no engine.

Each module is a layer: a class that knows the layers below it and no other. `outside` is the lowest, and the bases
say the order; `App` stands on all of them.
"""

from functools import cache

from shared.settings import Settings, load_settings
from shared.wiring.health import Vitals


class App(Vitals):
    """Every service, by its name."""


@cache
def settings() -> Settings:
    """This process's settings. Raises SettingsError."""
    return load_settings()


@cache
def app() -> App:
    """This process's services."""
    return App(settings())
