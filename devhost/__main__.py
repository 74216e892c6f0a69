"""The commands of `atm.py`, each a module with `main(arguments) -> exit code` that is imported when it is asked for."""

import importlib
import signal
import sys
from types import FrameType

from devhost.setup.problem import SetupProblem

COMMANDS = {
    "demo": ("devhost.demo", "start everything, enrol a demo customer, play visits, and leave a kiosk to try"),
    "run": ("devhost.run", "start the whole stack: storage, documents, functions, pages"),
    "test": ("devhost.checks", "lint, types, and the unit, functional and browser tests"),
    "bench": ("devhost.benchmarks", "measure: without a name the quick ones"),
    "package": ("devhost.package", "make the deployment zip with its bill of materials, and prove that it starts"),
    "models": ("devhost.models", "fetch and check the engines' weights"),
    "verify-audit": ("devhost.audit_proof", "prove the audit unbroken, or name the first broken entry"),
    "doctor": ("devhost.doctor", "what is found, what is missing, and how to get it"),
    "clean": ("devhost.clean", "remove what the launcher made"),
}


def main(arguments: list[str]) -> int:
    name = arguments[0] if arguments else "help"
    if name in ("help", "-h", "--help"):
        print(usage())
        return 0
    if name not in COMMANDS:
        print(f"There is no command {name!r}.\n\n{usage()}", file=sys.stderr)
        return 2
    _interrupt_on_signals()
    try:
        code: int = importlib.import_module(COMMANDS[name][0]).main(arguments[1:])
    except SetupProblem as problem:
        print(f"\n{str(problem)[:1].upper()}{str(problem)[1:]}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def usage() -> str:
    lines = [f"  {name:<12} {sentence}" for name, (_, sentence) in COMMANDS.items()]
    return "\n".join(["usage: python3 atm.py COMMAND [--help]", "", *lines])


def _interrupt_on_signals() -> None:
    """SIGTERM, a closed terminal and Ctrl-Break stop a command as Ctrl-C does, unless the caller ignores them."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    # Stopping takes a few seconds at most; an impatient second signal must not leave a process behind.
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
