"""A child: runs one task after the other, and speaks to nobody but its worker."""

from __future__ import annotations

import contextlib
import logging
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from types import FrameType

from taskbroker import execute
from taskbroker._wire import messages
from taskbroker.app import App, known_apps
from taskbroker.errors import DeadlineExceeded, Stopping
from taskbroker.execute import Outcome, Surroundings
from taskbroker.metrics import peak_memory
from taskbroker.worker import frames
from taskbroker.worker.held import Done, done
from taskbroker.worker.judging import judged, silenced

LOG = logging.getLogger("taskbroker.worker")


class _Leave(BaseException):
    """The child was told to end while it had nothing to do."""


class Child:
    """Reads tasks from a socket, runs each in the main thread, and writes what came of it."""

    def __init__(self, sock: socket.socket, app: App) -> None:
        self._sock = sock
        self._app = app
        self._runs = False
        self._reads = False
        self._called = False
        self._around = Surroundings(
            guard=alarm, hooks=app.context_hooks, is_stopping=self._is_called
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
        signal.signal(signal.SIGALRM, _deadline_is_over)
        signal.signal(signal.SIGTERM, self._interrupted)
        self._sock.sendall(frames.frame(frames.READY))
        while not self._called:
            self._reads = True
            told = frames.read(self._sock)
            self._reads = False
            if told is None or told[0] == frames.LEAVE:
                return
            self._sock.sendall(frames.frame(frames.DONE, frames.done_body(self._run(told[1]))))

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
            raise Stopping("the worker stops")
        self._called = True
        if self._reads:
            self._reads = False
            raise _Leave

    def _is_called(self) -> bool:
        """The only thing that a worker says while a task runs is that the child is to leave."""
        ready, _, _ = select.select([self._sock], [], [], 0)
        return bool(ready)

    def _flush(self) -> None:
        """What tasks have sent is still in this process."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for app in known_apps():
            left = app.flush("10s")
            if left:
                LOG.error("%d tasks sent by %s were not acknowledged by Kafka", left, app.name)
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raises :class:`DeadlineExceeded` in the main thread when the time is over; 0: never."""
    if not seconds:
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _deadline_is_over(_signal: int, _frame: FrameType | None) -> None:
    raise DeadlineExceeded("its time is over")
