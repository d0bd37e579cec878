"""What a running task is given when it asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from taskbroker.durations import Duration
from taskbroker.errors import Unsupported

if TYPE_CHECKING:
    from concurrent.futures import Future

    from taskbroker.tasklog import TaskLog


def never() -> bool:
    """The worker is not stopping."""
    return False


@dataclass(frozen=True, init=False)
class Context:
    """The first parameter of a task that is annotated with it; callers do not pass it.

    ``attempt`` is 1 for the first try. ``deadline`` is in seconds of the monotonic clock, infinite
    for a task without one.
    """

    id: str
    name: str
    attempt: int
    attempts_left: int
    deadline: float
    headers: Mapping[str, str] = field(default_factory=dict)
    now: Callable[[], float] = field(default=time.monotonic, repr=False)
    is_stopping: Callable[[], bool] = field(default=never, repr=False)
    awaited: list[Future[Any]] = field(default_factory=list, repr=False)

    def __init__(
        self,
        id: str,
        name: str,
        attempt: int,
        attempts_left: int,
        deadline: float,
        headers: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.monotonic,
        is_stopping: Callable[[], bool] = never,
        awaited: list[Future[Any]] | None = None,
    ) -> None:
        # All at once: a frozen class that sets one field after the other takes longer than a task.
        self.__dict__.update(
            id=id,
            name=name,
            attempt=attempt,
            attempts_left=attempts_left,
            deadline=deadline,
            headers={} if headers is None else headers,
            now=now,
            is_stopping=is_stopping,
            awaited=[] if awaited is None else awaited,
        )

    def remaining(self) -> float:
        """Seconds until the deadline; 0 when it has passed."""
        return max(0.0, self.deadline - self.now())

    @property
    def cancelled(self) -> bool:
        """True once the worker has begun to stop. A long task may end early by raising ``Snooze``
        and go on elsewhere; one that does not look has the stop's time to finish."""
        return self.is_stopping()

    def finish_when(self, future: Future[Any]) -> None:
        """Lets this try end only when the future has ended, within the deadline.

        A future that fails makes the try fail; it is repeated if the policy has a try left.
        """
        self.awaited.append(future)

    def extend(self, span: Duration) -> None:
        """Asks the broker for more time. Raises :class:`Unsupported`: no broker offers it yet."""
        raise Unsupported(
            f"{self.name}: this broker offers no extension of {span}; give the task a longer"
            " deadline where it is defined"
        )

    @property
    def log(self) -> TaskLog:
        """Writes lines that name this task, at the logger ``taskbroker.task``."""
        from taskbroker.tasklog import task_log  # a program that only calls tasks need not load it

        return task_log(f"{self.name} {self.id[:8]}")
