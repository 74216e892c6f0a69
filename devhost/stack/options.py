"""How a local stack is to be run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from devhost.setup.places import ROOT, STATE

SUBSCRIPTIONS = (
    "identify_face=recordings::.jpg",
    "verify_voice=recordings::.wav",
    "index_recording=recordings",
)
"""Event Grid's subscriptions as FUNCTION=CONTAINER[:BEGINS[:ENDS]]; infra/ declares the same ones for Azure."""


@dataclass(frozen=True, slots=True)
class StackOptions:
    """`settings` are the app's, and win over its environment and local.settings.json.

    With `usual_ports` False every port is any free one, so that several stacks run side by side, each with its own
    `state` folder. `models` None fetches them if need be. `restarts` is how often `watch` starts a host that died.
    """

    app: Path = ROOT
    state: Path = STATE
    port: int | None = None
    usual_ports: bool = True
    documents: Literal["sqlite", "cosmos"] = "sqlite"
    profile: Literal["fast", "cloud"] = "fast"
    use_func: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    subscriptions: tuple[str, ...] = SUBSCRIPTIONS
    models: Path | None = None
    quiet: bool = False
    ready_path: str = "/api/health/ready"
    restarts: int = 5

    @property
    def data(self) -> Path:
        return self.state / "data"

    @property
    def logs(self) -> Path:
        return self.state / "logs"
