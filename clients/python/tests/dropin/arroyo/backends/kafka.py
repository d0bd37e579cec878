from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from arroyo.types import Topic
from taskbroker.producer.dev import DevTransport


@dataclass(frozen=True)
class KafkaPayload:
    key: bytes | None
    value: bytes
    headers: list[Any]


class KafkaProducer:
    """Sends to the broker in memory of a test, whose socket is the bootstrap server."""

    def __init__(self, configuration: dict[str, Any]) -> None:
        self._to = DevTransport(configuration["bootstrap.servers"])

    def produce(self, topic: Topic, payload: KafkaPayload) -> Future[None]:
        assert payload.key is None
        assert payload.headers == []
        return self._to.send(topic.name, payload.value, payload.key)
