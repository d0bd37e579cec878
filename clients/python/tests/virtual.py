"""An event loop whose clock the test owns, and brokers in memory that live by it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from taskbroker import App
from taskbroker._wire import messages
from taskbroker.metrics import MetricsBackend, NoOpMetricsBackend
from taskbroker.testing import InMemoryBroker
from taskbroker.worker.engine import Engine, Routing
from taskbroker.worker.fetch import Fetcher, FetchSettings
from taskbroker.worker.link import Answer, Link, NotOffered, RpcFailed
from taskbroker.worker.measure import Measures
from taskbroker.worker.pools.loop import LoopPool
from taskbroker.worker.pools.port import Pool
from taskbroker.worker.report import OneByOne
from taskbroker.worker.say import Complaints
from taskbroker.worker.stop import Stop, Stopped

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Waits for nobody: it moves the clock instead."""

    advance: Callable[[float], None]

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0)
        if events or timeout == 0:
            return events
        if timeout is None:
            raise AssertionError("the loop would wait for ever")
        self.advance(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Hours take no time."""

    def __init__(self) -> None:
        self._virtual = 1_000_000.0
        selector = _Selector()
        selector.advance = self._advance
        super().__init__(selector)

    def time(self) -> float:
        return self._virtual

    def _advance(self, seconds: float) -> None:
        self._virtual += seconds


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a test's coroutine on a virtual loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


async def until(condition: Callable[[], object], within: float = 3600) -> None:
    """Waits, in virtual time, for something to become true."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while not condition():
        assert loop.time() < end, "it did not become true"
        await asyncio.sleep(0.005)


class FakeBroker:
    """A broker in memory behind the worker's port, without gRPC. ``calls`` holds what was asked and
    when; ``fail`` is the code that calls are refused with."""

    def __init__(
        self,
        memory: InMemoryBroker,
        address: str = "a:1",
        *,
        long_poll: bool = True,
        hand_back: bool = True,
    ) -> None:
        self.memory = memory
        self.address = address
        self.long_poll = long_poll
        self.offers_hand_back = hand_back
        self.fail: str | None = None
        self.fail_reports: str | None = None
        self.unreachable = False
        self.draining = False
        self.latency = 0.0
        self.calls: list[tuple[float, str]] = []
        self.updates: list[messages.SetTaskStatusRequest] = []
        self.handed_back: list[str] = []
        self.polls = 0
        self._changed = asyncio.Event()
        memory.follow(asyncio.get_running_loop().time)

    def count(self, name: str) -> int:
        return sum(called == name for _, called in self.calls)

    def times(self, name: str) -> list[float]:
        return [at for at, called in self.calls if called == name]

    def changed(self) -> None:
        """A task was sent."""
        self._changed.set()

    async def _called(self, name: str, code: str | None) -> None:
        self.calls.append((asyncio.get_running_loop().time(), name))
        if self.latency:
            await asyncio.sleep(self.latency)
        if code is not None:
            raise RpcFailed(self.address, name, code, "told to fail")

    async def connect(self, timeout: float) -> None:
        if self.unreachable:
            await asyncio.sleep(timeout)
            await self._called("connect", "UNAVAILABLE")

    async def get_task(self, request: messages.GetTaskRequest, wait: float) -> Answer:
        await self._called("GetTask", self.fail)
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.polls += 1
        try:
            while True:
                task = None if self.draining else self._claim(request)
                left = began + wait - loop.time()
                if task is not None or not self.long_poll or self.draining or left <= 0:
                    break
                due = self.memory.next_due()
                self._changed.clear()
                soon = left if due is None else max(0.0001, min(left, due - loop.time()))
                try:
                    async with asyncio.timeout(soon):
                        await self._changed.wait()
                except TimeoutError:
                    pass
        finally:
            self.polls -= 1
        return Answer(task, loop.time() - began if self.long_poll else None, self.draining)

    def _claim(self, request: messages.GetTaskRequest | messages.FetchNextTask) -> Any:
        namespace = request.namespace if request.HasField("namespace") else None
        return self.memory.claim(request.application, namespace)

    async def set_status(
        self, update: messages.SetTaskStatusRequest
    ) -> messages.TaskActivation | None:
        await self._called("SetTaskStatus", self.fail or self.fail_reports)
        self._report(update)
        if update.HasField("fetch_next_task") and not self.draining:
            found: messages.TaskActivation | None = self._claim(update.fetch_next_task)
            return found
        return None

    def _report(self, update: messages.SetTaskStatusRequest) -> None:
        self.updates.append(update)
        self.memory.report(
            update.id,
            update.status,
            update.max_attempts if update.HasField("max_attempts") else None,
            update.delay_on_retry if update.HasField("delay_on_retry") else None,
        )
        self.changed()

    async def set_many(self, updates: Sequence[messages.SetTaskStatusRequest]) -> None:
        await self._called("SetBatchActivationStatus", self.fail or self.fail_reports)
        for update in updates:
            self._report(update)

    async def hand_back(self, ids: Sequence[str]) -> None:
        await self._called("HandBack", self.fail)
        if not self.offers_hand_back:
            raise NotOffered
        for task_id in ids:
            self.handed_back.append(task_id)
            self.memory.hand_back(task_id)
        self.changed()

    async def close(self) -> None:
        """Nothing is open."""


class Rig:
    """An engine with its fetchers, on a virtual loop, over brokers in memory."""

    def __init__(
        self,
        app: App,
        *brokers: FakeBroker,
        places: int = 1,
        prefetch: int = 0,
        namespace: str | None = None,
        metrics: MetricsBackend | None = None,
        pool: Pool | None = None,
        max_wait: float = 30,
    ) -> None:
        self.app = app
        self.brokers = brokers
        self.complaints = Complaints(asyncio.get_running_loop().time)
        self.links = [Link(b, self.complaints.failed) for b in brokers]
        self.settings = FetchSettings(app.name, namespace, max_wait, len(brokers))
        self.measures = Measures(metrics or NoOpMetricsBackend(), "p")
        self.engine = Engine(
            Routing(pool or LoopPool(app, places)),
            lambda engine: OneByOne(engine.fetched_next),
            self.measures,
            prefetch=prefetch,
            next_task=self.settings.next(),
        )
        self.fetchers: list[tuple[Fetcher, asyncio.Task[None]]] = []

    async def start(self) -> Rig:
        await self.engine.start()
        for fetcher in self.engine.fetchers(self.links, self.settings):
            self.fetchers.append((fetcher, asyncio.create_task(fetcher.run())))
        return self

    def stopper(self, timeout: float = 25) -> Stop:
        return Stop(self.engine, self.fetchers, timeout)

    async def stop(self, timeout: float = 25) -> Stopped:
        return await self.stopper(timeout).run()

    async def idle(self, within: float = 3600) -> None:
        """Waits until no broker has a task that has not ended."""
        await until(lambda: all(b.memory.waiting == 0 for b in self.brokers), within)


Scenario = Callable[[], Awaitable[None]]
