"""Tasks in threads of this process."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import math
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence

from taskbroker import execute
from taskbroker.app import App
from taskbroker.errors import ChildDied, DeadlineExceeded, Stopping
from taskbroker.execute import Outcome, Surroundings
from taskbroker.worker.held import Done, Held, done
from taskbroker.worker.judging import judged, silenced
from taskbroker.worker.pools.due import Due
from taskbroker.worker.pools.port import End, Listener

LOG = logging.getLogger("taskbroker.worker")

#: Seconds that a task has to end after the exception that is to end it.
GRACE = 1.0

#: Seconds after which a task that runs keeps no others waiting in its thread, nor their results.
PATIENCE = 0.01


class _Thread:
    """One thread, which runs one task after the other.

    It takes what it is to run from the left of ``_todo``; the loop takes back what it has not begun
    from the right.
    """

    def __init__(self, pool: ThreadPool, number: int) -> None:
        self._pool = pool
        self._todo: deque[Held] = deque()
        self._bell: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_thrown_at = False
        self.runs: Held | None = None  # the thread's; the loop looks
        self.tasks: deque[Held] = deque()  # the loop's: what it was given, and not heard the end of
        self.told: tuple[Held, type[BaseException], float] | None = None
        self.thread = threading.Thread(target=self._work, name=f"taskbroker-{number}", daemon=True)
        self.thread.start()

    # ------------------------------------------------------------------ for the loop

    def begin(self, tasks: Sequence[Held]) -> None:
        self.tasks.extend(tasks)
        self._todo.extend(tasks)
        self._bell.put(True)

    def end(self) -> None:
        """The thread ends when it has nothing to do."""
        self._bell.put(False)

    def take_back(self) -> list[Held]:
        """What it has not begun, in its order."""
        back = []
        with contextlib.suppress(IndexError):
            while True:
                back.append(self._todo.pop())
        for _ in back:
            self.tasks.pop()
        return back[::-1]

    def throw(self, held: Held, kind: type[BaseException]) -> None:
        """Raises an exception in this task at its next bytecode, if it still runs."""
        with self._lock:
            if self.runs is held:
                self._is_thrown_at = True
                self._set_exception(ctypes.py_object(kind))

    def _set_exception(self, kind: object) -> None:
        ident = ctypes.c_ulong(self.thread.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, kind)

    # ------------------------------------------------------------------ in the thread

    def _work(self) -> None:
        while self._bell.get():
            told_at = time.monotonic()
            while True:
                try:
                    held = self._todo.popleft()
                except IndexError:
                    break
                now = self._run(held)
                if now - told_at > PATIENCE:
                    self._pool.wake()
                    told_at = now
                del held
            self._pool.wake()

    def _run(self, held: Held) -> float:
        """Runs a task, and returns when it has ended."""
        held.begun = began = time.monotonic()
        outcome = self._outcome(held)
        now = time.monotonic()
        errors = silenced(self._pool.app, held.activation) if outcome.error is not None else ()
        self._pool.ends.append((self, held, done(outcome, now - began, silenced=errors)))
        return now

    def _outcome(self, held: Held) -> Outcome:
        try:
            try:
                self.runs = held
                return execute.perform(self._pool.app, held.activation, self._pool.around)
            finally:
                with self._lock:
                    self.runs = None
                    if self._is_thrown_at:  # it may not have come through yet, and now must not
                        self._is_thrown_at = False
                        self._set_exception(None)
        except (SystemExit, KeyboardInterrupt) as e:
            return judged(self._pool.app, held.activation, ChildDied(f"the task raised {e!r}"))
        except (DeadlineExceeded, Stopping) as e:  # just as the task ended
            return judged(self._pool.app, held.activation, e)


class ThreadPool:
    """Keeps ``places`` threads. A thread cannot be killed: one whose task does not end is left
    behind, counted in :attr:`stuck`, and replaced.

    Short tasks are given to one thread several at a time. Those that it has not begun go back when
    the one that runs takes longer than :data:`PATIENCE`.
    """

    kind = "threads"
    longest_batch = 64

    def __init__(self, app: App, places: int) -> None:
        self.app = app
        self.around = Surroundings(hooks=app.context_hooks, is_stopping=lambda: self._closing)
        self.places = places
        self.ends: deque[tuple[_Thread, Held, Done]] = deque()  # threads add, the loop takes
        self._is_awake = False
        self._idle: list[_Thread] = []
        self._busy: set[_Thread] = set()
        self._left: set[_Thread] = set()
        self._made = 0
        self._closing = False
        self._due: Due
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

    @property
    def is_parallel(self) -> bool:
        """Not where threads take turns with the interpreter."""
        has_lock = getattr(sys, "_is_gil_enabled", None)
        return has_lock is not None and not has_lock()

    async def start(self, listener: Listener) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._due = Due(self._loop, self._look)

    def begin(self, *tasks: Held) -> None:
        if not self._idle:
            self._made += 1
            self._idle.append(_Thread(self, self._made))
        thread = self._idle.pop()
        self._busy.add(thread)
        now = self._loop.time()
        for held in tasks:
            held.begun = now
            if held.deadline_s:
                self._due.by(now + held.deadline_s)
        if len(tasks) > 1:
            self._due.by(now + PATIENCE)
        thread.begin(tasks)

    def cancel(self, held: Held) -> None:
        thread = next((t for t in self._busy if held in t.tasks), None)
        if thread is None:
            return  # it ends just now
        returned = self._take_back(thread)
        if thread.tasks and thread.tasks[0] is held:
            until = self._loop.time() + GRACE
            self._tell_to_end(thread, Stopping, until)
            self._due.by(until)
        if returned:
            self._listener.returned(returned)

    def stopping(self) -> None:
        self._closing = True

    def interrupt(self) -> None:
        self._hear()
        returned = []
        for thread in list(self._busy):
            returned += self._take_back(thread)
            if thread.tasks:
                self._tell_to_end(thread, Stopping, math.inf)
        if returned:
            self._listener.returned(returned)

    def kill(self) -> None:
        self._hear()
        for thread in list(self._busy):
            self._leave_behind(thread, Stopping)

    async def close(self) -> None:
        self._closing = True
        self._due.cancel()
        for thread in self._idle:
            thread.end()

    def describe(self) -> list[str]:
        return [f"{t.thread.name}: {t.tasks[0]}" for t in self._busy]

    # ------------------------------------------------------------------ ends

    def wake(self) -> None:
        """Called in a thread: there are ends to hear of."""
        if not self._is_awake:
            self._is_awake = True
            with contextlib.suppress(RuntimeError):  # the loop is closed; nobody waits for it
                self._loop.call_soon_threadsafe(self._hear)

    def _hear(self) -> None:
        self._is_awake = False  # first: what comes later than this wakes the loop again
        ends: list[End] = []
        while self.ends:
            thread, held, end = self.ends.popleft()
            if thread in self._left:  # reported long ago
                self._left.discard(thread)
                thread.end()
                continue
            thread.tasks.popleft()
            thread.told = None
            if not thread.tasks:
                self._is_idle(thread)
            ends.append((held, end))
        if ends:
            self._listener.ended(ends)

    def _is_idle(self, thread: _Thread) -> None:
        self._busy.discard(thread)
        if self._closing:
            thread.end()
        else:
            self._idle.append(thread)

    def _take_back(self, thread: _Thread) -> list[Held]:
        back = thread.take_back()
        if not thread.tasks:
            self._is_idle(thread)
        return back

    # ------------------------------------------------------------------ what takes too long

    def _look(self, now: float) -> float:
        """Ends tasks that have had their time, and lets none wait for those that take long."""
        self._hear()
        soonest = math.inf
        returned: list[Held] = []
        for thread in list(self._busy):
            held = thread.tasks[0]
            begun = held.begun if thread.runs is held and held.begun else now
            if len(thread.tasks) > 1:
                if now - begun >= PATIENCE:
                    returned += self._take_back(thread)
                else:
                    soonest = min(soonest, begun + PATIENCE)
            soonest = min(soonest, self._end_in_time(thread, held, begun, now))
        if returned:
            self._listener.returned(returned)
        return soonest

    def _end_in_time(self, thread: _Thread, held: Held, begun: float, now: float) -> float:
        """Returns when to look at this thread again."""
        if thread.told is not None:
            _, kind, until = thread.told
            if now >= until:
                self._leave_behind(thread, kind)
                return math.inf
            return until
        if not held.deadline_s:
            return math.inf
        if now >= begun + held.deadline_s:
            self._tell_to_end(thread, DeadlineExceeded, now + GRACE)
            return now + GRACE
        return begun + held.deadline_s

    def _tell_to_end(self, thread: _Thread, kind: type[BaseException], until: float) -> None:
        held = thread.tasks[0]
        thread.told = held, kind, until
        thread.throw(held, kind)

    def _leave_behind(self, thread: _Thread, kind: type[BaseException]) -> None:
        held = thread.tasks[0]
        others = self._take_back(thread)
        if others:
            self._listener.returned(others)
        if thread.runs is not held or len(thread.tasks) > 1:
            return  # it ends just now
        self._busy.discard(thread)
        self._left.add(thread)
        thread.tasks.clear()
        LOG.error("%s did not end when told to; its thread is left behind and replaced", held)
        seconds = self._loop.time() - (held.begun or held.received)
        outcome = judged(self.app, held.activation, kind("its time is over, and it does not end"))
        self._listener.ended([(held, done(outcome, seconds))])
