"""How a worker stops, step by step."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from taskbroker.worker.engine import Engine
from taskbroker.worker.fetch import Fetcher
from taskbroker.worker.held import Held

LOG = logging.getLogger("taskbroker.worker")

#: Seconds within which a broker answers a call that it does not hold.
LAST_FETCH = 0.25

#: Seconds that a task has to end after it was interrupted.
INTERRUPT_WAIT = 2.0

#: Seconds that the last results have to be acknowledged.
FLUSH_WAIT = 5.0


@dataclass(frozen=True)
class Stopped:
    """What a stop has come to. ``left``: ids of tasks that were neither run nor handed back;
    ``unreported``: ids of tasks whose result no broker has acknowledged."""

    finished: int
    handed_back: int
    killed: int
    seconds: float
    left: tuple[str, ...] = ()
    unreported: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = (
            f"stopped: {self.finished} finished, {self.handed_back} handed back,"
            f" {self.killed} killed, {self.seconds:.1f} s"
        )
        if self.left:
            text += f"; left to the broker's deadline: {', '.join(self.left)}"
        if self.unreported:
            text += f"; results not acknowledged: {', '.join(self.unreported)}"
        return text


class Stop:
    """Stops an engine: no more tasks, hand back, wait, interrupt, kill, report.

    ``hurry`` ends the waiting for running tasks.
    """

    def __init__(
        self,
        engine: Engine,
        fetchers: Sequence[tuple[Fetcher, asyncio.Task[None]]],
        timeout: float,
    ) -> None:
        self._engine = engine
        self._fetchers = fetchers
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._idle = asyncio.Event()
        self._hurry = asyncio.Event()
        self._handed_back = 0
        self._killed = 0
        self._left: list[str] = []

    def hurry(self) -> None:
        """Does not wait for running tasks any longer."""
        self._hurry.set()

    async def run(self) -> Stopped:
        """Returns when nothing runs and nothing is left to report, or nobody took it in time."""
        engine = self._engine
        engine.on_idle = self._idle.set
        ended_before = engine.ended_count
        engine.is_stopping = True
        engine.credits.close()
        await self._stop_fetching()
        await self._hand_back()
        if not engine.waiting:
            self._tell_pools()
        await self._wait_for_tasks()
        self._left += [held.activation.id for held in engine.waiting]
        engine.waiting.clear()
        self._tell_pools()
        finished = engine.ended_count - ended_before
        await self._end_tasks()
        await self._hand_back()  # what a process was to run after the task that was interrupted
        self._left += [held.activation.id for held in engine.waiting]
        await self._flush()
        await self._close_streams()
        for pool in engine.pools:
            await pool.close()
        return Stopped(
            finished=finished,
            handed_back=self._handed_back,
            killed=self._killed,
            seconds=self._loop.time() - self._began,
            left=tuple(self._left),
            unreported=tuple(engine.reports.waiting),
        )

    async def _stop_fetching(self) -> None:
        """A call that the broker holds is cancelled, and the broker takes back what it had for it.
        Another one is over in a moment and may bring a task, which must not be lost."""
        calls: list[asyncio.Task[None]] = []
        streams: list[asyncio.Task[None]] = []
        for fetcher, task in self._fetchers:
            fetcher.is_ending = True
            if fetcher.attachment is not None:
                streams.append(self._loop.create_task(fetcher.attachment.stop_taking()))
            elif _is_about_to_answer(fetcher, self._began):
                calls.append(task)
            else:
                task.cancel()
        if calls or streams:
            await asyncio.wait([*calls, *streams], timeout=LAST_FETCH)
        for job in streams:
            job.cancel()
        await self._cancel(task for f, task in self._fetchers if f.attachment is None)
        with contextlib.suppress(TimeoutError):  # reports that ask for the next task
            await asyncio.wait_for(self._engine.credits.settled(), LAST_FETCH)

    async def _cancel(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        cancelled = list(tasks)
        for task in cancelled:
            task.cancel()
        await asyncio.gather(*cancelled, return_exceptions=True)

    async def _close_streams(self) -> None:
        """What a broker has sent before it heard of the stop goes back to it."""
        for fetcher, _ in self._fetchers:
            if fetcher.attachment is not None:
                await fetcher.attachment.close()
        await self._cancel(task for _, task in self._fetchers)
        await self._engine.settled()
        self._handed_back += self._engine.late_count

    async def _hand_back(self) -> None:
        for held in await self._engine.hand_back(list(self._engine.waiting)):
            self._handed_back += 1
            with contextlib.suppress(ValueError):
                self._engine.waiting.remove(held)
        # What could not be handed back is run if its whole time fits into what is left.
        self._engine.fits = self._fits

    def _fits(self, held: Held) -> bool:
        left = self._began + self._timeout - self._loop.time()
        return bool(held.deadline_s) and held.deadline_s <= left and not self._hurry.is_set()

    def _tell_pools(self) -> None:
        for pool in self._engine.pools:
            pool.stopping()

    async def _wait_for_tasks(self) -> None:
        until = self._began + self._timeout
        self._drop_what_does_not_fit()
        self._engine.begin_waiting()
        while self._engine.running and not self._hurry.is_set():
            self._idle.clear()
            left = until - self._loop.time()
            if left <= 0:
                return
            waits = [
                self._loop.create_task(self._idle.wait()),
                self._loop.create_task(self._hurry.wait()),
            ]
            await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()

    def _drop_what_does_not_fit(self) -> None:
        for held in list(self._engine.waiting):
            if not self._fits(held):
                self._engine.waiting.remove(held)
                self._left.append(held.activation.id)

    async def _end_tasks(self) -> None:
        engine = self._engine
        self._killed = len(engine.running)
        if not engine.running:
            return
        for held in engine.running:
            LOG.warning("%s is interrupted: the worker stops", held)
        for pool in engine.pools:
            pool.interrupt()
        await self._all_ended(INTERRUPT_WAIT)
        if engine.running:
            for pool in engine.pools:
                pool.kill()
            await self._all_ended(INTERRUPT_WAIT + 1)

    async def _all_ended(self, patience: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._engine.running:
                    self._idle.clear()
                    await self._idle.wait()

    async def _flush(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_WAIT):
                await self._engine.reports.flush()


def _is_about_to_answer(fetcher: Fetcher, now: float) -> bool:
    since = fetcher.called_at
    if since is None or not fetcher.link.is_well or fetcher.offers_long_poll:
        return False
    return now - since < LAST_FETCH
