"""What a task's context writes its lines with."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any


class TaskLog(logging.LoggerAdapter[logging.Logger]):
    """Log lines that begin with the task's name and id; extra keywords end the line."""

    def process(
        self, msg: Any, kwargs: MutableMapping[str, Any]
    ) -> tuple[Any, MutableMapping[str, Any]]:
        known = {"exc_info", "stack_info", "stacklevel", "extra"}
        shown = [f"{name}={kwargs.pop(name)}" for name in list(kwargs) if name not in known]
        return " ".join([f"{self.extra['task']}" if self.extra else "", str(msg), *shown]), kwargs


def task_log(task: str) -> TaskLog:
    """Writes at the logger ``taskbroker.task``."""
    return TaskLog(logging.getLogger("taskbroker.task"), {"task": task})
