"""The scheduler as programs for taskbroker-client use it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypedDict

from taskbroker.scheduler.loop import Scheduler
from taskbroker.scheduler.store import RunStorageProtocol, TableStore
from taskbroker.schedules import Cron, Entry, Interval

if TYPE_CHECKING:
    from taskbroker.app import App


@dataclass(frozen=True)
class crontab:
    """A cron expression by its fields, in UTC. The order is not that of the text."""

    minute: str = "*"
    hour: str = "*"
    day_of_week: str = "*"
    day_of_month: str = "*"
    month_of_year: str = "*"

    def __str__(self) -> str:
        fields = (self.minute, self.hour, self.day_of_month, self.month_of_year, self.day_of_week)
        return " ".join(fields)


class ScheduleConfig(TypedDict):
    """``task`` is "namespace:task"."""

    task: str
    schedule: crontab | timedelta


class ScheduleRunner:
    """Entries in code, last runs in a table; ``tick`` runs what is due."""

    def __init__(self, app: App, run_storage: RunStorageProtocol) -> None:
        self._app = app
        self._scheduler = Scheduler([], TableStore(run_storage))

    def add(self, key: str, task_config: ScheduleConfig) -> None:
        """Adds an entry without arguments.

        Raises ``ValueError`` for a name or schedule that is none, ``KeyError`` for a task that is
        not registered.
        """
        namespace, _, task = task_config["task"].partition(":")
        if not namespace or not task or ":" in task:
            raise ValueError(f"a task is 'namespace:task', was {task_config['task']!r}")
        schedule = task_config["schedule"]
        if not isinstance(schedule, crontab | timedelta):
            raise ValueError(f"a schedule is a crontab or a timedelta, was {schedule!r}")
        when = Cron(str(schedule)) if isinstance(schedule, crontab) else Interval.of(schedule)
        self._scheduler.add(Entry(key, self._app.get_task(namespace, task), when))

    def log_startup(self) -> None:
        self._scheduler.log_startup()

    def tick(self) -> float:
        """Runs what is due; returns how many seconds to sleep before the next call."""
        return self._scheduler.turn()
