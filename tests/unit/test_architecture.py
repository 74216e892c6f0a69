"""The arrows of the design, read from the import statements: they point inwards, and SDKs stay at the edge."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES: dict[str, set[str]] = {
    # What each part of the deployed app may import beside the standard library and itself.
    "shared/domain": set(),
    "shared/containers.py": set(),
    "shared/logs.py": {"shared.trace"},
    "shared/trace.py": set(),
    "shared/ports.py": {"shared.domain", "shared.containers"},
    "shared/services": {
        "shared.domain",
        "shared.ports",
        "shared.containers",
        "shared.logs",
        "shared.trace",
        "pydantic",  # shapes of stored documents
        "phonenumbers",  # a table of numbering plans: it opens no connection
    },
    "shared/engines": {
        "shared.domain",
        "shared.ports",
        "shared.logs",
        "shared.trace",
        "pydantic",
        "cv2",
        "numpy",
        "onnxruntime",
        "soxr",
    },
    "shared/adapters": {
        "shared.domain",
        "shared.ports",
        "shared.containers",
        "shared.logs",
        "shared.trace",
        "azure.core",
        "azure.cosmos",
        "azure.identity",
        "azure.storage",
        "opentelemetry",
        "cryptography",
        "jwt",
        "pydantic",
        "pyotp",
        "requests",
        "segno",
        "twilio",
        "urllib3",
    },
    "shared/settings.py": {
        "shared.domain",
        "shared.engines.face_settings",
        "shared.engines.voice_settings",
        "pydantic",
        "pydantic_settings",
    },
    "shared/wiring.py": {
        "shared.domain",
        "shared.ports",
        "shared.containers",
        "shared.logs",
        "shared.trace",
        "shared.settings",
        "shared.services",
        "shared.adapters",
        "shared.engines",
    },
    "functions": {
        "shared.domain",
        "shared.services",
        "shared.wiring",
        "shared.settings",
        "shared.logs",
        "shared.trace",
        "azure.functions",
        "pydantic",
    },
    "function_app.py": {"functions", "shared.wiring", "shared.settings", "shared.logs", "azure.functions"},
}


def imports(source: str) -> Iterator[str]:
    """Every module a source names in an import, wherever it stands; a relative one keeps its dots."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def violations(part: str, source: str) -> list[str]:
    """The imports of a source that its part of the app must not have."""
    own = part.removesuffix(".py").replace("/", ".")
    allowed = (own, *RULES[part])
    return [
        name
        for name in imports(source)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(name == module or name.startswith(f"{module}.") for module in allowed)
    ]


def part_of(file: Path) -> str:
    """The rule a file falls under: its own, or its folder's."""
    name = file.relative_to(ROOT).as_posix()
    return next((part for part in RULES if name == part or name.startswith(f"{part}/")), name)


def deployed() -> list[Path]:
    files = [ROOT / "function_app.py", *(ROOT / "functions").rglob("*.py"), *(ROOT / "shared").rglob("*.py")]
    return [file for file in files if file.read_text(encoding="utf-8").strip()]


@pytest.mark.parametrize("file", deployed(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_imports_point_inwards(file: Path) -> None:
    part = part_of(file)
    assert part in RULES, f"{part} belongs to no part of the design; say here what it may import"
    assert violations(part, file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("part", "line", "caught"),
    [
        ("shared/domain", "from shared.ports import Clock", "shared.ports.Clock"),
        ("shared/domain", "import pydantic", "pydantic"),
        ("shared/services", "from shared.adapters.keyring import Keyring", "shared.adapters.keyring.Keyring"),
        ("shared/services", "def late():\n    import numpy", "numpy"),
        ("shared/adapters", "import cv2", "cv2"),
        ("shared/engines", "from azure.storage import blob", "azure.storage.blob"),
        ("functions", "from shared import adapters", "shared.adapters"),
        ("functions", "import requests", "requests"),
        ("functions", "from devhost import stack", "devhost.stack"),
        ("functions", "from ..shared import wiring", "..shared.wiring"),
    ],
)
def test_an_arrow_that_points_outwards_is_caught(part: str, line: str, caught: str) -> None:
    assert violations(part, line) == [caught]


def test_the_launcher_runs_on_an_old_python_with_nothing_installed() -> None:
    source = (ROOT / "atm.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 9))
    assert [name for name in imports(source) if name.split(".")[0] not in sys.stdlib_module_names] == []
