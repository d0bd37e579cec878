"""What a worker that attaches itself says first, and where its results go."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence

from taskbroker._wire import exchange, messages
from taskbroker.worker.attached import Attachment
from taskbroker.worker.held import Done, Held
from taskbroker.worker.report import OneByOne

#: Bytes of a message around the largest task.
AROUND_A_TASK = 1_024


class Streamed:
    """Results of a worker that may be attached: by the stream for tasks that have come by it, else
    by a call each."""

    def __init__(self, calls: OneByOne) -> None:
        self._calls = calls
        self._attachment: Attachment | None = None

    def attach(self, attachment: Attachment) -> None:
        """Results may go by this one from now on."""
        self._attachment = attachment

    @property
    def waiting(self) -> list[str]:
        by_stream = self._attachment.waiting if self._attachment else []
        return by_stream + self._calls.waiting

    @property
    def count(self) -> int:
        return (self._attachment.count if self._attachment else 0) + self._calls.count

    def add(self, held: Held, done: Done, fetch: messages.FetchNextTask | None) -> None:
        if self._attachment is not None and held.raw and held.from_link.uses_stream:
            self._attachment.report(held, done)
        else:
            self._calls.add(held, done, fetch)

    async def flush(self) -> None:
        if self._attachment is not None:
            await self._attachment.flush()
        await self._calls.flush()

    def give_up(self) -> None:
        if self._attachment is not None:
            self._attachment.give_up()
        self._calls.give_up()


def greeting(
    application: str, namespace: str | None, version: str, max_message_bytes: int
) -> Callable[[Sequence[exchange.Attempt]], exchange.Hello]:
    """Makes the first frame of a stream, given what the worker has of an earlier one."""
    name = f"{socket.gethostname()}:{os.getpid()}"

    def hello(held: Sequence[exchange.Attempt]) -> exchange.Hello:
        return exchange.Hello(
            application=application,
            namespaces=[] if namespace is None else [namespace],
            name=name,
            version=version,
            max_task_bytes=max(1, max_message_bytes - AROUND_A_TASK),
            held=held,
        )

    return hello
