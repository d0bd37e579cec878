"""Tasks in processes: one child for each place, one task in each child."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import signal
import socket
import sys
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from taskbroker.counted import counted
from taskbroker.errors import ConfigurationError
from taskbroker.worker import frames
from taskbroker.worker.held import TAKEN_BACK, WORKER_STOPS, Done, Held
from taskbroker.worker.pools.fork_control import ForkControl
from taskbroker.worker.pools.port import End, Listener
from taskbroker.worker.record import Record, new_memory

LOG = logging.getLogger("taskbroker.worker")

#: Seconds after its deadline at which a task that did not end is killed, below the broker's grace.
GRACE = 1.0

#: Bytes of what a child says that are read at once.
BUFFER = 4096

#: Seconds to wait for the exit code of a child whose socket has closed.
EXIT_CODE_WAIT = 0.2

#: What a death is put down to once the worker has told its tasks to end.
STOPPED = f"Stopping: {WORKER_STOPS}"

#: Seconds before a child that died at its start is replaced: the first time, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


@dataclass(frozen=True)
class Recycling:
    """When a child is replaced. ``max_rss`` in bytes, ``max_age`` in seconds; None: never."""

    max_tasks: int | None = None
    max_rss: int | None = None
    max_age: float | None = None


class _Child(asyncio.BufferedProtocol):
    """One child, seen from the worker."""

    def __init__(self, number: int, pool: ProcessPool, born: float) -> None:
        self.number = number
        self.born = born
        self.pid = 0
        self.launch = 0
        self.tasks: deque[Held] = deque()
        self.record: Record
        self.ran = 0
        self.rss = 0
        self.is_ready = False
        self.leaves = False
        self.replaced_for = ""
        self.dead = False
        self.killed_for = ""
        self.told: Held | None = None  # to end, as it was cancelled
        self.exit_code: asyncio.Future[int] = pool.loop.create_future()
        self.transport: asyncio.WriteTransport
        self.timer: asyncio.TimerHandle | None = None
        self._pool = pool
        self._frames = frames.Frames()
        self._buffer = bytearray(BUFFER)  # a read without one makes 256 KB each time

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        for kind, body in self._frames.feed(self._buffer[:nbytes]):
            if kind == frames.READY:
                self._pool.child_ready(self)
            elif kind == frames.RETURNED:
                self._pool.child_returned(self, frames.number_of(body))
            else:
                self._pool.child_done(self, frames.done_of(body))
        self._pool.child_heard(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._pool.child_closed(self)

    @property
    def is_free(self) -> bool:
        return self.is_ready and not self.dead and not self.leaves and not self.tasks

    @property
    def held(self) -> Held | None:
        """The task that runs, as far as is known."""
        return self.tasks[0] if self.tasks else None

    def __str__(self) -> str:
        return f"child {self.number} (pid {self.pid})"


class ProcessPool:
    """Keeps ``places`` children, replaces those that die or have grown old, and ends tasks in time.

    A child that is to be replaced goes on until its successor is ready.
    """

    kind = "processes"
    longest_batch = 64
    is_parallel = True

    def __init__(self, control: ForkControl, places: int, recycling: Recycling) -> None:
        self.loop: asyncio.AbstractEventLoop
        self._control = control
        self.places = places
        self._recycling = recycling
        self._children: dict[int, _Child] = {}
        self._numbers = iter(range(1, sys.maxsize))
        self._listener: Listener
        self._first = asyncio.Event()
        self._warm = False
        self._closing = False
        self._pause = FIRST_PAUSE
        self._jobs: set[asyncio.Task[None]] = set()
        self._ends: list[End] = []
        self.spawned = 0

    # ------------------------------------------------------------------ the pool

    @property
    def free(self) -> int:
        return sum(child.is_free for child in self._children.values())

    @property
    def ready(self) -> bool:
        return self._warm

    @property
    def stuck(self) -> int:
        return 0

    async def start(self, listener: Listener) -> None:
        self.loop = asyncio.get_running_loop()
        self._listener = listener
        self._control.on_started = self._started
        self._control.on_exited = self._exited
        self._control.on_lost = self._server_lost
        self._control.attach(self.loop)
        for _ in range(self.places):
            await self._spawn()
        await self._first.wait()

    def begin(self, *tasks: Held) -> None:
        child = next(c for c in self._children.values() if c.is_free)
        child.tasks.extend(tasks)
        now = self.loop.time()
        for held in tasks:
            held.begun = now
        self._guard(child)
        child.transport.write(
            b"".join([frames.frame(frames.TASK, held.serialized()) for held in tasks])
        )

    def _guard(self, child: _Child) -> None:
        """Ends the task that runs if it does not end in its time."""
        if child.timer is not None:
            child.timer.cancel()
            child.timer = None
        if child.tasks and child.tasks[0].deadline_s:
            longest = max(held.deadline_s for held in child.tasks)
            held = child.tasks[0]
            child.timer = self.loop.call_later(longest + GRACE, self._overdue, child, held)

    def cancel(self, held: Held) -> None:
        for child in self._children.values():
            if held in child.tasks:
                self._end_if_cancelled(child)

    def _end_if_cancelled(self, child: _Child) -> None:
        """Not while it has others, one of which might be met instead: what is short ends soon, and
        what is not gives the others back."""
        if len(child.tasks) != 1:
            return
        held = child.tasks[0]
        if held.is_cancelled and child.told is not held:
            child.told = held
            child.record.is_taken_back = True
            _signal(child, signal.SIGTERM)
            self.loop.call_later(GRACE, self._kill_cancelled, child, held)

    def _kill_cancelled(self, child: _Child, held: Held) -> None:
        if child.held is held:
            child.killed_for = child.killed_for or f"Stopping: {TAKEN_BACK}"
            _signal(child, signal.SIGKILL)

    def stopping(self) -> None:
        self._closing = True
        for child in list(self._children.values()):
            self._dismiss(child)

    def interrupt(self) -> None:
        for child in self._children.values():
            if child.held is not None:
                child.killed_for = child.killed_for or STOPPED
                child.record.is_taken_back = False
                _signal(child, signal.SIGTERM)

    def kill(self) -> None:
        for child in list(self._children.values()):
            if child.held is not None:
                child.killed_for = child.killed_for or STOPPED
            _signal(child, signal.SIGKILL)

    async def close(self) -> None:
        self._closing = True
        for child in list(self._children.values()):
            self._dismiss(child)
        waiting = [c.exit_code for c in self._children.values() if c.pid]
        if waiting:
            await asyncio.wait(waiting, timeout=0.5)
        self.kill()
        for job in list(self._jobs):
            job.cancel()
        await asyncio.to_thread(self._control.close)

    def describe(self) -> list[str]:
        return [
            f"{c}: {c.held or ('idle' if c.is_ready else 'starting')}, {counted(c.ran, 'task')},"
            f" peak memory {c.rss // (1 << 20)} MB"
            for c in self._children.values()
        ]

    # ------------------------------------------------------------------ births

    async def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        child = _Child(next(self._numbers), self, self.loop.time())
        self._children[child.number] = child
        self.spawned += 1
        memory = new_memory()
        child.record = Record(memory.fileno())
        await self.loop.create_connection(lambda: child, sock=ours)
        child.launch = self._control.launches
        self._control.start_child(child.number, theirs, memory.fileno())
        theirs.close()
        memory.close()

    def _started(self, number: int, pid: int) -> None:
        child = self._children.get(number)
        if child is not None:
            child.pid = pid

    def child_ready(self, child: _Child) -> None:
        child.is_ready = True
        self._pause = FIRST_PAUSE
        self._first.set()
        if sum(c.is_ready for c in self._children.values()) >= self.places:
            self._warm = True
        for old in self._children.values():
            if old.replaced_for and not old.leaves:
                self._dismiss(old)
                break
        if self._closing:
            self._dismiss(child)
        self._listener.places_changed()

    # ------------------------------------------------------------------ ends of tasks

    def child_done(self, child: _Child, done: Done) -> None:
        held = child.tasks.popleft() if child.tasks else None
        if not child.tasks and child.timer is not None:
            child.timer.cancel()
            child.timer = None
        child.ran += 1
        child.rss = max(child.rss, done.rss)
        self._recycle(child, held)
        if held is not None:
            self._ends.append((held, done))

    def child_returned(self, child: _Child, number: int) -> None:
        """The last of its tasks, which it has not begun."""
        self._tell()
        returned = [child.tasks.pop() for _ in range(number)]
        self._listener.returned(returned[::-1])
        self._end_if_cancelled(child)

    def child_heard(self, child: _Child) -> None:
        """It goes on with the next of several tasks, or waits for more."""
        self._end_if_cancelled(child)
        if child.tasks and child.timer is not None:
            self._guard(child)
        self._tell()

    def _tell(self) -> None:
        """What a child says at once is told at once."""
        ends, self._ends = self._ends, []
        if ends:
            self._listener.ended(ends)

    def _recycle(self, child: _Child, last: Held | None) -> None:
        if child.replaced_for or child.leaves or self._closing:
            return
        limits = self._recycling
        if limits.max_tasks is not None and child.ran >= limits.max_tasks:
            child.replaced_for = f"it has run {counted(child.ran, 'task')}"
        elif limits.max_rss is not None and child.rss > limits.max_rss:
            child.replaced_for = (
                f"its memory has grown to {child.rss // (1 << 20)} MB, above"
                f" {limits.max_rss // (1 << 20)} MB, with {last}"
            )
        elif limits.max_age is not None and self.loop.time() - child.born > limits.max_age:
            child.replaced_for = f"it is {self.loop.time() - child.born:.0f} s old"
        else:
            return
        LOG.info("%s is replaced: %s", child, child.replaced_for)
        self._do(self._spawn())

    def _dismiss(self, child: _Child) -> None:
        """It ends when it has ended its task."""
        if not child.leaves and not child.dead:
            child.leaves = True
            child.transport.write(frames.frame(frames.LEAVE))

    def _overdue(self, child: _Child, held: Held) -> None:
        """Soft means have failed: the task is in native code, or does not let itself be ended."""
        if child.held is held:
            child.killed_for = f"DeadlineExceeded: killed {GRACE:g} s after its {held.deadline_s} s"
            _signal(child, signal.SIGKILL)

    # ------------------------------------------------------------------ deaths

    def _exited(self, pid: int, code: int) -> None:
        for child in self._children.values():
            if child.pid == pid:
                if not child.exit_code.done():
                    child.exit_code.set_result(code)
                if not child.dead:
                    # A process that it has started may keep the socket open.
                    self.loop.call_later(EXIT_CODE_WAIT, child.transport.abort)
                return

    def child_closed(self, child: _Child) -> None:
        if not child.dead:
            child.dead = True
            self._do(self._bury(child))

    async def _bury(self, child: _Child) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(child.exit_code), EXIT_CODE_WAIT)
        if not child.exit_code.done():
            _signal(child, signal.SIGKILL)  # closed, yet alive: it can report nothing
        del self._children[child.number]
        if child.timer is not None:
            child.timer.cancel()
        reason = _reason(child)
        is_missed = not (child.replaced_for or child.leaves)
        self._hear_what_is_left(child)
        replace = is_missed and not self._closing
        if replace and not child.is_ready:
            LOG.error("%s died before its first task: %s; see its output above", child, reason)
            await asyncio.sleep(self._pause * random.uniform(0.8, 1.2))
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        elif replace and child.held is None:
            LOG.warning("%s died while idle: %s", child, reason)
        if replace and not self._closing:
            await self._spawn()
        tasks = list(child.tasks)
        if len(tasks) > 1:
            self._listener.returned(tasks[1:])
        if tasks:
            await self._report_death(child, tasks[0], reason)

    def _hear_what_is_left(self, child: _Child) -> None:
        """Results that it could not say any more. What they leave is what it died of, and what it
        had not begun."""
        child.leaves = True
        said, left = child.record.left()
        child.record.close()
        for number, (_, body) in enumerate(frames.Frames().feed(left), said):
            if number >= child.ran:
                self.child_done(child, frames.done_of(body))
        self._tell()

    async def _report_death(self, child: _Child, held: Held, reason: str) -> None:
        error, _, text = (child.killed_for or f"ChildDied: {child} {reason}").partition(": ")
        seconds = self.loop.time() - (held.begun or held.received)
        end = await self._control.judge(held, error, text)
        self._listener.ended([(held, end._replace(seconds=seconds))])

    def _server_lost(self) -> None:
        if not self._closing:
            self._do(self._relaunch())

    async def _relaunch(self) -> None:
        LOG.error("the process that makes children has ended; another one is started")
        try:
            await asyncio.to_thread(self._control.relaunch)
        except ConfigurationError as e:
            self._listener.failed(f"no more children can be made: {e}")
            return
        self._control.attach(self.loop)
        for child in self._children.values():
            if not child.pid and child.launch < self._control.launches:
                child.transport.abort()  # the old server took its order to the grave

    def _do(self, job: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)


def _signal(child: _Child, number: int) -> None:
    if child.pid and not child.exit_code.done():
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, number)


def _reason(child: _Child) -> str:
    if not child.exit_code.done():
        return "closed its socket"
    code = child.exit_code.result()
    if code == -signal.SIGKILL:
        return "was killed by SIGKILL (out of memory?)"
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"exited with status {code}"
