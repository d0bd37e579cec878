"""Tasks to Kafka by a producer of arroyo's kind, which users of other clients bring."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from taskbroker.errors import DeliveryError


class FactoryTransport:
    """One producer for each topic, made by the user's ``producer_factory`` when it is first needed.

    A producer has ``produce(Topic, KafkaPayload)``, which returns a future.
    """

    def __init__(self, factory: Callable[[str], Any]) -> None:
        self._factory = factory
        self._lock = threading.Lock()
        self._producers: dict[str, Any] = {}

    def send(self, topic: str, value: bytes, key: bytes | None) -> Future[None]:
        from arroyo.backends.kafka import KafkaPayload  # pyright: ignore[reportMissingImports]
        from arroyo.types import Topic  # pyright: ignore[reportMissingImports]

        with self._lock:
            producer = self._producers.get(topic)
            if producer is None:
                producer = self._producers[topic] = self._factory(topic)
        theirs = producer.produce(Topic(topic), KafkaPayload(key=key, value=value, headers=[]))
        ours: Future[None] = Future()
        ours.set_running_or_notify_cancel()

        def told(done: Any) -> None:
            error = done.exception()
            if error is None:
                ours.set_result(None)
            else:
                ours.set_exception(DeliveryError(f"topic {topic}: {error}"))

        theirs.add_done_callback(told)
        return ours

    def flush(self, timeout: float) -> int:
        return 0
