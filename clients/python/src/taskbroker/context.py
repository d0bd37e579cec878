"""What a running task is given when it asks for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, MutableMapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from taskbroker.durations import Duration
from taskbroker.errors import Unsupported


class TaskLog(logging.LoggerAdapter[logging.Logger]):
    """Log lines that begin with the task's name and id; extra keywords end the line."""

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        known = {"exc_info", "stack_info", "stacklevel", "extra"}
        shown = [f"{name}={kwargs.pop(name)}" for name in list(kwargs) if name not in known]
        return " ".join([f"{self.extra['task']}" if self.extra else "", str(msg), *shown]), kwargs


def never() -> bool:
    """The worker is not stopping."""
    return False


@dataclass(frozen=True)
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
        return TaskLog(logging.getLogger("taskbroker.task"), {"task": f"{self.name} {self.id[:8]}"})
