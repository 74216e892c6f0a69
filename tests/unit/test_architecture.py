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
    "shared/wiring": {
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


def imported_modules(file: Path) -> set[str]:
    """The modules of `shared` that a file names, as paths of files without their ending."""
    found = set()
    for name in imports(file.read_text(encoding="utf-8")):
        parts = name.split(".")
        for most in (len(parts), len(parts) - 1):  # the last may be a name in the module
            if ROOT.joinpath(*parts[:most]).with_suffix(".py").is_file():
                found.add("/".join(parts[:most]))
                break
    return found


def circle(arrows: dict[str, set[str]]) -> set[str]:
    """What is left when everything that leans on nothing left is taken away, again and again."""
    left = {part: others - {part} for part, others in arrows.items()}
    while free := {part for part, others in left.items() if not others & left.keys()}:
        left = {part: others for part, others in left.items() if part not in free}
    return set(left)


def packages(folder: str) -> dict[str, set[str]]:
    """The packages and single modules of a folder, and which of them each leans on."""
    found: dict[str, set[str]] = {}
    for file in (ROOT / folder).rglob("*.py"):
        part = file.relative_to(ROOT / folder).parts[0].removesuffix(".py")
        others = {m.removeprefix(f"{folder}/") for m in imported_modules(file) if m.startswith(f"{folder}/")}
        found.setdefault(part, set()).update(other.split("/")[0] for other in others)
    return found


@pytest.mark.parametrize("folder", ["shared/services", "shared/wiring"])
def test_no_packages_lean_on_each_other_in_a_circle(folder: str) -> None:
    arrows = packages(folder)
    assert sum(len(others) for others in arrows.values()) > len(arrows)  # or nothing was read
    assert circle(arrows) == set()


def test_a_circle_is_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == {"a", "b", "c"}
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == set()


def test_a_package_of_services_says_what_it_is_and_passes_nothing_on() -> None:
    for file in sorted((ROOT / "shared" / "services").glob("*/__init__.py")):
        body = ast.parse(file.read_text(encoding="utf-8")).body
        assert [type(statement) for statement in body] == [ast.Expr], file
    without = [f for f in (ROOT / "shared" / "services").iterdir() if f.is_dir() and not (f / "__init__.py").is_file()]
    assert [folder.name for folder in without if folder.name != "__pycache__"] == []


@pytest.mark.parametrize(
    ("kind", "layers"),
    [
        ("shared.adapters", {"outside"}),
        ("shared.engines", {"engines"}),
    ],
)
def test_one_layer_of_the_wiring_chooses_them_and_only_when_asked(kind: str, layers: set[str]) -> None:
    who = {
        file.stem
        for file in (ROOT / "shared" / "wiring").glob("*.py")
        if any(name.startswith(f"{kind}.") for name in imports(file.read_text(encoding="utf-8")))
    }
    assert who == layers


@pytest.mark.parametrize("file", sorted((ROOT / "shared" / "wiring").glob("*.py")), ids=lambda file: file.stem)
def test_the_wiring_loads_no_engine_and_no_sdk_before_it_is_asked_for(file: Path) -> None:
    light = {"cursors", "identity", "keyring", "opaque_references", "spans", "system"}
    top = ast.parse(file.read_text(encoding="utf-8")).body
    early = [n.module for n in top if isinstance(n, ast.ImportFrom) and n.module]
    assert [m for m in early if m.startswith("shared.engines")] == []
    assert [m for m in early if m.startswith("shared.adapters") and m.split(".")[-1] not in light] == []


def test_the_launcher_runs_on_an_old_python_with_nothing_installed() -> None:
    source = (ROOT / "atm.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 9))
    assert [name for name in imports(source) if name.split(".")[0] not in sys.stdlib_module_names] == []
