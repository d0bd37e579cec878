"""The worker's running parts: pools, links, fetchers or the push server, health, the stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from taskbroker import durations
from taskbroker.counted import counted
from taskbroker.metrics import SeveralMetrics
from taskbroker.worker.attached import Attachment
from taskbroker.worker.engine import Engine
from taskbroker.worker.fetch import Fetcher, FetchSettings
from taskbroker.worker.grpc_broker import GrpcBroker, program
from taskbroker.worker.health import Health
from taskbroker.worker.link import Link
from taskbroker.worker.main import Parts
from taskbroker.worker.measure import Measures
from taskbroker.worker.options import Options
from taskbroker.worker.pools.chosen import routing
from taskbroker.worker.report import Batches, OneByOne, Reports
from taskbroker.worker.say import Complaints
from taskbroker.worker.stop import Stop, Stopped
from taskbroker.worker.streamed import Streamed, greeting
from taskbroker.worker.tls import Tls

if TYPE_CHECKING:  # loaded by workers that serve something
    from taskbroker.worker.pages import Pages
    from taskbroker.worker.prometheus import PrometheusMetrics
    from taskbroker.worker.push import PushServer

LOG = logging.getLogger("taskbroker.worker")

#: A worker that has had no task for so many seconds after its start says what it waits for.
FIRST_TASK_WAIT = 30.0


class Service:
    """One run of a worker, on the loop that makes it."""

    def __init__(self, parts: Parts, options: Options) -> None:
        self.exit_code = 0
        self.push_address: str | None = None
        self.http_address: str | None = None
        self._parts = parts
        self._options = options
        self._page: PrometheusMetrics | None = None
        metrics = parts.metrics
        if options.http is not None:
            from taskbroker.worker.prometheus import PrometheusMetrics

            self._page = PrometheusMetrics()
            metrics = SeveralMetrics([metrics, self._page])
        self._measures = Measures(metrics, options.processing_pool)
        self._links = self._make_links()
        self._fetch = FetchSettings(
            parts.application,
            options.namespace,
            durations.seconds(options.max_wait, "max_wait"),
            len(self._links),
        )
        self.engine = Engine(
            routing(parts, options),
            self._reports,
            self._measures,
            prefetch=options.prefetch,
            next_task=self._fetch.next() if options.mode == "pull" else None,
        )
        self._fetchers: list[tuple[Fetcher, asyncio.Task[None]]] = []
        self._push: PushServer | None = None
        self._health = Health(self.engine, self._links, options.mode)
        self._stop: Stop | None = None
        self._called = asyncio.Event()

    def _make_links(self) -> list[Link]:
        complaints = Complaints()
        files = self._options.tls_files()
        tls = Tls(files) if files.calls_brokers else None
        return [
            Link(
                GrpcBroker(
                    address,
                    self._parts.secrets,
                    self._options.max_message_bytes,
                    self._measures,
                    tls,
                ),
                complaints.failed,
            )
            for address in self._parts.brokers
        ]

    def _reports(self, engine: Engine) -> Reports:
        if self._options.mode == "push":
            return Batches(self._measures)
        self._calls = OneByOne(engine.fetched_next)
        return Streamed(self._calls)

    def _attachment(self) -> Attachment | None:
        """Credit that one broker has is lost for the others, so several are asked by calls."""
        reports = self.engine.reports
        if len(self._links) > 1 or not isinstance(reports, Streamed):
            return None
        attachment = Attachment(
            self._links[0],
            self.engine.credits,
            greeting(
                self._parts.application,
                self._options.namespace,
                program(),
                self._options.max_message_bytes,
            ),
            self.engine.take_many,
            self.engine.leave,
            self.engine.in_hand,
            lambda: self.engine.has_more,
            self._calls,
        )
        reports.attach(attachment)
        return attachment

    # ------------------------------------------------------------------ running

    async def run(self, started: Callable[[], None]) -> Stopped:
        """Works until :meth:`stop` is called, then stops. ``started`` is called once tasks come."""
        pages = await self._serve_pages()
        jobs = [asyncio.create_task(self._tick())]
        try:
            if await self._start():
                started()
                jobs.append(asyncio.create_task(self._say_if_nothing_comes()))
                await self._called.wait()
            return await self._stop_all()
        finally:
            for job in jobs:
                job.cancel()
            if pages is not None:
                await pages.close()
            for link in self._links:
                await link.broker.close()

    async def _start(self) -> bool:
        """Starts the pools, then lets tasks come; false if the stop came first."""
        self.engine.on_broken = self._broken
        start = asyncio.create_task(self.engine.start())
        called = asyncio.create_task(self._called.wait())
        await asyncio.wait([start, called], return_when=asyncio.FIRST_COMPLETED)
        called.cancel()
        if not start.done():
            start.cancel()
            await asyncio.gather(start, return_exceptions=True)
            return False
        start.result()
        if self._options.mode == "push":
            await self._serve_push()
        else:
            attachment = self._attachment()
            for fetcher in self.engine.fetchers(self._links, self._fetch, attachment):
                self._fetchers.append((fetcher, asyncio.create_task(fetcher.run())))
        LOG.info("%s", self._banner())
        return True

    def _banner(self) -> str:
        pools = " and ".join(counted(p.places, *_PLACES[p.kind]) for p in self.engine.pools)
        brokers = ", ".join(self._parts.brokers)
        if self.push_address is not None:
            return (
                f"works for {self._parts.application}: {pools}, serves {self.push_address},"
                f" reports to {brokers}"
            )
        return f"works for {self._parts.application}: {pools}, fetches from {brokers}"

    async def _say_if_nothing_comes(self) -> None:
        """Once: a wrong name is no error, neither here nor at the broker."""
        await asyncio.sleep(FIRST_TASK_WAIT)
        if self._push is None:
            may_come = any(k.is_up for k in self._links)
        else:
            may_come = not self._push.has_refused  # one that it refuses is told already
        if may_come and not self.engine.has_taken:
            LOG.info("no task has come in %g s: %s", FIRST_TASK_WAIT, self._what_is_needed())

    def _what_is_needed(self) -> str:
        application = self._parts.application
        if self.push_address is not None:
            return (
                "a broker sends them here if its delivery_mode is push and its worker_map has this"
                f" worker's address for the application {application!r}; tasks of a broker with"
                " delivery_mode pull are fetched by 'taskworker run'"
            )
        return (
            f"this worker gets tasks of the application {application!r} alone. Does the App that"
            " sends them have this name, and does the broker read the topic that it sends to?"
            " 'taskworker tasks' shows the topic"
        )

    async def _serve_push(self) -> None:
        from taskbroker.worker.push import PushServer

        self._push = PushServer(
            self._links,
            self.engine.credits,
            self.engine.take_pushed,
            self._parts.secrets,
            lambda: self._health.ready()[0],
            lambda: self.engine.ends_soon,
            self._measures,
        )
        listen = self._options.listen
        files = self._options.tls_files()
        tls = Tls(files) if files.serves else None
        port = await self._push.start(listen, self._options.max_message_bytes, tls)
        self.push_address = f"{listen.rpartition(':')[0]}:{port}"

    async def _serve_pages(self) -> Pages | None:
        address, page = self._options.http_address(), self._page
        if address is None or page is None:
            return None
        from taskbroker.worker.pages import Pages

        pages = Pages(
            {
                "/live": self._health.live,
                "/ready": self._health.ready,
                "/metrics": lambda: (True, page.page()),
            }
        )
        port = await pages.start(*address)
        self.http_address = f"{address[0]}:{port}"
        return pages

    async def _tick(self) -> None:
        """Touches the file and measures, once in each interval."""
        interval = durations.seconds(self._options.health_interval, "health_interval")
        file = self._options.health_file
        while True:
            self.engine.measure()
            if file is not None and self._health.live()[0]:
                await asyncio.to_thread(_touch, file)
                self._measures.touched()
            await asyncio.sleep(max(0.05, interval))

    # ------------------------------------------------------------------ stopping

    def stop(self) -> None:
        """Begins the stop; the second time, does not wait for running tasks."""
        if self._called.is_set():
            if self._stop is not None:
                LOG.warning("told to stop again: running tasks are interrupted")
                self._stop.hurry()
            return
        running = counted(len(self.engine.running), "task is running", "tasks are running")
        LOG.info("told to stop; %s", running)
        self._called.set()

    def _broken(self) -> None:
        self.exit_code = 1
        self._called.set()

    async def _stop_all(self) -> Stopped:
        self._health.is_stopping = True
        if self._push is not None:
            self._push.stop_accepting()
        timeout = durations.seconds(self._options.stop_timeout, "stop_timeout")
        self._stop = Stop(self.engine, self._fetchers, timeout)
        stopped = await self._stop.run()
        if self._push is not None:
            await self._push.close()
        self._measures.stopped(
            stopped.finished, stopped.handed_back, stopped.killed, stopped.seconds
        )
        LOG.log(
            logging.WARNING if stopped.left or stopped.unreported else logging.INFO, "%s", stopped
        )
        return stopped


_PLACES = {
    "processes": ("process", "processes"),
    "threads": ("thread", "threads"),
    "async": ("coroutine at once", "coroutines at once"),
}


def _touch(file: str) -> None:
    with contextlib.suppress(OSError), open(file, "ab"):
        os.utime(file)
