"""Which topic the tasks of a namespace go to."""

from __future__ import annotations

from typing import Protocol

from taskbroker.constants import DEFAULT_TOPIC


class TaskRouter(Protocol):
    """Given a namespace's name, returns a topic. For another application: "application:name"."""

    def route_namespace(self, name: str) -> str:
        """Asked for each task that is sent."""
        ...


class DefaultRouter:
    """Everything goes to one topic."""

    def __init__(self, topic: str = DEFAULT_TOPIC) -> None:
        self._topic = topic

    def route_namespace(self, name: str) -> str:
        return self._topic
