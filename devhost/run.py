"""`atm.py run`: the whole stack on this machine until Ctrl-C."""

import argparse
import time

from devhost.operators import local_operators
from devhost.stack import Stack, StackOptions


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py run", description=__doc__)
    add_stack_options(parser)
    stack = Stack(stack_options(parser.parse_args(argv)))
    return run(stack)


def run(stack: Stack) -> int:
    """Until Ctrl-C or SIGTERM (0), or until something that cannot be started again ends (SetupProblem)."""
    begun = time.monotonic()
    try:
        with stack:
            announce(stack, time.monotonic() - begun)
            stack.watch()
    except KeyboardInterrupt:
        return 0


def announce(stack: Stack, seconds: float) -> None:
    say = stack.progress.line
    say()
    say(f"  Face ATM is ready after {seconds:.1f} s. Ctrl-C stops it.")
    say()
    for name, where in stack.pages().items():
        say(f"  {name:<12}{where}")
    for name, role, password in local_operators(stack.options.data)[1]:
        say(f"  {'Operator':<12}{name} ({role}), password {password}")
    say()


def add_stack_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=_port, help="port of the pages and the API (default: 7071, or the next free one)"
    )
    parser.add_argument("--documents", choices=["sqlite", "cosmos"], default="sqlite", help="where documents are kept")
    parser.add_argument(
        "--profile", choices=["fast", "cloud"], default="fast", help="blob events at once, or late, twice and mixed"
    )
    parser.add_argument("--func", action="store_true", help="run the app with Azure Functions Core Tools")
    parser.add_argument(
        "--set", type=_setting, action="append", default=[], metavar="NAME=VALUE", help="a setting of the app"
    )


def stack_options(given: argparse.Namespace) -> StackOptions:
    return StackOptions(
        port=given.port,
        documents=given.documents,
        profile=given.profile,
        use_func=given.func,
        settings=dict(given.set),
    )


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (1 to 65535)")
    return int(text)
