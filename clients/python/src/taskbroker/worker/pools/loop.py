"""Coroutines on the worker's own event loop."""

from __future__ import annotations

import asyncio
import logging
import math

from taskbroker import execute
from taskbroker.app import App
from taskbroker.errors import DeadlineExceeded, Stopping
from taskbroker.execute import Outcome, Surroundings
from taskbroker.worker.held import TAKEN_BACK, WORKER_STOPS, Done, Held, done
from taskbroker.worker.judging import judged, silenced
from taskbroker.worker.pools.due import Due
from taskbroker.worker.pools.port import End, Listener

LOG = logging.getLogger("taskbroker.worker")

#: Seconds that a coroutine has for its clean-up once it was cancelled.
GRACE = 1.0


class LoopPool:
    """Runs ``places`` coroutines at once. One that blocks the loop blocks the worker with it; one
    that does not end when it is cancelled is left behind and counted in :attr:`stuck`."""

    kind = "async"
    longest_batch = 1
    is_parallel = False

    def __init__(self, app: App, places: int) -> None:
        self._app = app
        self.places = places
        self._running: dict[Held, asyncio.Task[None]] = {}
        self._told: dict[Held, tuple[BaseException, float]] = {}
        self._left: set[asyncio.Task[None]] = set()
        self._ends: list[End] = []
        self._closing = False
        self._due: Due
        self._loop: asyncio.AbstractEventLoop
        self._listener: Listener
        self._around: Surroundings

    @property
    def free(self) -> int:
        return max(0, self.places - len(self._running))

    @property
    def ready(self) -> bool:
        return True

    @property
    def stuck(self) -> int:
        return len(self._left)

    async def start(self, listener: Listener) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._due = Due(self._loop, self._end_overdue)
        self._around = Surroundings(
            now=self._loop.time,
            hooks=self._app.context_hooks,
            is_stopping=lambda: self._closing,
        )

    def begin(self, *tasks: Held) -> None:
        (held,) = tasks
        held.begun = now = self._loop.time()
        self._running[held] = self._loop.create_task(self._run(held))
        if held.deadline_s:
            self._due.by(now + held.deadline_s)

    def _end_overdue(self, now: float) -> float:
        """Cancels what has had its time, and leaves behind what did not end then."""
        soonest = math.inf
        for held, task in list(self._running.items()):
            told = self._told.get(held)
            if told is not None:
                until = told[1]
                if now >= until:
                    self._leave_behind(held, type(told[0]))
                    continue
            elif held.deadline_s:
                until = (held.begun or now) + held.deadline_s
                if now >= until:
                    until = now + GRACE
                    self._tell_to_end(held, task, DeadlineExceeded("its time is over"), until)
            else:
                continue
            soonest = min(soonest, until)
        return soonest

    def _tell_to_end(
        self, held: Held, task: asyncio.Task[None], why: BaseException, until: float
    ) -> None:
        self._told[held] = why, until
        task.cancel()

    async def _run(self, held: Held) -> None:
        outcome = await self._outcome(held)
        if held in self._running:
            errors = silenced(self._app, held.activation) if outcome.error is not None else ()
            self._end(held, done(outcome, self._seconds(held), silenced=errors))
            if len(self._ends) == 1:
                self._loop.call_soon(self._tell)
        else:
            self._left.discard(asyncio.current_task())

    async def _outcome(self, held: Held) -> Outcome:
        activation = held.activation
        try:
            task = execute.find(self._app, activation)
            if task.at_most_once and self._app.at_most_once_store is not None:
                # A store is a call over the network, most often, and so none for the loop.
                first = await asyncio.to_thread(execute.may_begin, self._app, task, activation)
                if not first:
                    return execute.NOTHING
        except asyncio.CancelledError as e:
            return judged(self._app, activation, self._why(held, e))
        except Exception as e:
            return judged(self._app, activation, e)
        outcome = await execute.run_on_loop(task, activation, self._around)
        if isinstance(outcome.error, asyncio.CancelledError) and held in self._told:
            return judged(self._app, activation, self._why(held, outcome.error))
        return outcome

    def _why(self, held: Held, cancelled: BaseException) -> BaseException:
        """What a cancellation of ours has meant."""
        why, _ = self._told.get(held, (cancelled, 0.0))
        return why

    def cancel(self, held: Held) -> None:
        task = self._running.get(held)
        if task is not None:
            until = self._loop.time() + GRACE
            self._tell_to_end(held, task, Stopping(TAKEN_BACK), until)
            self._due.by(until)

    def stopping(self) -> None:
        self._closing = True

    def interrupt(self) -> None:
        for held, task in list(self._running.items()):
            self._tell_to_end(held, task, Stopping(WORKER_STOPS), math.inf)

    def kill(self) -> None:
        for held in list(self._running):
            self._leave_behind(held, Stopping)

    async def close(self) -> None:
        self._closing = True
        self._due.cancel()
        for task in self._left:
            task.cancel()

    def describe(self) -> list[str]:
        return [str(held) for held in self._running]

    def _leave_behind(self, held: Held, kind: type[BaseException]) -> None:
        task = self._running.get(held)
        if task is None:
            return
        self._left.add(task)
        LOG.error("%s did not end when told to; its coroutine is left behind", held)
        outcome = judged(self._app, held.activation, kind("its time is over, and it does not end"))
        self._end(held, done(outcome, self._seconds(held)))
        self._tell()

    def _end(self, held: Held, end: Done) -> None:
        del self._running[held]
        self._told.pop(held, None)
        self._ends.append((held, end))

    def _tell(self) -> None:
        """Those that end in one turn of the loop are told together."""
        ends, self._ends = self._ends, []
        if ends:
            self._listener.ended(ends)

    def _seconds(self, held: Held) -> float:
        return self._loop.time() - (held.begun or held.received)
