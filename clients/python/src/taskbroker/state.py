"""The task that runs here now."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from taskbroker._wire import messages


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
    headers: dict[str, str] = field(default_factory=dict, repr=False)


_current: ContextVar[CurrentTaskState | Callable[[], CurrentTaskState] | None] = ContextVar(
    "taskbroker_current_task", default=None
)


def current_task() -> CurrentTaskState | None:
    """The task that runs in this context; None outside of one."""
    found = _current.get()
    if callable(found):
        found = found()
        _current.set(found)
    return found


def set_current_task_when_asked(make: Callable[[], CurrentTaskState]) -> None:
    """As :func:`set_current_task`, of what most tasks never ask for."""
    _current.set(make)


def set_current_task(state: CurrentTaskState | messages.TaskActivation) -> None:
    """Makes this the task that runs in this context; for tests and harnesses."""
    if isinstance(state, messages.TaskActivation):
        state = _state_of(state)
    _current.set(state)


def _state_of(activation: messages.TaskActivation) -> CurrentTaskState:
    return CurrentTaskState(
        id=activation.id,
        namespace=activation.namespace,
        taskname=activation.taskname,
        attempt=activation.retry_state.attempts,
        processing_deadline_duration=activation.processing_deadline_duration,
        retries_remaining=activation.retry_state.attempts < activation.retry_state.max_attempts - 1,
        headers=dict(activation.headers),
    )


def clear_current_task() -> None:
    _current.set(None)
