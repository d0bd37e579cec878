"""The worker's core: takes tasks, gives each to a pool, and has each result reported."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from taskbroker._wire import messages
from taskbroker.worker import say
from taskbroker.worker.credits import Credits
from taskbroker.worker.fetch import Fetcher, FetchSettings
from taskbroker.worker.held import Done, Held
from taskbroker.worker.link import Link
from taskbroker.worker.measure import Measures
from taskbroker.worker.pools.port import Pool
from taskbroker.worker.report import MAX_WAITING, Reports

LOG = logging.getLogger("taskbroker.worker")

#: So many tasks in a row may come with reports to one broker while others wait for a credit.
MAX_STREAK = 8


@dataclass(frozen=True)
class Routing:
    """Which pool runs a task. ``coroutine_pool`` runs those that ``is_coroutine`` says yes to."""

    pool: Pool
    coroutine_pool: Pool | None = None
    is_coroutine: Callable[[messages.TaskActivation], bool] | None = None

    def of(self, activation: messages.TaskActivation) -> Pool:
        if self.coroutine_pool and self.is_coroutine and self.is_coroutine(activation):
            return self.coroutine_pool
        return self.pool

    @property
    def pools(self) -> list[Pool]:
        return [self.pool, *([self.coroutine_pool] if self.coroutine_pool else [])]


class Engine:
    """Holds every task from its arrival to its report. Belongs to the loop's thread.

    A task is taken for a free place only, and for ``prefetch`` more. An app with two pools gets a
    task when each has a place, as nobody knows beforehand for which one it is. ``fits`` says
    whether a task that was not begun may still be begun while the worker stops.
    """

    def __init__(
        self,
        routing: Routing,
        reports: Callable[[Engine], Reports],
        measures: Measures,
        *,
        prefetch: int = 0,
        next_task: messages.FetchNextTask | None = None,
    ) -> None:
        self._routing = routing
        self._measures = measures
        self._prefetch = prefetch
        self._next_task = next_task
        self._streak: dict[Link, int] = {}
        self.reports = reports(self)
        self.credits = Credits(self._room)
        self.waiting: deque[Held] = deque()
        self.running: set[Held] = set()
        self.ended_count = 0
        self.has_taken = False
        self.is_stopping = False
        self.broken = ""
        self.fits: Callable[[Held], bool] = _no
        self._jobs: set[asyncio.Task[bool]] = set()
        self.on_idle: Callable[[], None] = _nothing
        self.on_broken: Callable[[], None] = _nothing

    @property
    def pools(self) -> list[Pool]:
        return self._routing.pools

    async def start(self) -> None:
        """Starts the pools. Raises :class:`ConfigurationError` if one cannot run."""
        for pool in self.pools:
            await pool.start(self)

    def fetchers(self, links: Sequence[Link], settings: FetchSettings) -> list[Fetcher]:
        """What fetches from these brokers."""
        return [Fetcher(link, self.credits, settings, self.take, self._measures) for link in links]

    def _room(self) -> int:
        if self.is_stopping or self.reports.count >= MAX_WAITING:
            return 0
        free = min(pool.free for pool in self.pools)
        return max(0, free + self._prefetch - len(self.waiting))

    # ------------------------------------------------------------------ coming in

    def take(self, activation: messages.TaskActivation, link: Link) -> None:
        """Takes a task for which there is a credit."""
        self.has_taken = True
        held = Held(activation, link, asyncio.get_running_loop().time())
        self.waiting.append(held)
        self.credits.spend()
        self.begin_waiting()

    def fetched_next(self, activation: messages.TaskActivation | None, link: Link) -> None:
        """A report that asked for the next task was answered; there was a credit for it."""
        self._measures.fetched_next(activation is not None)
        if activation is None:
            self._streak[link] = 0
            self.credits.give_back()
        else:
            self.take(activation, link)

    def begin_waiting(self) -> None:
        """Begins what waits, in order, as far as there are places."""
        now = asyncio.get_running_loop().time()
        while self.waiting and self._may_begin(self.waiting[0]):
            held = self.waiting[0]
            pool = self._routing.of(held.activation)
            if not pool.free:
                return
            self.waiting.popleft()
            if held.is_too_late(now):
                self._return(held, now - held.received)
                continue
            self.running.add(held)
            pool.begin(held)

    def _may_begin(self, held: Held) -> bool:
        return not self.is_stopping or self.fits(held)

    def _return(self, held: Held, waited: float) -> None:
        """Its broker is about to hand it out again; to run it here would run it twice."""
        LOG.warning("%s is not begun, as it has waited for %.1f s", held, waited)
        back = held.from_link.hand_back([held.activation.id])
        job = asyncio.get_running_loop().create_task(back)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    # ------------------------------------------------------------------ going out

    def ended(self, held: Held, done: Done) -> None:
        """A pool tells of a task's end."""
        self.running.discard(held)
        self.ended_count += 1
        say.ended(held, done)
        self._measures.ended(held, done)
        self.begin_waiting()
        if done.status:
            self.reports.add(held, done, self._fetch_with(held.from_link))
        self.credits.room_changed()
        if not self.running and not self.waiting:
            self.on_idle()

    def _fetch_with(self, link: Link) -> messages.FetchNextTask | None:
        """The request for another task, if there is a credit and it is this broker's turn."""
        if self._next_task is None or self.is_stopping:
            return None
        streak = self._streak.get(link, 0)
        if self.credits.wanted > 1 and streak >= MAX_STREAK:  # one is this broker's own
            self._streak[link] = 0
            return None
        if not self.credits.take():
            return None
        self._streak[link] = streak + 1
        return self._next_task

    def places_changed(self) -> None:
        self.begin_waiting()
        self.credits.room_changed()

    def failed(self, reason: str) -> None:
        LOG.critical("the worker cannot go on: %s", reason)
        self.broken = reason
        self.on_broken()

    # ------------------------------------------------------------------ numbers

    @property
    def places(self) -> int:
        """Tasks that run at once, in all pools."""
        return sum(pool.places for pool in self.pools)

    def measure(self) -> None:
        """Tells what the worker holds now."""
        self._measures.state(
            running=len(self.running),
            places=self.places,
            waiting=len(self.waiting),
            unreported=self.reports.count,
        )


def _nothing() -> None:
    """Nobody waits."""


def _no(_held: Held) -> bool:
    """A worker that has begun to stop begins nothing until the stop has decided."""
    return False
