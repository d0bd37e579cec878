"""Tasks in threads of this process."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import queue
import threading
import time
from collections.abc import Iterator

from taskbroker import execute
from taskbroker.app import App
from taskbroker.errors import ChildDied, DeadlineExceeded, Stopping
from taskbroker.execute import Outcome, Surroundings
from taskbroker.worker.held import Done, Held, done
from taskbroker.worker.judging import judged, silenced
from taskbroker.worker.pools.port import Listener

LOG = logging.getLogger("taskbroker.worker")

#: Seconds that a task has to end after the exception that is to end it.
GRACE = 1.0


class _Thread:
    """One thread, which runs one task at a time."""

    def __init__(self, pool: ThreadPool, number: int) -> None:
        self._pool = pool
        self._queue: queue.SimpleQueue[Held | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._runs = False
        self.held: Held | None = None  # the loop's
        self.timer: asyncio.TimerHandle | None = None
        self.thread = threading.Thread(target=self._work, name=f"taskbroker-{number}", daemon=True)
        self.thread.start()

    def begin(self, held: Held | None) -> None:
        self._queue.put(held)

    def throw(self, kind: type[BaseException] | None) -> None:
        """Raises an exception in the task that runs here, at its next bytecode; none: none runs."""
        with self._lock:
            if self._runs or kind is None:
                ident = ctypes.c_ulong(self.thread.ident or 0)
                thrown = ctypes.py_object(kind) if kind is not None else None
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, thrown)

    def _work(self) -> None:
        while (held := self._queue.get()) is not None:
            began = time.perf_counter()
            outcome = self._outcome(held)
            seconds = time.perf_counter() - began
            errors = silenced(self._pool.app, held.activation) if outcome.error else ()
            self._pool.tell(self, held, done(outcome, seconds, silenced=errors))
            del held, outcome

    def _outcome(self, held: Held) -> Outcome:
        try:
            try:
                self._runs = True
                return execute.perform(self._pool.app, held.activation, self._pool.around)
            finally:
                with self._lock:
                    self._runs = False
                self.throw(None)
        except (SystemExit, KeyboardInterrupt) as e:
            return judged(self._pool.app, held.activation, ChildDied(f"the task raised {e!r}"))
        except (DeadlineExceeded, Stopping) as e:  # just as the task ended
            return judged(self._pool.app, held.activation, e)


class ThreadPool:
    """Keeps ``places`` threads. A thread cannot be killed: one whose task does not end is left
    behind, counted in :attr:`stuck`, and replaced."""

    kind = "threads"
    longest_batch = 1

    def __init__(self, app: App, places: int) -> None:
        self.app = app
        self.around = Surroundings(
            hooks=app.context_hooks, is_stopping=lambda: self._closing, guard=_no_guard
        )
        self.places = places
        self._idle: list[_Thread] = []
        self._busy: dict[Held, _Thread] = {}
        self._left: set[_Thread] = set()
        self._made = 0
        self._closing = False
        self._loop: asyncio.AbstractEventLoop
        self._listener: Listener

    @property
    def free(self) -> int:
        return max(0, self.places - len(self._busy))

    @property
    def ready(self) -> bool:
        return True

    @property
    def stuck(self) -> int:
        return len(self._left)

    async def start(self, listener: Listener) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener = listener

    def begin(self, *tasks: Held) -> None:
        (held,) = tasks
        if not self._idle:
            self._made += 1
            self._idle.append(_Thread(self, self._made))
        thread = self._idle.pop()
        thread.held = held
        held.begun = self._loop.time()
        self._busy[held] = thread
        if held.deadline_s:
            thread.timer = self._loop.call_later(
                held.deadline_s, self._end, thread, held, DeadlineExceeded
            )
        thread.begin(held)

    def stopping(self) -> None:
        self._closing = True

    def interrupt(self) -> None:
        for held, thread in list(self._busy.items()):
            if thread.timer is not None:
                thread.timer.cancel()
            self._end(thread, held, Stopping)

    def kill(self) -> None:
        for held, thread in list(self._busy.items()):
            self._leave_behind(thread, held, Stopping)

    async def close(self) -> None:
        self._closing = True
        for thread in self._idle:
            thread.begin(None)

    def describe(self) -> list[str]:
        return [f"{t.thread.name}: {h}" for h, t in self._busy.items()]

    # ------------------------------------------------------------------ ends

    def tell(self, thread: _Thread, held: Held, end: Done) -> None:
        """Called in the thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed; nobody waits for it
            self._loop.call_soon_threadsafe(self._ended, thread, held, end)

    def _ended(self, thread: _Thread, held: Held, end: Done) -> None:
        if thread.timer is not None:
            thread.timer.cancel()
            thread.timer = None
        if thread in self._left:  # reported long ago
            self._left.discard(thread)
            thread.begin(None)
            return
        del self._busy[held]
        thread.held = None
        if self._closing:
            thread.begin(None)
        else:
            self._idle.append(thread)
        self._listener.ended(held, end)

    def _end(self, thread: _Thread, held: Held, kind: type[BaseException]) -> None:
        if thread.held is held:
            thread.throw(kind)
            thread.timer = self._loop.call_later(GRACE, self._leave_behind, thread, held, kind)

    def _leave_behind(self, thread: _Thread, held: Held, kind: type[BaseException]) -> None:
        if thread.held is not held:
            return
        del self._busy[held]
        thread.held = None
        self._left.add(thread)
        LOG.error("%s did not end when told to; its thread is left behind and replaced", held)
        seconds = self._loop.time() - (held.begun or held.received)
        outcome = judged(self.app, held.activation, kind("its time is over, and it does not end"))
        self._listener.ended(held, done(outcome, seconds))


@contextlib.contextmanager
def _no_guard(_seconds: float) -> Iterator[None]:
    """The loop's timer raises in the thread."""
    yield
