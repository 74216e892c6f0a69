"""Make the index anew of storage alone, after the database was lost: `python -m tools.rebuild_index`.

With the settings of the app in the environment. It can be repeated, and run beside a living app. What cannot come back
stands in docs/recordings.md.
"""

import argparse
import sys
from collections.abc import Sequence

from shared.domain.errors import AtmError
from shared.settings import SettingsError
from shared.wiring import app


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.rebuild_index", description=__doc__.splitlines()[0])
    parser.add_argument("--prefix", default="", help="only names that begin so: K7/2026-11-22/")
    given = parser.parse_args(argv)
    try:
        rebuilt = app().rebuild.run(given.prefix)
    except (AtmError, SettingsError) as problem:
        print(f"rebuild: {problem}", file=sys.stderr)
        return 1
    print(f"{rebuilt.recordings} recordings of {rebuilt.visits} visits")
    return 0


if __name__ == "__main__":
    sys.exit(main())
