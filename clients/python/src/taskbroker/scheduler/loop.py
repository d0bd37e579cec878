"""Runs the entries of an application when they are due."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from taskbroker.errors import ConfigurationError
from taskbroker.scheduler.store import LOG, Occurrence, RunStore
from taskbroker.schedules import Due, Entry

#: Longest sleep in seconds, so that a clock that was set is noticed.
LONGEST_SLEEP = 30.0

#: Longest pause in seconds after storage or Kafka have failed.
LONGEST_REST = 30.0


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class _State:
    entry: Entry
    last: datetime | None = None
    failures: int = 0
    not_before: datetime | None = None


class Scheduler:
    """Sends the tasks of entries when they are due, as far as the store lets this scheduler.

    Raises :class:`ConfigurationError` for two entries of one storage key, or whatever an entry's
    own check raises. One thread uses it.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        store: RunStore,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._states: list[_State] = []
        self._store = store
        self._now = now
        self._term = 0
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """Adds an entry; its last run is read with the next turn."""
        entry.check()
        if any(s.entry.storage_key == entry.storage_key for s in self._states):
            raise ConfigurationError(
                f"two schedules are called {entry.storage_key}; give one of them key=…"
            )
        self._states.append(_State(entry))
        self._term = 0

    @property
    def entries(self) -> list[Entry]:
        return [s.entry for s in self._states]

    def log_startup(self) -> None:
        """Writes a line for each entry."""
        if not self._states:
            LOG.warning("there is nothing to schedule")
        for state in self._states:
            LOG.info(
                "%s runs %s, %s",
                state.entry.key,
                state.entry.task.fullname,
                state.entry.schedule,
            )

    def run(self, stop: threading.Event) -> None:
        """Works until ``stop`` is set, and gives up the lead then."""
        pause = 0.0
        try:
            while not stop.is_set():
                pause = self._step(pause, stop)
        finally:
            self._store.close()

    def _step(self, pause: float, stop: threading.Event) -> float:
        try:
            term = self._store.wait(pause, stop)
            return self.turn(term) if term and not stop.is_set() else LONGEST_SLEEP
        except Exception as e:
            rest = LONGEST_REST * (0.1 + random.random() / 10)
            LOG.error("the scheduler's storage failed: %s; again in %.0f s", e, rest)
            stop.wait(rest)
            return 0.0

    def turn(self, term: int = 1) -> float:
        """Runs what is due now; returns the seconds until something is due again."""
        if term != self._term:
            found = self._store.last_runs(self.entries)
            for state in self._states:
                state.last = found.get(state.entry.storage_key)
                state.not_before = None
            self._term = term
        for state in self._states:
            self._judge(state, self._now())
        now = self._now()
        waits = [(self._next(s, now) - now).total_seconds() for s in self._states]
        return max(0.0, min([LONGEST_SLEEP, *waits]))

    def _next(self, state: _State, now: datetime) -> datetime:
        if state.not_before is not None and state.not_before > now:
            return state.not_before
        after = now if state.last is None else state.last
        following = state.entry.schedule.next_after(after)
        return following if following > now else state.entry.schedule.next_after(now)

    def _judge(self, state: _State, now: datetime) -> None:
        if state.not_before is not None and now < state.not_before:
            return
        due = state.entry.schedule.due(state.last, now)
        if due is None:
            return
        if due.missed and not state.entry.catch_up:
            LOG.warning(
                "%s missed %s, which is not made good (catch_up=False)",
                state.entry.key,
                due.planned.isoformat(),
            )
            state.last = due.planned
            return
        self._run(state, due, now)

    def _run(self, state: _State, due: Due, now: datetime) -> None:
        entry = state.entry
        occurrence = Occurrence(
            entry=entry,
            planned=due.planned,
            next=entry.schedule.next_after(now),
            call=entry.occurrence(due.planned),
        )
        try:
            ran = self._store.run(occurrence)
        except Exception as e:
            state.failures += 1
            rest = min(LONGEST_REST, 2.0 ** (state.failures - 1)) * (0.5 + random.random() / 2)
            state.not_before = now + timedelta(seconds=rest)
            LOG.error(
                "%s planned for %s was not sent: %s; again in %.0f s",
                entry.key,
                due.planned.isoformat(),
                e,
                rest,
            )
            return
        state.failures = 0
        state.not_before = None
        state.last = ran.last
        if ran.ours:
            made_good = ", made good" if due.missed else ""
            LOG.info(
                "%s sent as %s, planned for %s%s",
                entry.key,
                occurrence.call.activation.id,
                due.planned.isoformat(),
                made_good,
            )
