"""A child: runs one task after the other, and speaks to nobody but its worker."""

from __future__ import annotations

import contextlib
import logging
import math
import select
import signal
import socket
import sys
import time
from collections import deque
from contextlib import AbstractContextManager
from types import FrameType

from taskbroker import execute
from taskbroker._wire import messages
from taskbroker.app import App, known_apps
from taskbroker.counted import counted
from taskbroker.errors import DeadlineExceeded, Stopping
from taskbroker.execute import Outcome, Surroundings
from taskbroker.metrics import peak_memory
from taskbroker.worker import frames
from taskbroker.worker.held import TAKEN_BACK, WORKER_STOPS, Done, done
from taskbroker.worker.judging import judged, silenced
from taskbroker.worker.record import Record

LOG = logging.getLogger("taskbroker.worker")

#: Seconds after which a task that runs keeps no others waiting here, nor their results.
PATIENCE = 0.01

#: Bytes that are read at once.
BUFFER = 65_536


class _Leave(BaseException):
    """The child was told to end while it had nothing to do."""


class Child:
    """Reads tasks from a socket, runs each in the main thread, and writes what came of it.

    Of several tasks that it was sent at once, the results may leave together; until then they are
    in memory that outlives this process. Tasks that it has not begun go back to the worker when
    the one that runs takes longer than :data:`PATIENCE`.
    """

    def __init__(self, sock: socket.socket, memory: int, app: App) -> None:
        self._sock = sock
        self._record = Record(memory)
        self._app = app
        self._frames = frames.Frames()
        self._told: deque[tuple[int, bytes]] = deque()
        self._said_at = 0.0
        self._deadline = math.inf
        self._runs = False
        self._reads = False
        self._called = False
        self._around = Surroundings(
            guard=self._alarm, hooks=app.context_hooks, is_stopping=self._is_called
        )

    def work(self) -> int:
        """Works until the worker says so, or is gone; returns the exit code."""
        code = 0
        try:
            with contextlib.suppress(_Leave, BrokenPipeError, ConnectionResetError):
                self._serve()
        except (SystemExit, KeyboardInterrupt) as e:  # the task's; the worker reports it
            given = getattr(e, "code", 1)
            code = given if isinstance(given, int) else 1
        self._flush()
        return code

    def _serve(self) -> None:
        signal.signal(signal.SIGINT, lambda *_: None)  # the terminal's, and the worker's business
        signal.signal(signal.SIGALRM, self._rings)
        signal.signal(signal.SIGTERM, self._interrupted)
        self._sock.sendall(frames.frame(frames.READY))
        while not self._called and (raw := self._next()) is not None:
            done = self._run(raw)
            self._keep(frames.frame(frames.DONE, frames.done_body(done)))
            if not self._told or time.monotonic() - self._said_at > PATIENCE:
                self._say_results()

    def _next(self) -> bytes | None:
        """The next task; None when the child is to leave, or the worker is gone."""
        while not self._told:
            self._reads = True
            data = self._sock.recv(BUFFER)
            self._reads = False
            if not data:
                return None
            self._told.extend(self._frames.feed(data))
            self._said_at = time.monotonic()
        kind, body = self._told.popleft()
        return body if kind == frames.TASK else None

    def _keep(self, result: bytes) -> None:
        if not self._record.add(result):
            self._say_results()
            self._sock.sendall(result)
            self._record.said(1)

    def _say_results(self) -> None:
        if not self._record.is_empty:
            self._sock.sendall(self._record.frames())
            self._record.said()
        self._said_at = time.monotonic()

    def _give_back(self) -> None:
        """Keeps only what says that the child is to leave."""
        self._say_results()
        returned = sum(kind == frames.TASK for kind, _ in self._told)
        if returned:
            self._told = deque(told for told in self._told if told[0] != frames.TASK)
            self._sock.sendall(frames.frame(frames.RETURNED, frames.number_body(returned)))

    def _run(self, raw: bytes) -> Done:
        activation = messages.TaskActivation.FromString(raw)
        began = time.perf_counter()
        outcome = self._outcome(activation)
        seconds = time.perf_counter() - began
        return done(
            outcome,
            seconds,
            silenced=silenced(self._app, activation) if outcome.error is not None else (),
            rss=peak_memory(),
        )

    def _outcome(self, activation: messages.TaskActivation) -> Outcome:
        try:
            self._runs = True
            try:
                return execute.perform(self._app, activation, self._around)
            finally:
                self._runs = False
        except (Stopping, DeadlineExceeded) as e:  # just as the task ended
            return judged(self._app, activation, e)

    def _interrupted(self, _signal: int, _frame: FrameType | None) -> None:
        if self._runs:
            self._runs = False
            self._give_back()
            raise Stopping(TAKEN_BACK if self._record.is_taken_back else WORKER_STOPS)
        self._called = True
        if self._reads:
            self._reads = False
            raise _Leave

    def _is_called(self) -> bool:
        """The worker says nothing while a task runs but that the child is to leave."""
        ready, _, _ = select.select([self._sock], [], [], 0)
        return bool(ready) or any(kind == frames.LEAVE for kind, _ in self._told)

    def _alarm(self, seconds: float) -> AbstractContextManager[None]:
        self._deadline = time.monotonic() + seconds if seconds else math.inf
        first = min(seconds or PATIENCE, PATIENCE) if self._told else seconds
        return _Timer(first) if first else contextlib.nullcontext()

    def _rings(self, _signal: int, _frame: FrameType | None) -> None:
        if not self._runs:
            return  # just as the task ended
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise DeadlineExceeded("its time is over")
        self._give_back()
        if left < math.inf:
            signal.setitimer(signal.ITIMER_REAL, max(left, 1e-4))

    def _flush(self) -> None:
        """What tasks have sent is still in this process."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for app in known_apps():
            left = app.flush("10s")
            if left:
                LOG.error(
                    "%s sent by %s may be lost: no acknowledgement from Kafka within 10 s",
                    counted(left, "task"),
                    app.name,
                )
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()


class _Timer:
    """Lets the alarm ring after so many seconds, unless the block has ended."""

    __slots__ = ("_seconds",)

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
