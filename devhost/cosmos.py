"""The Cosmos DB emulator from npm: in memory, for tests and `--documents cosmos`, at small scale.

`python -m devhost.cosmos --port N --node PROGRAM --modules FOLDER` runs it until it is ended.
"""

import argparse
import subprocess
import sys
from pathlib import Path

KEY = "ZW11bGF0b3I="  # the emulator checks no signatures, the SDK wants something to sign with
_SERVER = Path(__file__).parent / "cosmos_server.js"


def emulator_command(node: Path, modules: Path, port: int) -> list[str]:
    """A command that serves https on 127.0.0.1 until its standard input closes, and says "listening" when ready."""
    return [str(node), str(_SERVER), str(port), str(modules)]


def endpoint(port: int) -> str:
    return f"https://127.0.0.1:{port}/"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m devhost.cosmos", description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--node", type=Path, required=True, help="the node program")
    parser.add_argument("--modules", type=Path, required=True, help="the node_modules folder that holds the emulator")
    given = parser.parse_args(argv)
    command = emulator_command(given.node, given.modules.resolve(), given.port)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as emulator:
        try:
            return emulator.wait()
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
