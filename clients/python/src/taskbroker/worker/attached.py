"""The stream to a broker: tasks come as far as credit goes, and results leave many in a frame."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence, Set
from typing import Any

from taskbroker._wire import exchange, messages
from taskbroker.worker.credits import Credits
from taskbroker.worker.held import Done, Held
from taskbroker.worker.link import Link, NotOffered, RpcFailed, Stream, StreamOver
from taskbroker.worker.report import OneByOne

#: Seconds for which results wait for others while the worker has more tasks to run.
GATHER = 0.005

#: Results that are sent without waiting for more, and most results of one frame.
ENOUGH, MAX_FRAME = 32, 1_000

#: Seconds after which the broker is told that tasks have arrived that still run.
RECEIVED_AFTER = 0.05

#: Bytes of tasks that may be on their way here.
CREDIT_BYTES = 64 * 1024 * 1024

#: Attempts that one frame may be about.
MAX_HELD = 10_000

#: Seconds for which a broker that drains is left alone: the first time, and at most.
FIRST_DRAIN, LONGEST_DRAIN = 1.0, 20.0

#: Seconds between two looks whether certificates were renewed.
LOOK_EVERY = 5.0

#: Seconds that a broker has to answer the greeting: it looks at what the worker has.
GREETING = 10.0

#: Seconds that a broker has to end a stream on which nothing more is said.
LAST_WORD = 1.0

_STATUS = {
    messages.TASK_ACTIVATION_STATUS_COMPLETE: exchange.OUTCOME_STATUS_COMPLETE,
    messages.TASK_ACTIVATION_STATUS_RETRY: exchange.OUTCOME_STATUS_RETRY,
}


class Attachment:
    """Attaches the worker to one broker, again after each break, and keeps each result until it is
    answered. Where the broker has no such stream, results leave by calls.

    ``take`` is given the tasks of a frame, ``leave`` the tokens of those that are taken back.
    ``in_hand`` names all tasks of this worker that have not ended, ``has_more`` says whether some
    of them wait for a place. Belongs to the loop's thread.
    """

    def __init__(
        self,
        link: Link,
        credits: Credits,
        hello: Callable[[Sequence[exchange.Attempt]], exchange.Hello],
        take: Callable[[Sequence[Held]], None],
        leave: Callable[[Set[int]], None],
        in_hand: Callable[[], Iterable[Held]],
        has_more: Callable[[], bool],
        calls: OneByOne,
    ) -> None:
        self.is_ending = False
        self._link = link
        self._credits = credits
        self._hello = hello
        self._take = take
        self._leave = leave
        self._in_hand = in_hand
        self._has_more = has_more
        self._calls = calls
        self._loop = asyncio.get_running_loop()
        self._stream: Stream | None = None
        self._results: dict[int, tuple[Held, Done]] = {}
        self._unsent: deque[int] = deque()
        self._unreceived: set[int] = set()
        self._tell_received = False
        self._granted = 0
        self._bytes = CREDIT_BYTES
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._received_timer: asyncio.TimerHandle | None = None
        self._drain = FIRST_DRAIN
        self._broker_drains = False
        self._changes = False
        self._said_draining = asyncio.Event()
        self._closes = False
        self._emptied: asyncio.Future[None] | None = None
        credits.on_room = self._nudge

    # ------------------------------------------------------------------ the stream

    @property
    def is_needed(self) -> bool:
        """Tasks are to come, or results wait."""
        return not self._closes and (not self.is_ending or bool(self._results))

    async def run(self) -> bool:
        """One stream, from its beginning to its end; false if the broker has none."""
        try:
            stream = await self._link.call(self._open)
        except NotOffered:
            self._go_on_by_calls()
            return False
        except RpcFailed as e:
            if e.is_final:
                await asyncio.sleep(FIRST_DRAIN)
            return True
        self._link.uses_stream = True
        await self._talk(stream)
        if self._broker_drains and not self.is_ending:
            pause, self._drain = self._drain, min(self._drain * 2, LONGEST_DRAIN)
            await asyncio.sleep(pause)
        return True

    async def _open(self) -> Stream:
        """A stream on which both sides have greeted each other."""
        stream = await self._link.broker.attach()
        held = [exchange.Attempt(id=i, token=t) for i, t in self._attempts()]
        try:
            async with asyncio.timeout(GREETING):
                with contextlib.suppress(StreamOver):  # what is read says why
                    await stream.write(exchange.WorkerFrame(hello=self._hello(held)))
                while (frame := await stream.read()) is not None:
                    if frame.HasField("held"):
                        return stream
            raise self._over("it has ended the stream")
        except TimeoutError:
            stream.cancel()
            raise self._over("it has not greeted") from None
        except BaseException:
            stream.cancel()
            raise

    def _over(self, why: str) -> RpcFailed:
        return RpcFailed(self._link.address, "Exchange", "UNAVAILABLE", why)

    async def _talk(self, stream: Stream) -> None:
        self._broker_drains = self._changes = False
        self._begin(stream)
        jobs = [self._loop.create_task(job) for job in (self._write(stream), self._watch())]
        try:
            while not self._broker_drains:
                frame = await stream.read()
                if frame is None:
                    raise self._over("it has ended the stream")
                self._heard(frame)
        except RpcFailed as e:
            if not (self._closes or self._changes):
                self._link.broke(e)
        finally:
            self._end()
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            stream.cancel()

    def _attempts(self) -> list[tuple[str, int]]:
        held = [h for h in self._in_hand() if h.from_link is self._link and h.token]
        held += [h for h, _ in self._results.values()]
        return list({h.token: (h.activation.id, h.token) for h in held}.values())[:MAX_HELD]

    def _begin(self, stream: Stream) -> None:
        self._stream = stream
        self._unsent = deque(self._results)
        self._bytes = CREDIT_BYTES
        self._wake.set()

    def _end(self) -> None:
        self._stream = None
        self._unreceived.clear()
        self._give_back_credit()
        for timer in (self._timer, self._received_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._received_timer = None

    def _give_back_credit(self) -> None:
        granted, self._granted = self._granted, 0
        self._credits.give_back(granted)

    async def _watch(self) -> None:
        """A stream keeps the certificates that it was opened with, so that another one follows.
        What the broker has sent meanwhile still comes by this one."""
        while not self._link.broker.is_renewed:
            await asyncio.sleep(LOOK_EVERY)
        self._changes = True
        self._wake.set()

    # ------------------------------------------------------------------ coming in

    def _heard(self, frame: exchange.BrokerFrame) -> None:
        if frame.HasField("tasks"):
            self._arrived(frame.tasks.tasks)
        elif frame.HasField("answers"):
            for answer in frame.answers.answers:
                self._answered(answer)
            self._look_if_empty()
        elif frame.HasField("cancel"):
            self._leave({attempt.token for attempt in frame.cancel.attempts})
        elif frame.HasField("draining"):
            self._broker_drains = True

    def _arrived(self, tasks: Sequence[exchange.Task]) -> None:
        now = self._loop.time()
        self._drain = FIRST_DRAIN
        held = []
        for task in tasks:
            raw = task.activation
            self._bytes += len(raw)
            self._unreceived.add(task.token)
            activation = messages.TaskActivation.FromString(raw)
            held.append(Held(activation, self._link, now, task.token, raw))
        kept = min(len(held), self._granted)
        self._granted -= kept
        self._credits.spend(kept)
        self._take(held)
        if self._received_timer is None:
            self._received_timer = self._loop.call_later(RECEIVED_AFTER, self._received_due)

    def _received_due(self) -> None:
        self._received_timer = None
        self._tell_received = True
        self._wake.set()

    def _answered(self, answer: exchange.Answer) -> None:
        if answer.verdict == exchange.VERDICT_NOT_NOW:
            self._loop.call_later(answer.retry_after_millis / 1000, self._again, answer.token)
        else:
            self._results.pop(answer.token, None)

    def _again(self, token: int) -> None:
        if token in self._results and self._stream is not None:
            self._unsent.append(token)
            self._wake.set()

    # ------------------------------------------------------------------ going out

    def report(self, held: Held, done: Done) -> None:
        """Takes a result, and keeps it until it is answered."""
        self._results[held.token] = (held, done)
        if self._stream is not None:
            self._unsent.append(held.token)
            self._nudge()

    def _nudge(self) -> None:
        """There may be something to say: now, or in a moment if others come meanwhile."""
        if self._stream is None:
            return
        if len(self._unsent) >= ENOUGH or not self._has_more():
            self._wake.set()
        elif self._timer is None and self._unsent:
            self._timer = self._loop.call_later(GATHER, self._wake.set)

    async def _write(self, stream: Stream) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if self._timer is not None:
                    self._timer.cancel()
                    self._timer = None
                await self._say(stream)
                if self._changes or self._closes:
                    await stream.done_writing()
                    return
        except StreamOver:
            stream.cancel()

    async def _say(self, stream: Stream) -> None:
        while self._unsent:
            tokens = [self._unsent.popleft() for _ in range(min(len(self._unsent), MAX_FRAME))]
            frame = exchange.WorkerFrame()
            for token in tokens:
                if token in self._results:
                    _add_outcome(frame.outcomes.outcomes, *self._results[token])
            self._unreceived.difference_update(tokens)
            if frame.HasField("outcomes"):
                await stream.write(frame)
        if self._tell_received:
            self._tell_received = False
            if self._unreceived:
                received = exchange.Received(tokens=self._unreceived)
                self._unreceived = set()
                await stream.write(exchange.WorkerFrame(received=received))
        if self._changes:
            return
        if self.is_ending:
            if not self._said_draining.is_set():
                await stream.write(exchange.WorkerFrame(draining=exchange.Draining()))
                self._said_draining.set()
            return
        tasks = self._credits.take_all()
        if tasks:
            self._granted += tasks
            credit = exchange.Credit(tasks=tasks, bytes=self._bytes)
            self._bytes = 0
            await stream.write(exchange.WorkerFrame(credit=credit))

    # ------------------------------------------------------------------ results

    @property
    def waiting(self) -> list[str]:
        return [held.activation.id for held, _ in self._results.values()]

    @property
    def count(self) -> int:
        return len(self._results)

    async def flush(self) -> None:
        """Returns when no result waits any more."""
        if self._results:
            self._emptied = self._loop.create_future()
            await self._emptied

    def give_up(self) -> None:
        """Drops what waits."""
        self._results.clear()
        self._look_if_empty()

    def _look_if_empty(self) -> None:
        if not self._results and self._emptied is not None and not self._emptied.done():
            self._emptied.set_result(None)

    def _go_on_by_calls(self) -> None:
        self._link.uses_stream = False
        for held, done in self._results.values():
            self._calls.add(held, done, None)
        self.give_up()

    # ------------------------------------------------------------------ stopping

    async def stop_taking(self) -> None:
        """Takes no more tasks; results still leave. What comes all the same is for ``take``."""
        self.is_ending = True
        self._give_back_credit()
        if self._stream is not None:
            self._wake.set()
            await self._said_draining.wait()

    async def close(self) -> None:
        """Says the last word, and hears what the broker has sent before it heard that."""
        self._closes = True
        self._wake.set()
        end = self._loop.time() + LAST_WORD
        while self._stream is not None and self._loop.time() < end:
            await asyncio.sleep(0.001)


def _add_outcome(outcomes: Any, held: Held, done: Done) -> None:
    """Made where it is to be: a message that is put into another one is copied."""
    outcome = outcomes.add(
        id=held.activation.id,
        token=held.token,
        status=_STATUS.get(done.status, exchange.OUTCOME_STATUS_FAILURE),
        run_time_micros=int(done.seconds * 1e6),
    )
    if done.max_attempts >= 0:
        outcome.max_attempts = done.max_attempts
    if done.delay >= 0:
        outcome.delay_on_retry = done.delay
    if done.error:
        outcome.error = done.error
