"""Reports what has become of tasks, to the broker that handed them out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Protocol

from taskbroker._wire import messages
from taskbroker.worker.held import Done, Held
from taskbroker.worker.link import Answer, Link, RpcFailed
from taskbroker.worker.measure import Measures

LOG = logging.getLogger("taskbroker.worker")

#: Results of one broker that may wait for it; above that nothing more is fetched from it.
MAX_WAITING = 10_000

#: Results in one call of a push worker, and the seconds that the first of them waits for others.
MAX_BATCH, BATCH_WAIT = 64, 0.02


class Reports(Protocol):
    """Takes results, and keeps each until the broker has it, or until it is told to give up."""

    @property
    def waiting(self) -> list[str]:
        """Ids of tasks whose results no broker has acknowledged."""
        ...

    @property
    def count(self) -> int:
        """How many :attr:`waiting` would name."""
        ...

    def add(self, held: Held, done: Done, fetch: messages.FetchNextTask | None) -> None:
        """Takes a result. With ``fetch``, the next task is asked for in the same call."""
        ...

    async def flush(self) -> None:
        """Returns when nothing waits any more."""
        ...

    def give_up(self) -> None:
        """Drops what waits."""
        ...


class OneByOne:
    """One call for each result; it may bring the next task.

    ``fetched`` is told what the answer to a fetch was; None if there was none.
    """

    def __init__(
        self,
        fetched: Callable[[Answer | None, Link], None],
    ) -> None:
        self._fetched = fetched
        self._open: dict[asyncio.Task[None], str] = {}

    @property
    def waiting(self) -> list[str]:
        return list(self._open.values())

    @property
    def count(self) -> int:
        return len(self._open)

    def add(self, held: Held, done: Done, fetch: messages.FetchNextTask | None) -> None:
        job = self._send(held.from_link, held.activation.id, done, fetch)
        task = asyncio.get_running_loop().create_task(job)
        self._open[task] = held.activation.id
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._open.pop(task, None)
        if not task.cancelled() and task.exception() is not None:
            LOG.error("a result could not be reported", exc_info=task.exception())

    async def _send(
        self, link: Link, task_id: str, done: Done, fetch: messages.FetchNextTask | None
    ) -> None:
        answer = None
        try:
            while True:
                update = done.update(task_id, fetch)
                try:
                    answer = await link.call(partial(link.broker.set_status, update))
                    return
                except RpcFailed as e:
                    if e.is_final:
                        _say_final(e, task_id)
                        return
                if fetch is not None:
                    fetch = None
                    self._fetched(None, link)
        finally:
            if fetch is not None:
                self._fetched(answer, link)

    async def flush(self) -> None:
        while self._open:
            await asyncio.wait(list(self._open))

    def give_up(self) -> None:
        for task in list(self._open):
            task.cancel()


class Batches:
    """Many results in one call, for a worker that is sent its tasks."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures
        self._waiting: dict[Link, dict[int, tuple[str, Done]]] = {}
        self._numbers = 0
        self._senders: dict[Link, asyncio.Task[None]] = {}

    @property
    def waiting(self) -> list[str]:
        return [task_id for group in self._waiting.values() for task_id, _ in group.values()]

    @property
    def count(self) -> int:
        return sum(map(len, self._waiting.values()))

    def add(self, held: Held, done: Done, fetch: messages.FetchNextTask | None) -> None:
        link = held.from_link
        self._numbers += 1
        self._waiting.setdefault(link, {})[self._numbers] = (held.activation.id, done)
        if link not in self._senders:
            self._senders[link] = asyncio.get_running_loop().create_task(self._send(link))

    async def _send(self, link: Link) -> None:
        try:
            await self._send_all(link, self._waiting[link])
        finally:
            del self._senders[link]

    async def _send_all(self, link: Link, group: dict[int, tuple[str, Done]]) -> None:
        while group:
            if len(group) < MAX_BATCH:
                await asyncio.sleep(BATCH_WAIT)
            numbers = list(group)[:MAX_BATCH]
            updates = [group[n][1].update(group[n][0]) for n in numbers]
            try:
                await link.call(lambda updates=updates: link.broker.set_many(updates))  # type: ignore[misc]
            except RpcFailed as e:
                if not e.is_final:
                    continue
                _say_final(e, ", ".join(u.id for u in updates))
            self._measures.batch(len(updates))
            for n in numbers:
                del group[n]

    async def flush(self) -> None:
        while self._senders:
            await asyncio.wait(list(self._senders.values()))

    def give_up(self) -> None:
        for task in list(self._senders.values()):
            task.cancel()


def _say_final(error: RpcFailed, what: str) -> None:
    if error.code != "NOT_FOUND":
        LOG.error("the result of %s was refused and is dropped: %s", what, error)
