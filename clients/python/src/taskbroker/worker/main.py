"""The worker, put together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any, Unpack

from taskbroker.app import App
from taskbroker.errors import ConfigurationError
from taskbroker.metrics import MetricsBackend, NoOpMetricsBackend, SeveralMetrics, StatsdMetrics
from taskbroker.worker import logs
from taskbroker.worker.forkserver import Settings, described
from taskbroker.worker.loading import load
from taskbroker.worker.options import Options, WorkerOptions
from taskbroker.worker.pools.fork_control import ForkControl
from taskbroker.worker.stop import Stopped

LOG = logging.getLogger("taskbroker.worker")


class Worker:
    """Runs the tasks of one application until it is told to stop.

    ``app`` is an app or its name, "module:attribute". Given a name, only the processes that run
    tasks import it; this one, which speaks to the brokers, holds none of its memory. The options
    are those of :class:`~taskbroker.worker.options.Options`.

    >>> Worker("shop:app", concurrency=8, max_rss="500M").run()

    Raises :class:`~taskbroker.errors.ConfigurationError` for an option that cannot be, and
    ``TypeError`` for one that does not exist.
    """

    def __init__(self, app: App | str, **options: Unpack[WorkerOptions]) -> None:
        self.app = app
        self.options = Options(**options)
        self.stopped: Stopped | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._service: Any = None
        self._started = threading.Event()
        self._is_over = threading.Event()

    def run(self) -> int:
        """Works until SIGTERM, SIGINT or :meth:`stop`; then stops as the guide says.

        Blocks. Signals are heard in the main thread only. Returns the exit code: 0 after a stop, 1
        if the worker could not go on. Raises :class:`ConfigurationError` if the app cannot be
        imported, and ``OSError`` if an address to listen at cannot be had.
        """
        if sys.platform == "win32":
            raise ConfigurationError("a worker needs a POSIX system")
        logs.set_up(self.options.log, self.options.log_level)
        try:
            with _leaving_on_signals():
                parts = _parts(self.app, self.options)  # makes processes: before gRPC and threads
                return asyncio.run(self._work(parts))
        except _CalledEarly:
            self.stopped = Stopped(0, 0, 0, 0.0)
            LOG.info("%s", self.stopped)
            return 0
        finally:
            self._is_over.set()
            self._started.set()

    def stop(self) -> None:
        """Tells the worker to stop, and the second time not to wait for running tasks. Returns at
        once. Safe for all threads."""
        loop = self._loop
        if loop is not None and not loop.is_closed() and not self._is_over.is_set():
            loop.call_soon_threadsafe(self._service.stop)

    def wait_until_started(self, timeout: float | None = None) -> bool:
        """Waits until the worker asks for tasks, or serves; false if it does not in time, or has
        ended. For programs that run it in a thread."""
        return self._started.wait(timeout) and not self._is_over.is_set()

    def wait_until_over(self, timeout: float | None = None) -> bool:
        """Waits for the end of :meth:`run`; false if it does not come in time."""
        return self._is_over.wait(timeout)

    @property
    def address(self) -> str | None:
        """Where a push worker serves; None before it does."""
        return None if self._service is None else self._service.push_address

    @property
    def http_address(self) -> str | None:
        """Where the pages are; None before they are, and if none are asked for."""
        return None if self._service is None else self._service.http_address

    async def _work(self, parts: Parts) -> int:
        from taskbroker.worker.service import Service  # loads gRPC

        self._loop = asyncio.get_running_loop()
        self._service = Service(parts, self.options)
        _hear_signals(self._loop, self._service.stop)
        self.stopped = await self._service.run(self._started.set)
        code: int = self._service.exit_code
        return code


@dataclass(frozen=True)
class Parts:
    """What a worker is made of before its loop runs. ``app`` is None if only children have it;
    ``control`` is None if there are none. ``pool`` is where plain functions run."""

    application: str
    brokers: list[str]
    secrets: list[str]
    app: App | None
    control: ForkControl | None
    functions: str
    has_functions: bool
    has_coroutines: bool
    metrics: MetricsBackend


def _parts(source: App | str, options: Options) -> Parts:
    wants_children = options.pool in ("auto", "processes")
    control = None
    if wants_children:
        settings = Settings(
            app=source if isinstance(source, str) else "",
            start_method=options.start_method,
            log=options.log,
            log_level=options.log_level,
            path=list(sys.path),
        )
        if options.start_method == "spawn" and not isinstance(source, str):
            raise ConfigurationError("start_method='spawn' needs the app's name: 'module:app'")
        control = ForkControl(source, settings)
    try:
        said = control.wait_for_app() if control else None
        app = source if isinstance(source, App) else None
        on_loop = options.pool == "async" or (
            options.pool == "auto" and said is not None and said["has_coroutines"]
        )
        if app is None and (on_loop or not wants_children):
            app = load(str(source))
        if said is None:
            assert app is not None
            said = described(app)
        if control is not None and on_loop and not said["has_functions"]:
            control.close()
            control = None
        return _put_together(said, app, control, options, on_loop)
    except BaseException:
        if control is not None:
            control.close(0)
        raise


def _put_together(
    said: dict[str, Any],
    app: App | None,
    control: ForkControl | None,
    options: Options,
    on_loop: bool,
) -> Parts:
    if not said["tasks"]:
        LOG.warning("the application %s defines no task; were its modules imported?", said["app"])
    full = options.with_defaults(said["brokers"], said["secrets"])
    return Parts(
        application=said["app"],
        brokers=_shuffled(full.broker_list()),
        secrets=full.secret_list(),
        app=app,
        control=control,
        functions="processes" if control else "threads",
        has_functions=bool(said["has_functions"]) or not said["tasks"],
        has_coroutines=on_loop and bool(said["has_coroutines"]),
        metrics=_metrics(app, options, said["app"]),
    )


def _shuffled(brokers: list[str]) -> list[str]:
    """Many workers that start together do not all begin with the same broker."""
    return random.sample(brokers, len(brokers))


def _metrics(app: App | None, options: Options, application: str) -> MetricsBackend:
    backends: list[MetricsBackend] = []
    if options.metrics is not None:
        backends.append(options.metrics)
    elif app is not None and type(app.metrics) is not NoOpMetricsBackend:
        backends.append(app.metrics)
    if options.statsd is not None:
        tags = {"application": application, "processing_pool": options.processing_pool}
        backends.append(StatsdMetrics(options.statsd, tags=tags))
    return SeveralMetrics(backends) if backends else NoOpMetricsBackend()


class _CalledEarly(BaseException):
    """A signal has come before the worker's loop runs."""


@contextlib.contextmanager
def _leaving_on_signals() -> Iterator[None]:
    """Until the loop hears the signals by itself, they end the worker's start."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise _CalledEarly

    before = {n: signal.signal(n, leave) for n in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _hear_signals(loop: asyncio.AbstractEventLoop, stop: Any) -> None:
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
