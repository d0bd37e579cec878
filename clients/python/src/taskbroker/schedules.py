"""When scheduled tasks run: by a cron expression in a zone, or again after each span of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from taskbroker import durations
from taskbroker.call import Call
from taskbroker.durations import Duration
from taskbroker.errors import ConfigurationError, MissingExtra
from taskbroker.task import Task

#: An occurrence of a cron expression still runs if it is late by less than this; else it is missed.
LATE = timedelta(minutes=1)

_OCCURRENCES = "5f9c7a4e-7c39-5d0b-9f53-0d3c7b1c6a10"


@dataclass(frozen=True)
class Due:
    """An occurrence that has not run yet; ``missed`` if it is too late for it."""

    planned: datetime
    missed: bool = False


@dataclass(frozen=True)
class Interval:
    """Again and again, ``seconds`` after the last time; whole seconds, at least 1."""

    seconds: int

    @staticmethod
    def of(span: Duration) -> Interval:
        """Reads a span; raises :class:`ConfigurationError` unless it is whole seconds, from 1."""
        value = durations.seconds(span, "the interval of a schedule")
        if value < 1 or value != int(value):
            raise ConfigurationError(
                f"the interval of a schedule is whole seconds, at least 1; was {span!r}"
            )
        return Interval(int(value))

    @property
    def id(self) -> str:
        return str(self.seconds)

    def check(self) -> None:
        """Nothing can be wrong with it."""

    def next_after(self, instant: datetime) -> datetime:
        """The first occurrence after a run at this instant."""
        return instant + timedelta(seconds=self.seconds)

    def due(self, last: datetime | None, now: datetime) -> Due | None:
        """What is to run now, given the last run; without a last run, now.

        Occurrences that nobody has run are one run together; the next ones keep their rhythm.
        """
        if last is None:
            return Due(now.replace(microsecond=0))
        passed = int((now - last) / timedelta(seconds=self.seconds))
        return Due(last + timedelta(seconds=passed * self.seconds)) if passed >= 1 else None

    def __str__(self) -> str:
        return f"every {self.seconds} s"


@dataclass(frozen=True)
class Cron:
    """A cron expression of five fields, as Debian's cron reads them, in a time zone.

    A time that the zone skips in spring runs right after the gap; one that it has twice in autumn
    runs the first time. Lines with ``*`` or ``*/n`` in the minute or hour follow real time.
    """

    text: str
    tz: str = "UTC"

    @property
    def id(self) -> str:
        fields = "_".join(self.text.split())
        return fields if self.tz == "UTC" else f"{fields}@{self.tz}"

    def check(self) -> None:
        """Raises :class:`ConfigurationError` if the expression or the zone is wrong."""
        self._walk(datetime.now(UTC))

    def next_after(self, instant: datetime) -> datetime:
        """The first occurrence after an instant, in UTC."""
        return next(self._walk(instant)).astimezone(UTC)

    def latest(self, now: datetime) -> datetime:
        """The last occurrence that is not after ``now``, in UTC."""
        end = now.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        return next(self._walk(end, backwards=True)).astimezone(UTC)

    def due(self, last: datetime | None, now: datetime) -> Due | None:
        """The latest occurrence if it has not run.

        Without a last run nothing counts as missed: only an occurrence of this minute is due.
        """
        latest = self.latest(now)
        if last is not None and latest <= last:
            return None
        if now - latest < LATE:
            return Due(latest)
        return None if last is None else Due(latest, missed=True)

    def _walk(self, instant: datetime, *, backwards: bool = False) -> Iterator[datetime]:
        try:
            from cronsim import CronSim, CronSimError
        except ImportError:
            raise MissingExtra("scheduler", "a cron expression") from None
        if len(self.text.split()) != 5:
            raise ConfigurationError(f"a cron expression has five fields, was {self.text!r}")
        try:
            found: Iterator[datetime] = CronSim(
                self.text, instant.astimezone(_zone(self.tz)), reverse=backwards
            )
        except CronSimError as e:
            raise ConfigurationError(f"the cron expression {self.text!r}: {e}") from None
        return found

    def __str__(self) -> str:
        return f"cron {self.text!r} in {self.tz}"


def _zone(name: str) -> tzinfo:
    import zoneinfo

    if name == "UTC":
        return UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise ConfigurationError(f"no time zone {name!r} is known on this machine") from None


@dataclass(frozen=True)
class Entry:
    """A task, its arguments, and when it runs.

    ``key`` tells entries of one task apart. ``catch_up`` says whether an occurrence that nobody
    could run in time is run later, once, or not at all.
    """

    key: str
    task: Task[Any, Any]
    schedule: Cron | Interval
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    catch_up: bool = False

    @property
    def storage_key(self) -> str:
        """What its last run is kept under. Another schedule is another key and begins anew."""
        return f"{self.key}:{self.task.namespace.name}:{self.task.name}:{self.schedule.id}"

    def check(self) -> None:
        """Raises what a scheduler would raise for this entry when its time comes."""
        self.schedule.check()
        self.task.call(*self.args, **self.kwargs)

    def occurrence(self, planned: datetime) -> Call:
        """The call for one occurrence. Its id follows from the entry and the planned instant."""
        call = self.task.call(*self.args, **self.kwargs)
        call.activation.id = occurrence_id(
            self.task.namespace.application, self.storage_key, planned
        )
        return call


def occurrence_id(application: str, storage_key: str, planned: datetime) -> str:
    """32 hex digits: the same wherever this occurrence is computed."""
    instant = planned.astimezone(UTC).isoformat(timespec="seconds")
    import uuid  # for schedulers alone

    return uuid.uuid5(uuid.UUID(_OCCURRENCES), f"{application}:{storage_key}:{instant}").hex
