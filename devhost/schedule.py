"""NCRONTAB: five or six fields (seconds first). Day of month and day of week must both hold, unlike in Vixie cron.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
"""

from datetime import datetime, timedelta

_BOUNDS = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_MONTH, _WEEKDAY = 4, 5
_NAMES = {
    _MONTH: ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    _WEEKDAY: ("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
}
_LONGEST_SEARCH = 100_000  # steps; a day at most each, so beyond any date that exists


class Schedule:
    """Raises ValueError for an expression that it cannot read."""

    def __init__(self, expression: str) -> None:
        fields = expression.split()
        if len(fields) == 5:
            fields = ["0", *fields]
        if len(fields) != 6:
            raise ValueError(f"Not an NCRONTAB expression: {expression!r}")
        self._fields = [_values(index, field) for index, field in enumerate(fields)]

    def next(self, after: datetime) -> datetime:
        """The first moment of the schedule later than `after`. Raises ValueError if there is none."""
        seconds, minutes, hours, days, months, weekdays = self._fields
        moment = after.replace(microsecond=0) + timedelta(seconds=1)
        for _ in range(_LONGEST_SEARCH):
            if moment.month not in months or moment.day not in days or moment.isoweekday() % 7 not in weekdays:
                moment = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0)
            elif moment.hour not in hours:
                moment = (moment + timedelta(hours=1)).replace(minute=0, second=0)
            elif moment.minute not in minutes:
                moment = (moment + timedelta(minutes=1)).replace(second=0)
            elif moment.second not in seconds:
                moment += timedelta(seconds=1)
            else:
                return moment
        raise ValueError("The schedule never comes round.")


def _values(index: int, field: str) -> frozenset[int]:
    low, high = _BOUNDS[index]
    found: set[int] = set()
    for part in field.split(","):
        body, _, step = part.partition("/")
        if body == "*":
            first, last = low, high
        else:
            start, _, end = body.partition("-")
            first = _value(index, start)
            last = _value(index, end) if end else high if step else first
        found.update(range(first, last + 1, int(step or 1)))
    return frozenset(found)


def _value(index: int, word: str) -> int:
    low, high = _BOUNDS[index]
    names = _NAMES.get(index, ())
    if word[:3].lower() in names:
        return names.index(word[:3].lower()) + low
    number = 0 if index == _WEEKDAY and word == "7" else int(word)
    if not low <= number <= high:
        raise ValueError(f"{word!r} is outside {low}-{high}")
    return number
