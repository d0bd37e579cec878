"""The task that runs here now."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class CurrentTaskState:
    """What a running task may know of itself.

    ``attempt`` counts earlier tries: 0 for the first.
    """

    id: str
    namespace: str
    taskname: str
    attempt: int
    processing_deadline_duration: int
    retries_remaining: bool
    headers: dict[str, str] = field(default_factory=dict)


_current: ContextVar[CurrentTaskState | None] = ContextVar("taskbroker_current_task", default=None)


def current_task() -> CurrentTaskState | None:
    """The task that runs in this context; None outside of one."""
    return _current.get()


def set_current_task(state: CurrentTaskState) -> None:
    _current.set(state)


def clear_current_task() -> None:
    _current.set(None)
