"""The transport that stands in for all others, in tests."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from taskbroker.producer.port import Transport

if TYPE_CHECKING:
    from concurrent.futures import Future


class StandIn(Transport, Protocol):
    """A transport for all apps of a test."""

    def send_from(
        self, namespace: object, topic: str, value: bytes, key: bytes | None
    ) -> Future[None]:
        """As ``send``, for the namespace that the task was made in: apps may share a name."""
        ...


#: Set by test kits. Belongs to the context, so that tests which run side by side do not meet.
override: ContextVar[StandIn | None] = ContextVar("taskbroker_transport", default=None)
