"""What a running task is given when it asks for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any


class TaskLog(logging.LoggerAdapter[logging.Logger]):
    """Log lines that begin with the task's name and id; extra keywords end the line."""

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        known = {"exc_info", "stack_info", "stacklevel", "extra"}
        shown = [f"{name}={kwargs.pop(name)}" for name in list(kwargs) if name not in known]
        return " ".join([f"{self.extra['task']}" if self.extra else "", str(msg), *shown]), kwargs


@dataclass(frozen=True)
class Context:
    """The first parameter of a task that is annotated with it; callers do not pass it.

    ``attempt`` is 1 for the first try. ``deadline`` is in seconds of the monotonic clock.
    """

    id: str
    name: str
    attempt: int
    attempts_left: int
    deadline: float
    headers: Mapping[str, str] = field(default_factory=dict)
    now: Callable[[], float] = field(default=time.monotonic, repr=False)

    def remaining(self) -> float:
        """Seconds until the deadline; 0 when it has passed."""
        return max(0.0, self.deadline - self.now())

    @property
    def log(self) -> TaskLog:
        """Writes lines that name this task, at the logger ``taskbroker.task``."""
        return TaskLog(logging.getLogger("taskbroker.task"), {"task": f"{self.name} {self.id[:8]}"})
