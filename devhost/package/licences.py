"""The licences of what is deployed with the app, out of the installed packages' own files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from devhost.package.requirements import Pin

_FILE = re.compile(r"(licen[cs]e|copying|notice|authors|third.?party)", re.IGNORECASE)
_CLASSIFIERS = {
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
}
_WORDS = {
    "mit": "MIT",
    "mit license": "MIT",
    "apache 2.0": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "lgpl-2.1-or-later": "LGPL-2.1-or-later",
}
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Licence:
    """`expression` is SPDX's; `texts` are the files the package brings, by name."""

    pin: Pin
    expression: str
    texts: tuple[tuple[str, str], ...]


def licences_of(pins: Sequence[Pin]) -> tuple[tuple[Licence, ...], tuple[Pin, ...]]:
    """Licences of the installed ones, and those this platform does not install."""
    found, absent = [], []
    for pin in pins:
        try:
            installed = distribution(pin.name)
        except PackageNotFoundError:
            absent.append(pin)
            continue
        found.append(Licence(pin, expression_of(installed), texts_of(installed)))
    return tuple(found), tuple(absent)


def expression_of(installed: Distribution) -> str:
    """What the package declares: the SPDX expression, else a classifier, else the free text of old metadata."""
    facts = installed.metadata
    if declared := facts.get("License-Expression"):
        return str(declared)
    classifiers = [c.rsplit(" :: ", 1)[-1] for c in facts.get_all("Classifier") or () if c.startswith("License ::")]
    known = [_CLASSIFIERS[name] for name in classifiers if name in _CLASSIFIERS]
    if known:
        return " OR ".join(dict.fromkeys(known))
    words = (facts.get("License") or "").strip().splitlines()
    return _WORDS.get(words[0].lower(), UNKNOWN) if words else UNKNOWN


def texts_of(installed: Distribution) -> tuple[tuple[str, str], ...]:
    texts = []
    for file in installed.files or ():
        place = PurePosixPath(str(file))
        if ".dist-info" in place.parts[0] and _FILE.search(place.name) and place.name != "METADATA":
            texts.append((place.name, Path(file.locate()).read_text(encoding="utf-8", errors="replace")))
    return tuple(sorted(texts))


def collected(found: Sequence[Licence], absent: Sequence[Pin]) -> str:
    """One text for the deployed app. NOTICE beside it names the weights."""
    parts = ["The packages this app imports, each under its own licence.\n"]
    for licence in found:
        heading = f"{licence.pin.name} {licence.pin.version}: {licence.expression}"
        parts += [f"\n{'=' * 100}\n{heading}\n{'=' * 100}\n"]
        parts += [f"\n--- {name} ---\n\n{text.rstrip()}\n" for name, text in licence.texts]
        parts += [] if licence.texts else ["\n(The package brings no licence file.)\n"]
    if absent:
        names = ", ".join(f"{pin.name} {pin.version} ({pin.marker})" for pin in absent)
        parts.append(f"\nOn other platforms also: {names}.\n")
    return "".join(parts)
