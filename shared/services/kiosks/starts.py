"""How many visits a kiosk may start."""

from datetime import timedelta

from shared.services.limits import Limit, Limits


class KioskSessions:
    def __init__(self, limits: Limits, most: int) -> None:
        """`most` is a minute's."""
        self._limits = limits
        self._limit = Limit("kiosk-sessions", most, timedelta(minutes=1))

    def take(self, kiosk: str) -> None:
        """Raises LimitReached."""
        self._limits.take(self._limit, kiosk)
