"""Workers for tests: in a thread of this process, or as a program of their own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Unpack

import worker_app
from taskbroker import App
from taskbroker.producer import current
from taskbroker.testing import InMemoryBroker, InMemoryServer
from taskbroker.worker import Worker, WorkerOptions

HERE = Path(__file__).parent

#: What a test waits for, on a machine that does much else, or stands still for a while.
PATIENCE_S = 120.0


def eventually(condition: Callable[[], Any], within: float = PATIENCE_S, what: str = "") -> float:
    """Waits for something to become true; returns how long that took, in seconds.

    ``within`` is less than the patience only where something else would make it true later.
    """
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        assert waited < within, f"not within {within} s: {what or condition}"
        time.sleep(0.005)
    return time.monotonic() - began


class FairClock:
    """A clock for limits that programs have to keep. It hardly moves while this process gets no
    turn: a machine that stands still makes all programs late, and that is no fault of theirs."""

    TICK_S = 0.01

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._counted = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="fair-clock", daemon=True)

    def __enter__(self) -> FairClock:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    def _tick(self) -> None:
        last = self._began
        while not self._closing.wait(self.TICK_S):
            now = time.monotonic()
            self._counted += min(now - last, 3 * self.TICK_S)
            last = now

    def elapsed(self) -> float:
        """Seconds since the start, as far as they count."""
        return self._counted

    def lost(self) -> float:
        """Seconds since the start that do not count."""
        return max(0.0, time.monotonic() - self._began - self._counted)


@contextlib.contextmanager
def serving(app: App = worker_app.app, **options: Any) -> Iterator[InMemoryServer]:
    """A broker in memory over gRPC, which takes what tasks are sent here."""
    broker = InMemoryBroker(app)
    token = current.override.set(broker)
    try:
        with InMemoryServer(broker, **options) as server:
            yield server
    finally:
        current.override.reset(token)


class Running:
    """A worker that runs in a thread; ``code`` is its exit code once it has stopped."""

    def __init__(self, app: App | str, **options: Unpack[WorkerOptions]) -> None:
        self.worker = Worker(app, **options)
        self.code: int | None = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._thread.start()
        if not self.worker.wait_until_started(PATIENCE_S):
            self._thread.join(5)
            raise self.error or AssertionError("the worker did not start")

    def _run(self) -> None:
        try:
            self.code = self.worker.run()
        except BaseException as e:
            self.error = e

    def stop(self, within: float = PATIENCE_S) -> Any:
        if self._thread.is_alive():
            self.worker.stop()
        return self.join(within)

    def join(self, within: float = PATIENCE_S) -> Any:
        """Waits for the end of a worker that was told to stop."""
        self._thread.join(within)
        assert not self._thread.is_alive(), "the worker did not stop"
        if self.error is not None:
            raise self.error
        return self.worker.stopped


@contextlib.contextmanager
def running(
    server: InMemoryServer | None, app: App | str = "worker_app:app", **options: Any
) -> Iterator[Running]:
    """A worker in a thread, stopped at the end."""
    if server is not None:
        options.setdefault("brokers", server.address)
    worker = Running(app, **options)
    try:
        yield worker
    finally:
        worker.stop()


PROGRAM = """
import json, sys
from taskbroker.worker import Worker
sys.path.insert(0, {here!r})
sys.exit(Worker({app!r}, log="text", **json.loads({options!r})).run())
"""


class Program:
    """A worker as a program of its own; its log is in ``log``."""

    def __init__(self, folder: Path, app: str = "worker_app:app", **options: Any) -> None:
        self.log_file = folder / f"worker-{time.monotonic_ns()}.log"
        text = PROGRAM.format(here=str(HERE), app=app, options=json.dumps(options))
        with self.log_file.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", text], stdout=out, stderr=out, start_new_session=True
            )

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def wait_for(self, text: str, within: float = PATIENCE_S) -> None:
        eventually(
            lambda: text in self.log or self.process.poll() is not None,
            within,
            f"{text}: {self.log}",
        )
        assert text in self.log, self.log

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def wait(self, within: float = PATIENCE_S) -> int:
        return self.process.wait(within)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


@contextlib.contextmanager
def program(folder: Path, server: InMemoryServer, **options: Any) -> Iterator[Program]:
    """A worker as a program, killed at the end if it still runs."""
    options.setdefault("brokers", server.address)
    worker = Program(folder, **options)
    try:
        worker.wait_for("works for")
        yield worker
    finally:
        worker.end()


def alive(pid: int) -> bool:
    """Returns true if the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
