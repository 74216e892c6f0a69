"""What `atm.py package` takes along, and what it writes about it."""

import json
from pathlib import Path

import pytest

from devhost.models.lock import read_lock
from devhost.package.ignore import deployed_files, read_rules
from devhost.package.licences import UNKNOWN, Licence, collected
from devhost.package.requirements import Pin, read_pins
from devhost.package.sbom import bill
from devhost.setup.places import ROOT
from devhost.setup.problem import SetupProblem

HERE = Pin("here", "1.0", None, ("a" * 64,))
THERE = Pin("there", "2.0", 'sys_platform == "win32"', ("b" * 64,))
LICENCE = Licence(HERE, "MIT", (("LICENSE", "You may."),))


def test_development_stays_at_home_and_the_app_goes_along() -> None:
    rules = read_rules((ROOT / ".funcignore").read_text(encoding="utf-8"))
    deployed = {file.relative_to(ROOT).as_posix() for file in deployed_files(ROOT, rules)}
    assert {"function_app.py", "host.json", "requirements.txt", "openapi.yaml", "NOTICE", "LICENSE"} <= deployed
    folders = {name.partition("/")[0] for name in deployed if "/" in name}
    assert folders - {"models"} == {"functions", "shared", "kiosk", "console"}
    assert not {
        name
        for name in deployed
        if name.startswith(".") or name.endswith((".md", ".pyc", ".http")) or "settings.json" in name
    }


@pytest.mark.parametrize(
    ("pattern", "left_out", "kept"),
    [
        ("/tests/", "tests/unit/x.py", "shared/tests.py"),
        ("*.md", "docs/a.md", "docs/a.mdx"),
        (".*", "kiosk/.hidden", "kiosk/shown"),
        ("__pycache__/", "shared/__pycache__/x.pyc", "shared/pycache.py"),
        ("/atm.py", "atm.py", "shared/atm.py"),
    ],
)
def test_a_rule_leaves_out_what_it_names(tmp_path: Path, pattern: str, left_out: str, kept: str) -> None:
    for name in (left_out, kept):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert [f.relative_to(tmp_path).as_posix() for f in deployed_files(tmp_path, read_rules(pattern))] == [kept]


@pytest.mark.parametrize("pattern", ["!kept.py", "a/**/b", "sub/file.py"])
def test_a_rule_we_might_misread_is_refused(pattern: str) -> None:
    with pytest.raises(SetupProblem):
        read_rules(pattern)


def test_the_bill_names_every_package_and_every_model_with_its_sum() -> None:
    text = bill("1.2.3", [LICENCE], [THERE], read_lock())
    document = json.loads(text)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    by_name = {component["name"]: component for component in document["components"]}
    assert by_name["here"]["purl"] == "pkg:pypi/here@1.0"
    assert by_name["here"]["licenses"] == [{"expression": "MIT"}]
    assert by_name["there"]["scope"] == "optional"
    for model in read_lock():
        assert by_name[model.file]["hashes"] == [{"alg": "SHA-256", "content": model.sha256}]
    assert set(document["dependencies"][0]["dependsOn"]) == {c["bom-ref"] for c in document["components"]}
    assert text == bill("1.2.3", [LICENCE], [THERE], read_lock())


def test_every_deployed_package_stands_in_the_lock_with_its_version() -> None:
    pins = read_pins((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    assert {"azure-functions", "onnxruntime", "cryptography"} <= {pin.name for pin in pins}
    assert all(len(digest) == 64 for pin in pins for digest in pin.hashes)


def test_the_licences_are_collected_word_for_word() -> None:
    text = collected([LICENCE, Licence(THERE, UNKNOWN, ())], [THERE])
    assert "here 1.0: MIT" in text and "You may." in text
    assert "brings no licence file" in text
    assert 'there 2.0 (sys_platform == "win32")' in text
