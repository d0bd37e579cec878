"""Tasks to Kafka by confluent-kafka."""

from __future__ import annotations

import atexit
import contextlib
import logging
import threading
import time
from concurrent.futures import Future
from typing import Any

from taskbroker.counted import counted
from taskbroker.errors import DeliveryError, MissingExtra
from taskbroker.producer.trouble import Trouble

LOG = logging.getLogger("taskbroker.producer")

#: Seconds that Kafka has for an answer about a topic.
ANSWER = 1.0

#: Seconds after which a Kafka that has just started is asked again, each time that it says so.
STARTING = (0.02, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1)

#: Seconds that a program waits at its end for what Kafka has not acknowledged.
FLUSH_AT_EXIT = 10.0

_DEFAULTS: dict[str, Any] = {
    "enable.idempotence": True,
    "compression.type": "lz4",
    "message.max.bytes": 50_000_000,
    "linger.ms": 5,
    # Doubled after each try. Half of it, 11 ms at least, is also what librdkafka lets pass between
    # its first connection, which asks who leads a topic, and the one to the leader.
    "reconnect.backoff.ms": 20,
}


class ConfluentTransport:
    """One librdkafka producer and the daemon thread that fires its callbacks.

    The producer is made at the first send: importing a module of tasks connects to nothing.
    """

    def __init__(self, servers: str, settings: dict[str, Any] | None = None) -> None:
        self._trouble = Trouble(servers)
        self._settings = {
            **_DEFAULTS,
            **self._trouble.settings(),
            "bootstrap.servers": servers,
            **(settings or {}),
        }
        self._lock = threading.Lock()
        self._producer: Any = None
        self._open: dict[int, str] = {}
        self._refused = 0

    def _made(self, topic: str) -> Any:
        with self._lock:
            if self._producer is None:
                try:
                    from confluent_kafka import Producer
                except ImportError:
                    raise MissingExtra("kafka", "sending tasks to Kafka") from None
                self._producer = Producer(self._settings)
                threading.Thread(
                    target=self._poll, args=[topic], name="taskbroker-producer", daemon=True
                ).start()
                atexit.register(self._flush_at_exit)
            return self._producer

    def _poll(self, topic: str) -> None:
        """Fires the callbacks, and lets the first task leave at once.

        An idempotent producer sends nothing before Kafka has given it a number. librdkafka asks for
        it before it is connected, and again half a second later, or when it is told of a topic
        while it has a connection. So it is told twice: by the first answer, it has one. A Kafka
        that has just started has no numbers for some milliseconds, and is asked again, too.
        """
        self._tell_of(topic, 2)
        pauses = iter(STARTING)
        while True:
            self._producer.poll(0.1)
            if self._trouble.has_said_that_it_starts():
                pause = next(pauses, None)
                if pause is not None:
                    time.sleep(pause)
                    self._tell_of(topic, 1)

    def _tell_of(self, topic: str, times: int) -> None:
        from confluent_kafka import KafkaException

        with contextlib.suppress(KafkaException):  # what is wrong is told by the callbacks
            for _ in range(times):
                self._producer.list_topics(topic, ANSWER)

    def send(self, topic: str, value: bytes, key: bytes | None) -> Future[None]:
        producer = self._made(topic)
        acknowledged: Future[None] = Future()
        acknowledged.set_running_or_notify_cancel()
        handle = id(acknowledged)

        def told(error: Any, _message: Any) -> None:
            self._open.pop(handle, None)
            if error is None:
                self._trouble.well()
                acknowledged.set_result(None)
            else:
                with self._lock:
                    self._refused += 1
                self._trouble.refused(topic, error.str())
                acknowledged.set_exception(DeliveryError(f"topic {topic}: {error.str()}"))

        self._open[handle] = topic
        try:
            self._produce(producer, topic, value, key, told)
        except BaseException:
            self._open.pop(handle, None)
            raise
        return acknowledged

    def _produce(
        self, producer: Any, topic: str, value: bytes, key: bytes | None, told: Any
    ) -> None:
        deadline = time.monotonic() + 5
        while True:
            try:
                producer.produce(topic, value=value, key=key, on_delivery=told)
                return
            except BufferError:
                if time.monotonic() > deadline:
                    raise DeliveryError(
                        f"the local queue has been full for 5 s, so a task for topic {topic} was"
                        " not taken; is Kafka reachable?"
                    ) from None
                producer.poll(0.05)

    def flush(self, timeout: float) -> int:
        if self._producer is None:
            return 0
        self._producer.flush(timeout)
        with self._lock:
            refused, self._refused = self._refused, 0
        return len(self._open) + refused

    def _flush_at_exit(self) -> None:
        self._producer.flush(FLUSH_AT_EXIT)
        left = list(self._open.values())
        if left:
            topics = ", ".join(sorted(set(left)))
            LOG.error(
                "%s for topic %s may be lost: no acknowledgement from Kafka at %s within %g s%s",
                counted(len(left), "task"),
                topics,
                self._settings["bootstrap.servers"],
                FLUSH_AT_EXIT,
                f" ({self._trouble.reason})" if self._trouble.reason else "",
            )
