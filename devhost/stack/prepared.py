"""What a stack needs on this machine before it starts."""

from dataclasses import dataclass
from pathlib import Path

from devhost.setup.emulators import MODULES, Emulators, installed_emulators
from devhost.setup.node import Node, ensure_node
from devhost.setup.problem import SetupProblem
from devhost.setup.progress import Progress
from devhost.stack.options import StackOptions


@dataclass(frozen=True, slots=True)
class Prepared:
    """`modules` is the emulators' node_modules."""

    node: Node
    modules: Path
    models: Path


def prepare(options: StackOptions, progress: Progress) -> Prepared:
    """Install what is missing; says and does nothing when all is there. Raises SetupProblem."""
    node = ensure_node(progress)
    emulators = Emulators.ALL if options.documents == "cosmos" else Emulators.STORAGE
    with installed_emulators(emulators, node, progress):
        models = options.models or fetch_models(progress)
    return Prepared(node, MODULES, models)


def fetch_models(progress: Progress) -> Path:
    from devhost.models import ModelsProblem, ensure  # brings numpy and onnx, which nothing else here needs

    try:
        return ensure(lambda line: progress.done("Models", line.strip()))
    except ModelsProblem as problem:
        raise SetupProblem(str(problem)) from problem
