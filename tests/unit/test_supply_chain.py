"""What the project takes from others, and what must not be in it: locks, licences, known faults, secrets."""

import json
import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.version import Version

from devhost.models.lock import read_lock
from devhost.package.licences import licences_of
from devhost.package.requirements import NotALock, Pin, read_pins

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-node.txt", "requirements-bench.txt")
NODE = ROOT / "devhost" / "setup" / "node"

ALLOWED = {
    *("MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Zlib", "CC0-1.0", "PSF-2.0", "Apache-2.0"),
    "MPL-2.0",  # certifi: a list of certificates, unchanged
    "LGPL-2.1-or-later",  # soxr: its library is loaded as a file of its own and can be exchanged
}

SECRETS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*[A-Za-z0-9+/=]{40,}"),
    "storage key": re.compile(r"AccountKey=[A-Za-z0-9+/]{60,}={0,2}"),
    "shared access signature": re.compile(r"[?&]sig=[A-Za-z0-9%+/]{30,}"),
    "Twilio account": re.compile(r"\bAC(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{32}\b"),
    "JWT": re.compile(r"\beyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}"),
    "GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    "Amazon key": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "webhook key": re.compile(r"/runtime/webhooks/\S*[?&]code=[A-Za-z0-9_-]{20,}"),
}
ASSIGNED = re.compile(r"(?i)(?:key|secret|token|passw(?:or)?d)\w*\W{1,4}[\"'`]([A-Za-z0-9+/=_-]{24,})[\"'`]")
RANDOM_BITS = 4.2
"""Shannon entropy of a character from where a word looks random: hexadecimal and base64 of keys lie above."""
KNOWN = {
    # file: the start of what is meant to be there, and why
    "devhost/stack/environment.py": "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50",  # Azurite's published account
    "devhost/configuration.py": "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50",  # the same
    "devhost/cosmos.py": "C2y6yDjf5",  # the Cosmos DB emulator's published key
}


def pins_of(lock: str) -> dict[str, list[Pin]]:
    found: dict[str, list[Pin]] = {}
    for pin in read_pins((ROOT / lock).read_text(encoding="utf-8")):
        found.setdefault(pin.name, []).append(pin)
    return found


# --- what is installed ---


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_the_sums_of_its_files(lock: str) -> None:
    assert len(pins_of(lock)) >= 1


@pytest.mark.parametrize("line", ["requests>=2", "requests", "requests==2.34.2", "git+https://example.org/x.git"])
def test_a_line_without_pin_or_sum_is_no_lock(line: str) -> None:
    with pytest.raises(NotALock):
        read_pins(line)


def test_development_runs_what_is_deployed() -> None:
    development = pins_of("requirements-dev.txt")
    for name, pins in pins_of("requirements.txt").items():
        assert {p.version for p in pins} <= {p.version for p in development[name]}, name


def test_everything_asked_for_is_locked() -> None:
    for source, lock in (("requirements.in", "requirements.txt"), ("requirements-dev.in", "requirements-dev.txt")):
        locked = pins_of(lock)
        for line in (ROOT / source).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith(("#", "-")):
                name = re.split(r"[ \[=<>;#]", line, maxsplit=1)[0]
                assert name.lower().replace("_", "-") in locked, name


def test_no_package_of_node_is_loose_or_runs_a_script_when_installed() -> None:
    wanted = json.loads((NODE / "package.json").read_text())
    for name, version in (wanted.get("dependencies", {}) | wanted.get("devDependencies", {})).items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
    locked = json.loads((NODE / "package-lock.json").read_text())["packages"]
    for name, entry in locked.items():
        assert not name or entry["integrity"].startswith("sha512-"), name
    assert "--ignore-scripts" in (ROOT / "devhost" / "setup" / "emulators.py").read_text(encoding="utf-8")


def test_no_pin_has_a_fault_that_is_known_here() -> None:
    floors = json.loads((ROOT / "devhost" / "package" / "advisories.json").read_text())["floors"]
    met = 0
    for lock in LOCKS:
        for name, pins in pins_of(lock).items():
            for pin in pins:
                if name in floors:
                    least, why = floors[name]
                    assert Version(pin.version) >= Version(least), f"{name} {pin.version}: {why}"
                    met += 1
    assert met >= len(floors)


# --- licences ---


def test_every_licence_of_the_deployed_app_is_one_we_may_ship() -> None:
    found, absent = licences_of(read_pins((ROOT / "requirements.txt").read_text(encoding="utf-8")))
    for licence in found:
        terms = set(re.split(r" AND | OR | WITH |[()]+", licence.expression)) - {""}
        assert terms <= ALLOWED, f"{licence.pin.name}: {licence.expression}"
    assert all(pin.marker for pin in absent), "a package without a marker is not installed here"
    for model in read_lock():
        assert model.licence in ALLOWED, model.file


def test_every_model_is_named_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert [model.file for model in read_lock() if model.file not in notice] == []


# --- secrets ---


def findings(name: str, text: str) -> Iterator[str]:
    for kind, pattern in SECRETS.items():
        for match in pattern.finditer(text):
            yield from _unless_known(name, kind, match[0])
    for match in ASSIGNED.finditer(text):
        if entropy(match[1]) >= RANDOM_BITS:
            yield from _unless_known(name, "random word under a secret's name", match[1])


def _unless_known(name: str, kind: str, found: str) -> Iterator[str]:
    if not (name in KNOWN and KNOWN[name] in found):
        yield f"{name}: {kind}"


def entropy(word: str) -> float:
    counts = Counter(word)
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts.values())


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [name for name in listed.split("\0") if name]


def test_no_secret_is_in_the_repository() -> None:
    found: list[str] = []
    for name in tracked():
        path = ROOT / name
        if path.suffix in {".txt", ".json"} and ("requirements" in name or "lock" in name):
            continue  # sums of files
        if path.is_file() and path.stat().st_size < 2_000_000:
            found += findings(name, path.read_text(encoding="utf-8", errors="ignore"))
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        "AccountKey=" + "aB3" * 28 + "aB==",
        "https://x.blob.core.windows.net/c?sv=1&sig=" + "Ab1%2B" * 8,
        "AC" + "0f" * 16,
        "eyJ" + "a" * 30 + ".eyJ" + "b" * 30 + "." + "c" * 40,
        'auth_token = "' + "q7Zp2LxV9mKd4RtB8sNw3HcJ" + '"',
        "-----BEGIN PRIVATE KEY-----\n" + "M" * 64,
        "/runtime/webhooks/blobs?functionName=x&code=" + "k" * 40,
    ],
)
def test_a_planted_secret_is_found(planted: str) -> None:
    assert list(findings("anywhere.py", planted))


def test_what_is_known_is_known_in_its_file_only() -> None:
    key = KNOWN["devhost/stack/environment.py"] + "aB3" * 16
    assert list(findings("devhost/stack/environment.py", f"AccountKey={key}")) == []
    assert list(findings("shared/settings.py", f"AccountKey={key}"))
