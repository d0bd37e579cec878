"""Coroutines on the worker's own event loop."""

from __future__ import annotations

import asyncio
import logging

from taskbroker import execute
from taskbroker.app import App
from taskbroker.errors import DeadlineExceeded, Stopping
from taskbroker.execute import Outcome, Surroundings
from taskbroker.worker.held import Done, Held, done
from taskbroker.worker.judging import judged, silenced
from taskbroker.worker.pools.port import Listener

LOG = logging.getLogger("taskbroker.worker")

#: Seconds that a coroutine has for its clean-up once it was cancelled.
GRACE = 1.0

#: Seconds between two looks for coroutines that did not end. One timer for each would cost more
#: than many tasks do.
LOOK_EVERY = 0.25


class LoopPool:
    """Runs ``places`` coroutines at once. One that blocks the loop blocks the worker with it; one
    that does not end when it is cancelled is left behind and counted in :attr:`stuck`."""

    kind = "async"
    longest_batch = 1

    def __init__(self, app: App, places: int) -> None:
        self._app = app
        self.places = places
        self._running: dict[Held, asyncio.Task[None]] = {}
        self._interrupted: set[Held] = set()
        self._left: set[asyncio.Task[None]] = set()
        self._closing = False
        self._look: asyncio.TimerHandle | None = None
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
        self._around = Surroundings(
            now=self._loop.time,
            hooks=self._app.context_hooks,
            is_stopping=lambda: self._closing,
        )

    def begin(self, *tasks: Held) -> None:
        (held,) = tasks
        held.begun = self._loop.time()
        self._running[held] = self._loop.create_task(self._run(held))
        if self._look is None:
            self._look = self._loop.call_later(LOOK_EVERY, self._find_overdue)

    def _find_overdue(self) -> None:
        """Goes on for as long as something runs."""
        now = self._loop.time()
        for held in list(self._running):
            if held.deadline_s and now >= (held.begun or now) + held.deadline_s + GRACE:
                self._leave_behind(held, DeadlineExceeded)
        again = self._loop.call_later(LOOK_EVERY, self._find_overdue) if self._running else None
        self._look = again

    async def _run(self, held: Held) -> None:
        outcome = await self._outcome(held)
        if held in self._running:
            errors = silenced(self._app, held.activation) if outcome.error is not None else ()
            self._end(held, done(outcome, self._seconds(held), silenced=errors))
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
        except asyncio.CancelledError:
            return judged(self._app, activation, Stopping("the worker stops"))
        except Exception as e:
            return judged(self._app, held.activation, e)
        outcome = await execute.run_on_loop(task, activation, self._around)
        if isinstance(outcome.error, asyncio.CancelledError) and held in self._interrupted:
            return judged(self._app, held.activation, Stopping("the worker stops"))
        return outcome

    def stopping(self) -> None:
        self._closing = True

    def interrupt(self) -> None:
        for held, task in list(self._running.items()):
            self._interrupted.add(held)
            task.cancel()

    def kill(self) -> None:
        for held in list(self._running):
            self._leave_behind(held, Stopping)

    async def close(self) -> None:
        self._closing = True
        if self._look is not None:
            self._look.cancel()
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

    def _end(self, held: Held, end: Done) -> None:
        del self._running[held]
        self._interrupted.discard(held)
        self._listener.ended(held, end)

    def _seconds(self, held: Held) -> float:
        return self._loop.time() - (held.begun or held.received)
