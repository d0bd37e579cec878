"""Pools by themselves: tasks that one thread is given together, and ends that are told together.
No broker, real time; threads meet by events."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from taskbroker import App
from taskbroker._wire import messages
from taskbroker.task import Task
from taskbroker.worker.held import Held
from taskbroker.worker.link import Link
from taskbroker.worker.pools.due import SHORTEST, Due
from taskbroker.worker.pools.loop import LoopPool
from taskbroker.worker.pools.port import End
from taskbroker.worker.pools.threads import ThreadPool

PATIENCE_S = 30.0
COMPLETE = messages.TASK_ACTIVATION_STATUS_COMPLETE
RETRY = messages.TASK_ACTIVATION_STATUS_RETRY


class Heard:
    """A listener that keeps what it is told, by the call."""

    def __init__(self) -> None:
        self.calls: list[list[End]] = []
        self.back: list[Held] = []
        self._changed = asyncio.Event()

    @property
    def ends(self) -> list[End]:
        return [end for call in self.calls for end in call]

    def ended(self, ends: Sequence[End]) -> None:
        self.calls.append(list(ends))
        self._changed.set()

    def returned(self, tasks: Sequence[Held]) -> None:
        self.back += tasks
        self._changed.set()

    def places_changed(self) -> None:
        """Nobody waits for a place."""

    def failed(self, reason: str) -> None:
        raise AssertionError(reason)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


class Acts:
    """An app whose tasks wait for the test, or spin until something ends them."""

    def __init__(self) -> None:
        self.app = App("acts")
        self.ran: list[int] = []
        self.begun = threading.Event()
        self.go = threading.Event()

        @self.app.task("acts.short")
        def short(n: int) -> None:
            self.ran.append(n)

        @self.app.task("acts.waits", deadline=300)
        def waits() -> None:
            self.begun.set()
            assert self.go.wait(PATIENCE_S)

        @self.app.task("acts.spins", deadline=1)
        def spins() -> None:
            self.begun.set()
            while not self.go.wait(0.001):
                pass

        @self.app.task("acts.coroutine")
        async def coroutine(n: int) -> None:
            self.ran.append(n)

        self.short, self.waits, self.spins, self.coroutine = short, waits, spins, coroutine

    def held(self, task: Task[Any, Any], *args: Any) -> Held:
        return Held(task.call(*args).activation, cast(Link, None), 0.0)


def in_pool(
    make: Callable[[App], ThreadPool | LoopPool],
    scenario: Callable[[Any, Acts, Heard], Any],
) -> None:
    async def main() -> None:
        acts, heard = Acts(), Heard()
        pool = make(acts.app)
        await pool.start(heard)
        try:
            await scenario(pool, acts, heard)
        finally:
            acts.go.set()
            await pool.close()

    asyncio.run(main())


def one_thread(app: App) -> ThreadPool:
    return ThreadPool(app, 1)


def test_tasks_of_one_batch_run_in_their_order_and_their_ends_are_told_together() -> None:
    async def scenario(pool: ThreadPool, acts: Acts, heard: Heard) -> None:
        batch = [acts.held(acts.short, n) for n in range(50)]
        pool.begin(*batch)
        assert pool.free == 0
        await heard.until(lambda: len(heard.ends) == 50)
        assert acts.ran == list(range(50))
        assert [held for held, _ in heard.ends] == batch
        assert len(heard.calls) < 50
        assert pool.free == 1

    in_pool(one_thread, scenario)


def test_what_waits_behind_a_long_task_goes_back_unbegun() -> None:
    async def scenario(pool: ThreadPool, acts: Acts, heard: Heard) -> None:
        first, *others = [acts.held(acts.waits), *(acts.held(acts.short, n) for n in range(3))]
        pool.begin(first, *others)
        await heard.until(lambda: bool(heard.back))
        assert heard.back == others
        assert (heard.ends, acts.ran, pool.free) == ([], [], 0)
        acts.go.set()
        await heard.until(lambda: bool(heard.ends))
        assert [held for held, _ in heard.ends] == [first]
        assert pool.free == 1

    in_pool(one_thread, scenario)


def test_an_end_is_told_though_the_next_task_of_its_batch_takes_long() -> None:
    async def scenario(pool: ThreadPool, acts: Acts, heard: Heard) -> None:
        short = acts.held(acts.short, 1)
        pool.begin(short, acts.held(acts.waits))
        await heard.until(lambda: bool(heard.ends))
        assert [held for held, _ in heard.ends] == [short]
        assert not acts.go.is_set()

    in_pool(one_thread, scenario)


def test_each_task_of_a_batch_has_its_own_deadline() -> None:
    async def scenario(pool: ThreadPool, acts: Acts, heard: Heard) -> None:
        began = time.monotonic()
        pool.begin(acts.held(acts.short, 1), acts.held(acts.spins), acts.held(acts.short, 2))
        await heard.until(lambda: len(heard.ends) == 2)
        assert time.monotonic() - began >= 1
        (_, first), (held, second) = heard.ends
        assert first.status == COMPLETE
        assert held.activation.taskname == "spins"
        assert second.error.startswith("DeadlineExceeded")
        assert [h.activation.taskname for h in heard.back] == ["short"]
        pool.begin(*heard.back)  # the thread is of use, and not hit by what was meant for another
        await heard.until(lambda: len(heard.ends) == 3)
        assert heard.ends[-1][1].status == COMPLETE

    in_pool(one_thread, scenario)


def test_an_interruption_ends_what_runs_and_gives_back_the_rest() -> None:
    async def scenario(pool: ThreadPool, acts: Acts, heard: Heard) -> None:
        spins, short = acts.held(acts.spins), acts.held(acts.short, 1)
        pool.begin(spins, short)
        await asyncio.to_thread(acts.begun.wait, PATIENCE_S)
        pool.interrupt()
        assert heard.back == [short]
        await heard.until(lambda: bool(heard.ends))
        ((held, done),) = heard.ends
        assert (held, done.status) == (spins, RETRY)
        assert done.error.startswith("Stopping")
        assert acts.ran == []

    in_pool(one_thread, scenario)


def test_a_task_that_is_cancelled_ends_alone() -> None:
    async def scenario(pool: ThreadPool, acts: Acts, heard: Heard) -> None:
        spins, short = acts.held(acts.spins), acts.held(acts.short, 1)
        pool.begin(spins, short)
        await asyncio.to_thread(acts.begun.wait, PATIENCE_S)
        pool.cancel(short)
        assert (heard.back, heard.ends) == ([short], [])
        pool.cancel(spins)
        await heard.until(lambda: bool(heard.ends))
        ((held, done),) = heard.ends
        assert held is spins
        assert done.error.startswith("Stopping")
        pool.cancel(spins)  # which has ended
        pool.begin(short)
        await heard.until(lambda: len(heard.ends) == 2)
        assert heard.ends[-1][1].status == COMPLETE

    in_pool(one_thread, scenario)


def test_a_kill_leaves_behind_what_runs_and_gives_back_the_rest() -> None:
    async def scenario(pool: ThreadPool, acts: Acts, heard: Heard) -> None:
        waits, short = acts.held(acts.waits), acts.held(acts.short, 1)
        pool.begin(waits, short)
        await asyncio.to_thread(acts.begun.wait, PATIENCE_S)
        pool.kill()
        assert heard.back == [short]
        assert [held for held, _ in heard.ends] == [waits]
        assert (pool.stuck, pool.free) == (1, 1)
        acts.go.set()
        pool.begin(short)
        await heard.until(lambda: len(heard.ends) == 2)
        assert acts.ran == [1]

    in_pool(one_thread, scenario)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_task_is_told_of_once_whatever_takes_how_long(seed: int) -> None:
    import random

    draw = random.Random(seed)

    async def scenario(pool: ThreadPool, acts: Acts, heard: Heard) -> None:
        @acts.app.task("acts.takes")
        def takes(seconds: float) -> None:
            time.sleep(seconds)

        todo = [acts.held(takes, draw.choice([0.0, 0.0, 0.0, 0.03])) for _ in range(300)]
        given = list(todo)
        while len(heard.ends) < len(given):
            while heard.back:
                todo.insert(0, heard.back.pop())
            while todo and pool.free:
                batch = [todo.pop(0) for _ in range(min(len(todo), draw.randrange(1, 20)))]
                pool.begin(*batch)
            told = len(heard.ends)
            await heard.until(lambda told=told: len(heard.ends) > told or bool(heard.back))  # type: ignore[misc]
        assert {id(held) for held, _ in heard.ends} == {id(held) for held in given}, f"seed {seed}"
        assert len(heard.ends) == len(given)
        assert all(done.status == COMPLETE for _, done in heard.ends)

    in_pool(lambda app: ThreadPool(app, 3), scenario)


def test_coroutines_that_end_in_one_turn_of_the_loop_are_told_together() -> None:
    async def scenario(pool: LoopPool, acts: Acts, heard: Heard) -> None:
        for n in range(5):
            pool.begin(acts.held(acts.coroutine, n))
        await heard.until(lambda: len(heard.ends) == 5)
        assert len(heard.calls) == 1
        assert pool.free == 5

    in_pool(lambda app: LoopPool(app, 5), scenario)


def test_one_timer_looks_at_the_earliest_of_many_times_and_not_too_often() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        looked: list[float] = []
        over = asyncio.Event()

        def look(now: float) -> float:
            looked.append(now)
            if len(looked) == 3:
                over.set()
            return now if len(looked) < 3 else float("inf")

        due = Due(loop, look)
        began = loop.time()
        due.by(began + 3600)
        due.by(began + 0.02)
        due.by(began + 60)
        async with asyncio.timeout(PATIENCE_S):
            await over.wait()
        assert looked[0] >= began + 0.02
        assert all(b - a >= SHORTEST * 0.9 for a, b in itertools.pairwise(looked))
        due.by(loop.time() + 0.01)
        due.cancel()
        await asyncio.sleep(0.03)
        assert len(looked) == 3

    asyncio.run(main())
