"""The worker's core: takes tasks, gives each to a pool, and has each result reported."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence, Set
from dataclasses import dataclass
from typing import Any

from taskbroker._wire import messages
from taskbroker.worker import say
from taskbroker.worker.attached import Attachment
from taskbroker.worker.credits import Credits
from taskbroker.worker.fetch import Fetcher, FetchSettings
from taskbroker.worker.held import Held
from taskbroker.worker.link import Answer, FindToken, Link
from taskbroker.worker.measure import Measures
from taskbroker.worker.pace import Pace
from taskbroker.worker.pools.port import End, Pool
from taskbroker.worker.report import MAX_WAITING, Reports

LOG = logging.getLogger("taskbroker.worker")

#: Seconds after which a task that was fetched before there was a place for it is handed back.
RETURN_AFTER = 0.25

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
    task when each has a place, as nobody knows beforehand for which one it is. From a broker that
    is attached to, short tasks are taken a few milliseconds before there is a place for them; if
    they take longer than was thought, they are handed back. ``fits`` says whether a task that was
    not begun may still be begun while the worker stops.
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
        self.pools = routing.pools
        self._measures = measures
        self._prefetch = prefetch
        self._gathers = self.places + prefetch > 1 and routing.pool.longest_batch > 1
        self._begins_soon = False
        self._next_task = next_task
        self._streak: dict[Link, int] = {}
        self.reports = reports(self)
        self.credits = Credits(self._room)
        self.waiting: deque[Held] = deque()
        self.running: set[Held] = set()
        self.ended_count = 0
        self.late_count = 0
        self.has_taken = False
        self.takes_many = False
        self.is_stopping = False
        self.broken = ""
        self.fits: Callable[[Held], bool] = _no
        self._pace = Pace()
        self._returns: asyncio.TimerHandle | None = None
        self._jobs: set[asyncio.Task[None]] = set()
        self.on_idle: Callable[[], None] = _nothing
        self.on_broken: Callable[[], None] = _nothing

    async def start(self) -> None:
        """Starts the pools. Raises :class:`ConfigurationError` if one cannot run."""
        for pool in self.pools:
            await pool.start(self)

    def fetchers(
        self,
        links: Sequence[Link],
        settings: FetchSettings,
        attachment: Attachment | None = None,
    ) -> list[Fetcher]:
        """What fetches from these brokers. A stream is for one broker that has all credits."""
        self.takes_many = attachment is not None
        return [
            Fetcher(link, self.credits, settings, self.take, self._measures, attachment)
            for link in links
        ]

    def in_hand(self) -> list[Held]:
        """The tasks that have not ended."""
        return [*self.running, *self.waiting]

    @property
    def has_more(self) -> bool:
        """Tasks wait for a place."""
        return bool(self.waiting)

    @property
    def ends_soon(self) -> bool:
        """The tasks that run leave their places in a moment, as far as can be known."""
        return self._pace.is_short

    def _room(self) -> int:
        if self.is_stopping or self.reports.count >= MAX_WAITING:
            return 0
        free = self._routing.pool.free
        if self._routing.coroutine_pool is not None:
            free = min(free, self._routing.coroutine_pool.free)
        return max(0, free + self._prefetch + self._ahead() - len(self.waiting))

    def _ahead(self) -> int:
        return self._pace.ahead(self.places) if self.takes_many else 0

    # ------------------------------------------------------------------ coming in

    def take(
        self,
        activation: messages.TaskActivation,
        link: Link,
        token: int = 0,
        find_token: FindToken | None = None,
    ) -> None:
        """Takes a task for which there is a credit."""
        self.has_taken = True
        loop = asyncio.get_running_loop()
        self.waiting.append(Held(activation, link, loop.time(), token, find_token=find_token))
        self.credits.spend()
        if not self._gathers:
            self.begin_waiting()
        elif not self._begins_soon:
            self._begins_soon = True
            loop.call_soon(self._begin_what_came)

    def take_pushed(self, several: Sequence[tuple[messages.TaskActivation, Link]]) -> None:
        """Takes tasks that brokers have sent, for each of which there is a credit."""
        self.has_taken = True
        now = asyncio.get_running_loop().time()
        self.waiting.extend([Held(activation, link, now) for activation, link in several])
        self.credits.spend(len(several))
        self.begin_waiting()
        self.credits.room_changed()  # those that have begun in one place leave room

    def _begin_what_came(self) -> None:
        """Tasks of several calls that came at once may go to one place together."""
        self._begins_soon = False
        self.begin_waiting()

    def take_many(self, several: Sequence[Held]) -> None:
        """Takes tasks that a broker has sent by a stream."""
        self.has_taken = True
        if self.is_stopping:
            self._do(self._give_back(several, late=True))
            return
        self.waiting.extend(several)
        self.begin_waiting()
        if self._pace.stands_still:
            self._return_newest(len(self.waiting) - self._prefetch)
        self._look_later()

    def leave(self, tokens: Set[int]) -> None:
        """Ends tasks that a broker has taken back, by their tokens, and reports none of them."""
        for held in [h for h in self.waiting if h.token in tokens]:
            self.waiting.remove(held)
            say.taken_back(held)
        for held in [h for h in self.running if h.token in tokens]:
            held.is_cancelled = True
            self._routing.of(held.activation).cancel(held)
        self._look_if_idle()
        self.credits.room_changed()

    def _look_later(self) -> None:
        if self._returns is None and len(self.waiting) > self._prefetch:
            loop = asyncio.get_running_loop()
            self._returns = loop.call_later(RETURN_AFTER, self._return_what_waits)

    def _return_what_waits(self) -> None:
        """What others may be able to begin sooner."""
        self._returns = None
        now = asyncio.get_running_loop().time()
        too_long = [h for h in self.waiting if now - h.received >= RETURN_AFTER and h.may_return]
        if len(too_long) > self._prefetch and not self.is_stopping:
            self._pace.stand_still()
            self._return_newest(len(self.waiting) - self._prefetch)
        self._look_later()

    def _return_newest(self, number: int) -> None:
        back = [self.waiting.pop() for _ in range(number)]
        if back:
            self._do(self._give_back(back[::-1]))

    def fetched_next(self, answer: Answer | None, link: Link) -> None:
        """A report that asked for the next task was answered; there was a credit for it."""
        activation = None if answer is None else answer.task
        self._measures.fetched_next(activation is not None)
        if answer is None or activation is None:
            self._streak[link] = 0
            self.credits.give_back()
        else:
            self.take(activation, link, answer.token, answer.find_token)

    def begin_waiting(self) -> None:
        """Begins what waits, in order, as far as there are places."""
        if not self.waiting:
            return
        now = asyncio.get_running_loop().time()
        while self.waiting and self._may_begin(self.waiting[0]):
            held = self.waiting[0]
            pool = self._routing.of(held.activation)
            free = pool.free
            if not free:
                return
            self.waiting.popleft()
            if held.is_too_late(now):
                self._return(held, now - held.received)
                continue
            batch = [held]
            if pool.longest_batch > 1:
                most = min(pool.longest_batch, self._pace.batch())
                others = len(self.waiting)
                share = -(-(1 + others) // free) if pool.is_parallel else most
                self._fill(batch, pool, min(most, share), now)
            self.running.update(batch)
            pool.begin(*batch)

    def _fill(self, batch: list[Held], pool: Pool, most: int, now: float) -> None:
        """Adds what comes next, as far as it can be run in the same place."""
        while self.waiting and len(batch) < most:
            held = self.waiting[0]
            is_other = self._routing.of(held.activation) is not pool
            if is_other or held.is_too_late(now) or not self._may_begin(held):
                return
            batch.append(self.waiting.popleft())

    def returned(self, tasks: Sequence[Held]) -> None:
        """A pool has not begun these."""
        self.running.difference_update(tasks)
        for held in reversed(tasks):
            if held.is_cancelled:
                say.taken_back(held)
            else:
                self.waiting.appendleft(held)
        self._pace.stand_still()
        self.begin_waiting()
        self._look_later()
        if not self.running:
            self.on_idle()

    def _may_begin(self, held: Held) -> bool:
        return not self.is_stopping or self.fits(held)

    def _return(self, held: Held, waited: float) -> None:
        """Its broker is about to hand it out again; to run it here would run it twice."""
        LOG.warning("%s is not begun, as it has waited for %.1f s", held, waited)
        self._do(self._give_back([held]))

    async def _give_back(self, several: Sequence[Held], *, late: bool = False) -> None:
        taken = await self.hand_back(several)
        if late:
            self.late_count += len(taken)

    async def hand_back(self, several: Sequence[Held]) -> list[Held]:
        """Gives tasks back that were not begun; returns those that their broker has taken."""
        groups: dict[Link, list[Held]] = {}
        for held in several:
            groups.setdefault(held.from_link, []).append(held)
        taken = []
        for link, group in groups.items():
            said = await link.hand_back([await held.attempt() for held in group])
            taken += [held for held, is_taken in zip(group, said, strict=False) if is_taken]
        return taken

    async def settled(self) -> None:
        """Returns when nothing is being handed back any more."""
        while self._jobs:
            await asyncio.wait(self._jobs)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        job = asyncio.get_running_loop().create_task(work)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    # ------------------------------------------------------------------ going out

    def ended(self, ends: Sequence[End]) -> None:
        """A pool tells of tasks that have ended."""
        for held, done in ends:
            self.running.discard(held)
            self._pace.ended(done.seconds)
        self.ended_count += len(ends)
        self.begin_waiting()
        for held, done in ends:
            if held.is_cancelled:
                say.taken_back(held)
                continue
            say.ended(held, done)
            self._measures.ended(held, done)
            if done.status:
                self.reports.add(held, done, self._fetch_with(held.from_link))
        self.credits.room_changed()
        self._look_if_idle()

    def _look_if_idle(self) -> None:
        if not self.running and not self.waiting:
            self.on_idle()

    def _fetch_with(self, link: Link) -> messages.FetchNextTask | None:
        """The request for another task, if there is a credit and it is this broker's turn."""
        if self._next_task is None or self.is_stopping or link.uses_stream:
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
