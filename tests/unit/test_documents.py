"""The documents say what is: the picture is the code's, each test they name exists, each link leads somewhere."""

import re
import sys
from pathlib import Path

import pytest
import yaml

from shared.settings import Settings
from tests.unit.test_architecture import RULES, deployed, imports, part_of
from tools import configuration_docs, scaling_docs

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", *DOCS]
_NODE = re.compile(r'(\w+)\["([\w/.]+)"\]')
_ARROW = re.compile(r"^\s*(\w+)(?:\[[^\]]*\])? --> (\w+)", re.MULTILINE)


def drawn() -> set[tuple[str, str]]:
    picture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("```mermaid")[1].split("```")[0]
    names = {short: part.rstrip("/") for short, part in _NODE.findall(picture)}
    return {(names[a], names[b]) for a, b in _ARROW.findall(picture)}


def imported() -> set[tuple[str, str]]:
    found = set()
    for file in deployed():
        part = part_of(file)
        for name in imports(file.read_text(encoding="utf-8")):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names:
                continue
            # the longest rule that fits: shared.settings is not shared.services
            fits = [r for r in RULES if f"{name}.".startswith(f"{r.removesuffix('.py').replace('/', '.')}.")]
            found |= {(part, other) for other in sorted(fits, key=len)[-1:] if other != part}
    return found


def test_the_picture_is_the_code() -> None:
    assert drawn() == imported()
    assert {part for arrow in drawn() for part in arrow} == set(RULES)


def test_the_picture_names_every_folder_of_the_project() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))}
    assert [
        folder for folder in folders - {"docs", "models", "shared", "node_modules"} if f"`{folder}/`" not in text
    ] == []


def test_the_reference_of_settings_is_made_from_the_settings() -> None:
    assert configuration_docs.FILE.read_text(encoding="utf-8") == configuration_docs.content(), "run python -m tools"
    for name, field in Settings.model_fields.items():
        if not hasattr(field.annotation, "model_fields"):
            assert f"`{field.validation_alias or name.upper()}`" in configuration_docs.content(), name


def test_the_tables_of_cost_follow_from_their_assumptions() -> None:
    assert scaling_docs.FILE.read_text(encoding="utf-8") == scaling_docs.content(), "run python -m tools"
    assert scaling_docs.month(scaling_docs.Size(1))["two always-ready instances"] == pytest.approx(41.5, abs=0.1)


@pytest.mark.parametrize(
    ("schedule", "runs"),
    [
        ("15 * * * * *", 1440),
        ("*/10 * * * * *", 8640),
        ("30 */2 * * * *", 720),
        ("0 5 * * * *", 24),
        ("0 0 3 * * *", 1),
    ],
)
def test_a_schedule_runs_so_often_a_day(schedule: str, runs: int) -> None:
    assert scaling_docs.runs_a_day(schedule) == runs


def test_every_test_that_a_document_names_exists() -> None:
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py")]
    existing = {name for source in sources for name in re.findall(r"def (test_\w+)\(", source)}
    named = {name for page in PAGES for name in re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8"))}
    assert named
    assert sorted(named - existing) == []


def test_every_threat_has_a_defence_a_test_and_what_is_left() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 25
    for row in rows:
        assert len(row) == 4 and all(cell.strip() for cell in row), row[0]
        assert "`test_" in row[2], row[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_that_a_page_names_exist(page: Path) -> None:
    known = {str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()}
    prefixes = {name.split("_")[0] for name in known if "_" in name} - {"SQLITE", "LOCAL", "AZUREWEBJOBSSTORAGE"}
    for name in re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`", page.read_text(encoding="utf-8")):
        if name.split("_")[0] in prefixes and not name.startswith(("ATM_", "YOUR_", "MODELS_MIRROR")):
            assert name.split("__")[0] in known, name


def test_no_conformity_is_claimed() -> None:
    claim = re.compile(r"(?i)\b(is|fully) (compliant|certified|conformant)\b|\bcomplies with\b")
    assert [page.name for page in PAGES if claim.search(page.read_text(encoding="utf-8"))] == []


def test_the_api_document_is_the_one_the_readme_links() -> None:
    assert "openapi.yaml" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))["openapi"].startswith("3.")
