"""The transport that an app has unless it is given one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from taskbroker.errors import ConfigurationError
from taskbroker.producer.port import Transport

if TYPE_CHECKING:
    from concurrent.futures import Future


class KafkaWhenNeeded:
    """Reads the address when the first task is sent.

    Where a worker of the application runs with ``--dev`` on this machine, and Kafka is neither
    named by the environment nor reachable, tasks go to that worker.
    """

    def __init__(self, application: str, servers: str | None) -> None:
        self._application = application
        self._servers = servers
        self._made: Transport | None = None

    @property
    def servers(self) -> str | None:
        """The addresses of Kafka: the app's, or the environment's."""
        return self._servers or os.environ.get("TASKBROKER_KAFKA") or None

    def send(self, topic: str, value: bytes, key: bytes | None) -> Future[None]:
        if self._made is None:
            self._made = self._to_dev() or self._to_kafka()
        return self._made.send(topic, value, key)

    def flush(self, timeout: float) -> int:
        return self._made.flush(timeout) if self._made else 0

    def _to_kafka(self) -> Transport:
        if not self.servers:
            raise ConfigurationError(
                "no Kafka is known; give App(…, kafka='host:9092') or set TASKBROKER_KAFKA"
            )
        from taskbroker.producer.confluent import ConfluentTransport  # a worker needs it for none

        return ConfluentTransport(self.servers)

    def _to_dev(self) -> Transport | None:
        if os.name != "posix" or os.environ.get("TASKBROKER_KAFKA"):
            return None
        from taskbroker.producer import dev  # few programs need it

        path = dev.socket_path(self._application)
        if not dev.is_ours(path) or (self._servers and dev.is_reachable(self._servers)):
            return None
        import logging  # this program is a developer's

        logging.getLogger("taskbroker.producer").warning(
            "tasks of %s go to the worker that runs with --dev, as %s",
            self._application,
            f"Kafka at {self._servers} is not there" if self._servers else "no Kafka is named",
        )
        return dev.DevTransport(path)
