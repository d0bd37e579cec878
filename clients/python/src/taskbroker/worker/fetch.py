"""Fetches tasks from one broker."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from taskbroker._wire import messages
from taskbroker.worker.attached import Attachment
from taskbroker.worker.credits import Credits
from taskbroker.worker.link import Answer, Link, RpcFailed
from taskbroker.worker.measure import Measures

#: Seconds between two questions to a broker without long poll that had nothing.
SHORTEST_PAUSE, LONGEST_PAUSE = 0.005, 0.2

#: Seconds for which a broker that is about to stop is left alone: the first time, and at most.
FIRST_DRAIN, LONGEST_DRAIN = 1.0, 20.0

#: The wait that is asked for when more brokers than credits are there: each gets its turn.
SHARED_WAIT = 0.1


@dataclass(frozen=True)
class FetchSettings:
    """What is asked for: tasks of ``application``, and of ``namespace`` if given. ``max_wait`` is
    the longest time that a call may be held, in seconds. ``brokers``: how many share the credits.
    """

    application: str
    namespace: str | None
    max_wait: float
    brokers: int = 1

    def request(self) -> messages.GetTaskRequest:
        return messages.GetTaskRequest(application=self.application, namespace=self.namespace)

    def next(self) -> messages.FetchNextTask:
        return messages.FetchNextTask(application=self.application, namespace=self.namespace)


class Fetcher:
    """Asks one broker for tasks while there is credit.

    The broker holds the call if it can (long poll); otherwise the fetcher asks again after a pause
    that grows from :data:`SHORTEST_PAUSE` to :data:`LONGEST_PAUSE` and is short again after each
    task. ``take`` is given each task, with a credit for it, and the token of its attempt.

    With an ``attachment``, tasks come by its stream for as long as the broker has one.
    """

    def __init__(
        self,
        link: Link,
        credits: Credits,
        settings: FetchSettings,
        take: Callable[[messages.TaskActivation, Link, int], None],
        measures: Measures,
        attachment: Attachment | None = None,
    ) -> None:
        self.link = link
        self.attachment = attachment
        self.offers_long_poll: bool | None = None
        self.called_at: float | None = None
        self.is_ending = False
        self._credits = credits
        self._settings = settings
        self._take = take
        self._measures = measures
        self._request = settings.request()
        self._pause = SHORTEST_PAUSE
        self._drain = FIRST_DRAIN

    async def run(self) -> None:
        """Fetches until it is cancelled, or until the call that runs is over if it is ending."""
        while self.attachment is not None and self.attachment.is_needed:
            await self.link.ready()
            if not await self.attachment.run():
                self.attachment = None
        while not self.is_ending:
            await self.link.ready()  # without a credit, which another broker could use
            await self._credits.wait()
            pause = await self._once()
            if pause and not self.is_ending:
                await asyncio.sleep(pause)

    async def _once(self) -> float:
        """One call, with a credit; returns the seconds to leave the broker alone."""
        loop = asyncio.get_running_loop()
        wait = self._wait()
        kept = False
        try:
            self.called_at = began = loop.time()
            answer = await self.link.call(lambda: self.link.broker.get_task(self._request, wait))
            self._measures.fetched(answer.task is not None)
            if answer.waited is not None:
                self.offers_long_poll = True
            if answer.task is not None:
                kept = True
                self._pause = SHORTEST_PAUSE
                self._take(answer.task, self.link, answer.token)
                return 0.0
            return self._pause_after(answer, wait, loop.time() - began)
        except RpcFailed as e:
            return LONGEST_PAUSE if e.is_final else 0.0  # otherwise the link itself waits
        finally:
            self.called_at = None
            if not kept:
                self._credits.give_back()

    def _wait(self) -> float:
        if not self.link.is_well:
            return 0.0  # results wait for the answer
        others = self._settings.brokers - 1
        if self._credits.open < min(others, self._credits.wanted):
            return min(SHARED_WAIT, self._settings.max_wait)
        return self._settings.max_wait

    def _pause_after(self, answer: Answer, wait: float, took: float) -> float:
        self.offers_long_poll = answer.waited is not None
        if answer.draining:
            pause, self._drain = self._drain, min(self._drain * 2, LONGEST_DRAIN)
            return pause * random.uniform(0.8, 1.2)
        self._drain = FIRST_DRAIN
        if answer.waited is not None and wait > 0 and took >= min(wait, 1.0) / 2:
            self._pause = SHORTEST_PAUSE
            return 0.0
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        return pause * random.uniform(0.75, 1.25)
