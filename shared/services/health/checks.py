"""Whether everything the app leans on is there."""

from collections.abc import Callable, Mapping

from shared.domain.errors import AtmError


class Health:
    """`checks`: name → a call that raises when the dependency is not usable."""

    def __init__(self, checks: Mapping[str, Callable[[], None]]) -> None:
        self._checks = checks

    def check(self) -> dict[str, str]:
        """Name → `ok`, or one word."""
        return {name: _state(check) for name, check in self._checks.items()}


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except AtmError as failure:
        return failure.code
    except Exception:
        return "failed"
    return "ok"
