"""Timer triggers: in UTC, never overlapping themselves, and a missed run is made up at the next start."""

import asyncio
import json
import logging
from datetime import UTC, datetime
from pathlib import Path

from devhost.configuration import ConfigurationError
from devhost.schedule import Schedule
from devhost.triggers import Runner, as_json, utc
from devhost.worker import Function

_log = logging.getLogger("devhost.timer")


class TimerTrigger:
    """One timerTrigger function; `status` is the folder that remembers its last run (the real host uses a blob)."""

    def __init__(self, runner: Runner, function: Function, status: Path) -> None:
        self._runner, self._function = runner, function
        expression = runner.configuration.resolve(str(function.trigger["schedule"]))
        try:
            self._schedule = Schedule(expression)
        except ValueError as error:
            raise ConfigurationError(f"{function.name}: {error}") from error
        self._file = status / f"{function.name}.json"
        self._monitored = _is_true(function.trigger.get("useMonitor", True))
        self._task: asyncio.Task[None] | None = None
        self._waiting = True

    async def start(self) -> None:
        self._task = asyncio.create_task(self._keep_time())

    async def stop(self) -> None:
        if self._task is None:
            return
        if self._waiting:
            self._task.cancel()
        await asyncio.wait([self._task])

    async def fire(self, *, past_due: bool = False) -> None:
        last, now = self._last_run(), datetime.now(UTC)
        info = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": {"Last": utc(last), "Next": utc(self._schedule.next(now)), "LastUpdated": utc(last)},
            "IsPastDue": past_due,
        }
        inputs = {self._function.trigger["name"]: as_json(info)}
        await self._runner.attempt(self._function, inputs, {}, subject="timer, past due" if past_due else "timer")
        self._remember(now)

    async def _keep_time(self) -> None:
        last, now = self._last_run(), datetime.now(UTC)
        if last and self._schedule.next(last) < now:
            await self._run(past_due=True)
        elif _is_true(self._function.trigger.get("runOnStartup", False)):
            await self._run()
        elif last is None:
            self._remember(now)
        while True:
            now = datetime.now(UTC)
            await asyncio.sleep((self._schedule.next(now) - now).total_seconds())
            await self._run()

    async def _run(self, *, past_due: bool = False) -> None:
        self._waiting = False
        await self.fire(past_due=past_due)
        self._waiting = True

    def _last_run(self) -> datetime | None:
        if not self._monitored:
            return None
        try:
            return datetime.fromisoformat(json.loads(self._file.read_text(encoding="utf-8"))["last"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError):
            _log.warning("%s is unreadable and was ignored", self._file.name)
            return None

    def _remember(self, moment: datetime) -> None:
        if self._monitored:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps({"last": moment.isoformat()}), encoding="utf-8")


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"
