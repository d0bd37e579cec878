"""What the model needs of whatever sends its tasks."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Protocol

from taskbroker.durations import Duration, seconds
from taskbroker.errors import DeliveryError

if TYPE_CHECKING:
    from concurrent.futures import Future


class Transport(Protocol):
    """Sends encoded tasks. Safe for all threads."""

    def send(self, topic: str, value: bytes, key: bytes | None) -> Future[None]:
        """Hands one task over.

        The future ends when Kafka has acknowledged it, or fails with :class:`DeliveryError`.
        What is raised here was not handed over.
        """
        ...

    def flush(self, timeout: float) -> int:
        """Waits up to ``timeout`` seconds; returns how many tasks are not acknowledged then, those
        included that Kafka has refused since the last flush."""
        ...


class Sent:
    """A task that was handed to Kafka's client.

    ``id`` names it everywhere. It is in Kafka once :meth:`delivered` has returned; ``await`` does
    the same in a coroutine.
    """

    __slots__ = ("acknowledged", "id", "topic")

    def __init__(self, id: str, topic: str, acknowledged: Future[None]) -> None:
        self.id = id
        self.topic = topic
        self.acknowledged = acknowledged

    def delivered(self, timeout: Duration = "30s") -> Sent:
        """Waits for Kafka's acknowledgement.

        Raises :class:`DeliveryError` with what Kafka said, or if it said nothing in time.
        """
        try:
            self.acknowledged.result(seconds(timeout, "a timeout"))
        except TimeoutError:
            raise DeliveryError(
                f"Kafka did not acknowledge task {self.id} on topic {self.topic} within {timeout}"
            ) from None
        return self

    def __await__(self) -> Generator[Any, None, Sent]:
        import asyncio  # whoever awaits has it already; others need not pay for it

        yield from asyncio.wrap_future(self.acknowledged).__await__()
        return self

    def __repr__(self) -> str:
        return f"Sent(id={self.id}, topic={self.topic})"
