"""A lock of requirements, read: what is pinned, for which platforms, with which sums."""

import re
from dataclasses import dataclass

_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+))?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class NotALock(ValueError):
    """A line that pins nothing, or a pin without a sum."""


@dataclass(frozen=True, slots=True)
class Pin:
    """`hashes` are the sums of every file of this version that may be installed."""

    name: str
    version: str
    marker: str | None
    hashes: tuple[str, ...]


def read_pins(text: str) -> tuple[Pin, ...]:
    """Raises NotALock."""
    return tuple(_pin(line) for line in _logical_lines(text))


def _logical_lines(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip()]


def _pin(line: str) -> Pin:
    match, hashes = _PIN.match(line), tuple(_HASH.findall(line))
    if match is None or not hashes:
        raise NotALock(line[:80])
    marker = match["marker"].partition("--hash")[0].strip() if match["marker"] else None
    return Pin(match["name"].lower().replace("_", "-"), match["version"], marker, hashes)
