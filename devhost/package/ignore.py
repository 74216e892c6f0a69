"""Which files are deployed: .funcignore, as Core Tools and azd read it (the part of gitignore's rules we use)."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from devhost.setup.problem import SetupProblem


@dataclass(frozen=True, slots=True)
class Rule:
    """`anchored` patterns name a path from the root, others a name anywhere; `folders` ones match folders only."""

    pattern: str
    anchored: bool
    folders: bool

    def matches(self, path: str, *, folder: bool) -> bool:
        if self.folders and not folder:
            return False
        return fnmatchcase(path if self.anchored else path.rsplit("/", 1)[-1], self.pattern)


def read_rules(text: str) -> tuple[Rule, ...]:
    """Raises SetupProblem for a pattern whose meaning we would have to guess."""
    return tuple(_rule(line.strip()) for line in text.splitlines() if line.strip() and not line.startswith("#"))


def deployed_files(root: Path, rules: tuple[Rule, ...]) -> Iterator[Path]:
    """Every file below `root` that no rule leaves out, in one order on every machine."""
    yield from _below(root, root, rules)


def _below(root: Path, folder: Path, rules: tuple[Rule, ...]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        name, is_folder = path.relative_to(root).as_posix(), path.is_dir()
        if path.is_symlink() or any(rule.matches(name, folder=is_folder) for rule in rules):
            continue
        if is_folder:
            yield from _below(root, path, rules)
        else:
            yield path


def _rule(line: str) -> Rule:
    bare = line.strip("/")
    if line.startswith("!") or "**" in line or ("/" in bare and not line.startswith("/")) or "\\" in line:
        raise SetupProblem(f".funcignore: {line!r} is more than `atm.py package` understands")
    return Rule(bare, line.startswith("/"), line.endswith("/"))
