"""What the engine needs of whatever runs its tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from taskbroker.worker.held import Done, Held

End = tuple[Held, Done]
"""A task, and how it has ended."""


class Listener(Protocol):
    """Told by a pool, on the loop's thread."""

    def ended(self, ends: Sequence[End]) -> None:
        """Tasks that the pool was given have ended, one way or another. Once for each."""
        ...

    def returned(self, tasks: Sequence[Held]) -> None:
        """These were given to the pool, and go on waiting, in this order."""
        ...

    def places_changed(self) -> None:
        """There may be more free places than before."""
        ...

    def failed(self, reason: str) -> None:
        """The pool can begin no more tasks, ever."""
        ...


class Pool(Protocol):
    """Runs tasks, each in a place of its own. Used on the loop's thread only."""

    @property
    def kind(self) -> str:
        """ "processes", "threads" or "async"."""
        ...

    @property
    def places(self) -> int:
        """Tasks that run at once."""
        ...

    @property
    def free(self) -> int:
        """Places in which a task can begin now."""
        ...

    @property
    def ready(self) -> bool:
        """True once all places have been there."""
        ...

    @property
    def stuck(self) -> int:
        """Tasks that have ended for the broker and go on here, as nothing could end them."""
        ...

    async def start(self, listener: Listener) -> None:
        """Makes the places; returns when the first is there.

        Raises :class:`~taskbroker.errors.ConfigurationError` if there can be none.
        """
        ...

    @property
    def longest_batch(self) -> int:
        """Most tasks that one place takes at once, to run them one after the other."""
        ...

    @property
    def is_parallel(self) -> bool:
        """Places compute at the same time, so that what waits is spread over them."""
        ...

    def begin(self, *tasks: Held) -> None:
        """Runs tasks in one place; there must be a free one. The pool ends each when its time is
        over."""
        ...

    def cancel(self, held: Held) -> None:
        """Raises :class:`~taskbroker.errors.Stopping` in a task that the pool was given, if it
        runs, and ends it a moment later if it does not end by itself. The listener is told."""
        ...

    def stopping(self) -> None:
        """Lets running tasks know that the worker stops. Nothing more is begun."""
        ...

    def interrupt(self) -> None:
        """Raises :class:`~taskbroker.errors.Stopping` in all running tasks."""
        ...

    def kill(self) -> None:
        """Ends all that still run, by force where there is one; the listener is told of each."""
        ...

    async def close(self) -> None:
        """Gives back what the pool holds. Nothing runs any more, or it is stuck."""
        ...

    def describe(self) -> list[str]:
        """One line for each place, for people: what it does, and its memory if it has its own."""
        ...
