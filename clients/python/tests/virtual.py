"""An event loop whose clock the test owns, and brokers in memory that live by it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from taskbroker import App
from taskbroker._wire import exchange, messages
from taskbroker.metrics import MetricsBackend, NoOpMetricsBackend
from taskbroker.testing import InMemoryBroker
from taskbroker.worker.attached import Attachment
from taskbroker.worker.engine import Engine, Routing
from taskbroker.worker.fetch import Fetcher, FetchSettings
from taskbroker.worker.link import Answer, Attempt, Link, NotOffered, RpcFailed, Stream, StreamOver
from taskbroker.worker.measure import Measures
from taskbroker.worker.pools.loop import LoopPool
from taskbroker.worker.pools.port import Pool
from taskbroker.worker.report import OneByOne
from taskbroker.worker.say import Complaints
from taskbroker.worker.stop import Stop, Stopped
from taskbroker.worker.streamed import Streamed, greeting

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

    async def set_status(self, update: messages.SetTaskStatusRequest) -> Answer:
        await self._called("SetTaskStatus", self.fail or self.fail_reports)
        self._report(update)
        if update.HasField("fetch_next_task") and not self.draining:
            return Answer(self._claim(update.fetch_next_task))
        return Answer(None)

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

    async def hand_back(self, attempts: Sequence[Attempt]) -> list[bool]:
        await self._called("HandBack", self.fail)
        if not self.offers_hand_back:
            raise NotOffered
        self.handed_back += [task_id for task_id, _ in attempts]
        taken = [self.memory.hand_back(task_id) for task_id, _ in attempts]
        self.changed()
        return taken

    is_renewed = False

    async def attach(self) -> Stream:
        raise NotOffered

    async def close(self) -> None:
        """Nothing is open."""


class StreamBroker(FakeBroker):
    """One that workers attach themselves to. ``frames`` holds what they have said on all streams,
    Hello first; while ``mute`` is set outcomes are taken and not answered."""

    def __init__(self, memory: InMemoryBroker) -> None:
        super().__init__(memory)
        self.offers_stream = True
        self.mute = False
        self.not_now = 0
        self.frames: list[exchange.WorkerFrame] = []
        self.streams: list[FakeStream] = []
        self.tokens: dict[str, int] = {}
        self.renewed = False

    @property
    def is_renewed(self) -> bool:  # type: ignore[override]
        return self.renewed

    async def attach(self) -> Stream:
        if not self.offers_stream:
            raise NotOffered
        await self._called("Exchange", self.fail)
        self.renewed = False
        self.streams.append(FakeStream(self))
        return self.streams[-1]

    def said(self, kind: str) -> list[Any]:
        """The frames of one kind, in order."""
        return [getattr(f, kind) for f in self.frames if f.HasField(kind)]

    def changed(self) -> None:
        super().changed()
        for stream in self.streams[-1:]:
            stream.serve()

    def take_back(self, *task_ids: str) -> None:
        """An operator cancels tasks that the worker has."""
        attempts = [exchange.Attempt(id=i, token=self.tokens.pop(i)) for i in task_ids]
        self.streams[-1].send(exchange.BrokerFrame(cancel=exchange.Cancel(attempts=attempts)))

    async def hand_back(self, attempts: Sequence[Attempt]) -> list[bool]:
        assert all(self.tokens.get(task_id) == token for task_id, token in attempts)
        return await super().hand_back(attempts)


class FakeStream:
    """One stream of such a broker. ``credit`` is what is left of what the worker has given."""

    def __init__(self, broker: StreamBroker) -> None:
        self.broker = broker
        self.credit = 0
        self.is_over = False
        self.is_half_closed = False
        self._out: asyncio.Queue[exchange.BrokerFrame | RpcFailed | None] = asyncio.Queue()

    def send(self, frame: exchange.BrokerFrame) -> None:
        self._out.put_nowait(frame)

    def breaks(self, code: str = "UNAVAILABLE") -> None:
        self.is_over = True
        self._out.put_nowait(RpcFailed(self.broker.address, "Exchange", code, "told to break"))

    async def read(self) -> exchange.BrokerFrame | None:
        found = await self._out.get()
        if isinstance(found, RpcFailed):
            raise found
        return found

    async def write(self, frame: exchange.WorkerFrame) -> None:
        await asyncio.sleep(0)
        if self.is_over:
            raise StreamOver
        self.broker.frames.append(frame)
        if frame.HasField("hello"):
            self.send(exchange.BrokerFrame(welcome=exchange.Welcome(max_credit_tasks=10_000)))
            self.send(exchange.BrokerFrame(held=exchange.Held()))
        self.credit = 0 if frame.HasField("draining") else self.credit + frame.credit.tasks
        for outcome in frame.outcomes.outcomes:
            self._hear(outcome)
        self.serve()

    def _hear(self, outcome: exchange.Outcome) -> None:
        broker = self.broker
        if broker.mute:
            return
        verdict = exchange.VERDICT_RECORDED
        if broker.not_now:
            broker.not_now -= 1
            verdict = exchange.VERDICT_NOT_NOW
        elif broker.tokens.get(outcome.id) != outcome.token:
            verdict = exchange.VERDICT_SUPERSEDED
        else:
            del broker.tokens[outcome.id]
            status = {1: 5, 2: 3, 3: 4}[outcome.status]
            broker.memory.report(
                outcome.id,
                status,
                outcome.max_attempts if outcome.HasField("max_attempts") else None,
                outcome.delay_on_retry if outcome.HasField("delay_on_retry") else None,
            )
        answer = exchange.Answer(
            id=outcome.id, token=outcome.token, verdict=verdict, retry_after_millis=500
        )
        self.send(exchange.BrokerFrame(answers=exchange.Answers(answers=[answer])))

    def serve(self) -> None:
        """Sends what is due, as far as the credit goes."""
        broker = self.broker
        tasks = []
        while self.credit > 0 and not self.is_over and (found := broker.memory.claim()):
            self.credit -= 1
            broker.tokens[found.id] = token = len(broker.frames) * 1_000 + len(tasks) + 1
            tasks.append(exchange.Task(token=token, activation=found.SerializeToString()))
        if tasks:
            self.send(exchange.BrokerFrame(tasks=exchange.Tasks(tasks=tasks)))

    async def done_writing(self) -> None:
        if self.is_over:
            raise StreamOver
        self.is_half_closed = self.is_over = True
        self._out.put_nowait(None)

    def cancel(self) -> None:
        self.is_over = True
        self._out.put_nowait(RpcFailed(self.broker.address, "Exchange", "CANCELLED", "by us"))


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
            self._reports,
            self.measures,
            prefetch=prefetch,
            next_task=self.settings.next(),
        )
        self.fetchers: list[tuple[Fetcher, asyncio.Task[None]]] = []

    def _reports(self, engine: Engine) -> Streamed:
        self.calls = OneByOne(engine.fetched_next)
        return Streamed(self.calls)

    def _attachment(self) -> Attachment | None:
        reports = self.engine.reports
        if not isinstance(self.brokers[0], StreamBroker) or not isinstance(reports, Streamed):
            return None
        attachment = Attachment(
            self.links[0],
            self.engine.credits,
            greeting(self.app.name, self.settings.namespace, "test", 10_000_000),
            self.engine.take_many,
            self.engine.leave,
            self.engine.in_hand,
            lambda: self.engine.has_more,
            self.calls,
        )
        reports.attach(attachment)
        return attachment

    async def start(self) -> Rig:
        await self.engine.start()
        for fetcher in self.engine.fetchers(self.links, self.settings, self._attachment()):
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
