"""What users may plug into an app."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from taskbroker._wire import messages

TaskHeaders = dict[str, str]


class AtMostOnceStore(Protocol):
    """Remembers which at-most-once tasks have begun. Shared by all workers of an application."""

    def add(self, key: str, value: str, timeout: int) -> bool:
        """Stores the key for ``timeout`` seconds, in one step.

        Returns true if it was not there before.
        """
        ...


class ContextHook(Protocol):
    """Carries something of the caller's context to where the task runs."""

    def on_dispatch(self, headers: MutableMapping[str, Any]) -> None:
        """May add to the headers of a call that is about to be sent."""
        ...

    def on_execute(self, headers: dict[str, str]) -> AbstractContextManager[None]:
        """Returns what surrounds the task's function on the worker."""
        ...


class ProducerProtocol(Protocol):
    """A producer of arroyo's kind."""

    def produce(self, dest: Any, payload: Any) -> Any:
        """Sends ``payload``, arroyo's KafkaPayload, to a Topic or Partition; returns a future."""
        ...


ProducerFactory = Callable[[str], ProducerProtocol]
"""Given a topic, makes the producer for it. It is called once for each topic."""


@dataclass
class InflightTaskActivation:
    """A task that a worker was handed by ``host``, at this time of the Unix clock."""

    activation: messages.TaskActivation
    host: str
    receive_timestamp: float


@dataclass
class ProcessingResult:
    """What is to be reported of a task; the last two go with RETRY only."""

    task_id: str
    status: int
    host: str
    receive_timestamp: float
    max_attempts: int | None = None
    delay_on_retry: int | None = None
