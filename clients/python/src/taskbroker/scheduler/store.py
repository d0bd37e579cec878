"""Who may run an occurrence, and what is known of the last run."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from taskbroker.call import Call
from taskbroker.schedules import Entry

LOG = logging.getLogger("taskbroker.scheduler")


@dataclass(frozen=True)
class Occurrence:
    """One planned run of an entry: what to send, and when the entry is due again."""

    entry: Entry
    planned: datetime
    next: datetime
    call: Call


@dataclass(frozen=True)
class Ran:
    """The last run of an entry as the store has it now, and whether it was this scheduler's."""

    last: datetime
    ours: bool


class RunStore(Protocol):
    """Keeps last runs, and sees to it that of all schedulers one runs each occurrence.

    One thread calls it. Any method may raise what the storage raises; the scheduler then tries
    again after a while.
    """

    def wait(self, timeout: float, stop: threading.Event) -> int:
        """Waits until ``timeout`` seconds have passed, ``stop`` is set or the lead has changed.

        Returns the term in which this scheduler may run entries, 0 if it may not. With a new term
        the last runs have to be read again.
        """
        ...

    def last_runs(self, entries: Sequence[Entry]) -> Mapping[str, datetime | None]:
        """The last run of each entry, by storage key; None if it is not known."""
        ...

    def run(self, occurrence: Occurrence) -> Ran:
        """Records and sends one occurrence, unless another scheduler has done so."""
        ...

    def close(self) -> None:
        """Gives up the lead."""
        ...


class MemoryStore(RunStore):
    """For one process. Knows nothing of what ran before its start."""

    def __init__(self) -> None:
        self._last: dict[str, datetime] = {}

    def wait(self, timeout: float, stop: threading.Event) -> int:
        stop.wait(timeout)
        return 1

    def last_runs(self, entries: Sequence[Entry]) -> Mapping[str, datetime | None]:
        return {e.storage_key: self._last.get(e.storage_key) for e in entries}

    def run(self, occurrence: Occurrence) -> Ran:
        occurrence.call.send().delivered()
        self._last[occurrence.entry.storage_key] = occurrence.planned
        return Ran(occurrence.planned, ours=True)

    def close(self) -> None:
        pass


class RunStorageProtocol(Protocol):
    """A table of last runs whose lines vanish when the entry is due again.

    The line is both a lock and the record: whoever writes it runs the occurrence.
    """

    def set(self, key: str, next_runtime: datetime) -> bool:
        """Writes the time now under ``key``, until ``next_runtime``; false if there is a line."""
        ...

    def read(self, key: str) -> datetime | None:
        """The instant that the line holds; None if there is none."""
        ...

    def read_many(self, storage_keys: list[str]) -> Mapping[str, datetime | None]:
        """As :meth:`read`, for many lines."""
        ...

    def delete(self, key: str) -> None:
        """Removes the line if it is there."""
        ...


class VolatileRunStorage(RunStorageProtocol):
    """A table in memory; lines stay until they are overwritten by the next run."""

    def __init__(self) -> None:
        self._lines: dict[str, tuple[datetime, datetime]] = {}

    def set(self, key: str, next_runtime: datetime) -> bool:
        now = datetime.now(UTC)
        known = self._lines.get(key)
        if known is not None and now < known[1]:
            return False
        self._lines[key] = (now, next_runtime)
        return True

    def read(self, key: str) -> datetime | None:
        known = self._lines.get(key)
        return known[0] if known else None

    def read_many(self, storage_keys: list[str]) -> Mapping[str, datetime | None]:
        return {key: self.read(key) for key in storage_keys}

    def delete(self, key: str) -> None:
        self._lines.pop(key, None)


class TableStore(RunStore):
    """Schedulers without a leader: all race for the line of a :class:`RunStorageProtocol`.

    The line is written before the task is sent, and taken back if sending fails. A scheduler that
    dies between the two loses that occurrence.
    """

    def __init__(self, table: RunStorageProtocol) -> None:
        self._table = table

    def wait(self, timeout: float, stop: threading.Event) -> int:
        stop.wait(timeout)
        return 1

    def last_runs(self, entries: Sequence[Entry]) -> Mapping[str, datetime | None]:
        """Earlier clients wrote keys without the entry's name, and before that without the
        schedule; the newest form that is there counts."""
        found: dict[str, datetime | None] = dict.fromkeys(e.storage_key for e in entries)
        for form in (_full, _without_key, _task_only):
            left = [e for e in entries if found[e.storage_key] is None]
            if left:
                values = self._table.read_many([form(e) for e in left])
                found.update({e.storage_key: values.get(form(e)) for e in left})
        return found

    def run(self, occurrence: Occurrence) -> Ran:
        key = occurrence.entry.storage_key
        if not self._table.set(key, occurrence.next):
            return Ran(self._table.read(key) or occurrence.planned, ours=False)
        try:
            occurrence.call.send().delivered()
        except BaseException:
            self._table.delete(key)
            raise
        return Ran(self._table.read(key) or datetime.now(UTC), ours=True)

    def close(self) -> None:
        pass


def _full(entry: Entry) -> str:
    return entry.storage_key


def _without_key(entry: Entry) -> str:
    return f"{_task_only(entry)}:{entry.schedule.id}"


def _task_only(entry: Entry) -> str:
    return f"{entry.task.namespace.name}:{entry.task.name}"
