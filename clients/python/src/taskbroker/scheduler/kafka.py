"""Schedulers that need no other service than Kafka: one leads, and its last runs are records.

All schedulers of an application are a consumer group of a topic with one partition. The owner of
the partition leads. An occurrence and the record of its run are one Kafka transaction, so both are
there or neither is. A new leader takes over the transactional id first, which shuts out an old one
that still believes to lead, and then reads what ran.
"""

from __future__ import annotations

import json
import os
import random
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from taskbroker.durations import Duration, seconds
from taskbroker.errors import MissingExtra, TaskbrokerError
from taskbroker.producer.trouble import Reasons, Trouble
from taskbroker.scheduler.store import LOG, Occurrence, Ran, RunStore
from taskbroker.schedules import Entry

TOPIC = "taskbroker-schedules"

#: A leader that has died is noticed after so many seconds; the least that Kafka takes by default.
SESSION_S = 6.0

#: An open transaction of a dead leader of another application ends after this.
TRANSACTION_S = 10.0

_PATIENCE_S = 10.0
_POLL_S = 0.2

#: librdkafka's lines down to this level say why there is no connection.
_WHY = 6


class LeadError(TaskbrokerError):
    """The lead could not be taken, or was lost while an occurrence was sent."""


class KafkaStore(RunStore):
    """Leads, or waits to lead, the schedulers of one application.

    ``servers`` is a Kafka address, or several with commas. The topic is made if it is not there.
    ``settings`` are further ones of librdkafka, for consumer and producer.
    """

    def __init__(
        self,
        servers: str,
        application: str,
        *,
        topic: str = TOPIC,
        session: Duration = SESSION_S,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        try:
            import confluent_kafka
            import confluent_kafka.admin
        except ImportError:
            raise MissingExtra("kafka", "a scheduler with Kafka") from None
        self._library: Any = confluent_kafka
        # Warnings of librdkafka tell of waits that are part of every take-over.
        self._common: dict[str, Any] = {
            "bootstrap.servers": servers,
            "log_level": 3,
            **(settings or {}),
        }
        self._servers = servers
        self._trouble = Trouble(servers)
        self._application = application
        self._topic = topic
        self._session_s = seconds(session, "the session of a scheduler")
        self._last: dict[str, datetime] = {}
        self._read_to = 0
        self._assigned = False
        self._producer: Any = None
        self._term = 0
        self._failures = 0
        self._again_at = 0.0
        self._consumer: Any = None

    # ------------------------------------------------------------------ the lead

    def wait(self, timeout: float, stop: threading.Event) -> int:
        consumer = self._consumer or self._join()
        before = self._leads()
        end = time.monotonic() + timeout
        while not stop.is_set():
            left = end - time.monotonic()
            self._take(consumer.poll(min(_POLL_S, max(0.0, left))))
            if self._assigned and self._producer is None and time.monotonic() >= self._again_at:
                self._try_to_lead()
            if self._leads() != before or left <= 0:
                break
        return self._leads()

    def _leads(self) -> int:
        return self._term if self._producer is not None else 0

    def _join(self) -> Any:
        self._create_topic()
        consumer = self._library.Consumer(
            {
                **self._trouble.settings(),
                **self._common,
                "group.id": f"taskbroker-scheduler-{self._application}",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 100,
                "session.timeout.ms": int(self._session_s * 1000),
                "heartbeat.interval.ms": min(500, int(self._session_s * 250)),
                "partition.assignment.strategy": "cooperative-sticky",
            }
        )
        consumer.subscribe(
            [self._topic], on_assign=self._on_assign, on_revoke=self._on_lost, on_lost=self._on_lost
        )
        self._consumer = consumer
        return consumer

    def _create_topic(self) -> None:
        heard = Reasons()
        admin = self._admin(heard)
        new = self._library.admin.NewTopic(
            self._topic, num_partitions=1, config={"cleanup.policy": "compact"}
        )
        try:
            admin.create_topics([new], request_timeout=_PATIENCE_S)[self._topic].result(
                2 * _PATIENCE_S
            )
        except self._library.KafkaException as e:
            if e.args[0].code() != self._library.KafkaError.TOPIC_ALREADY_EXISTS:
                admin.poll(0)  # says why
                raise LeadError(
                    f"topic {self._topic} could not be made in Kafka at {self._servers}:"
                    f" {heard.reason or e.args[0].str()} (is Kafka running, and is the address"
                    " right?)"
                ) from None

    def _admin(self, heard: Reasons) -> Any:
        """Its calls tell what went wrong; its log says why, and is not shown."""
        return self._library.admin.AdminClient(
            {**heard.settings(), **self._common, "log_level": _WHY}
        )

    def _on_assign(self, _consumer: Any, partitions: list[Any]) -> None:
        if partitions:
            self._assigned = True
            self._last.clear()
            self._read_to = 0

    def _on_lost(self, _consumer: Any, partitions: list[Any]) -> None:
        if partitions:
            self._assigned = False
            if self._producer is not None:
                LOG.warning("%s: another scheduler leads from here on", self._application)
            self._producer = None

    def _try_to_lead(self) -> None:
        begun = time.monotonic()
        try:
            producer = self._new_producer()
            producer.init_transactions(_PATIENCE_S)
            shut_out = time.monotonic()
            self._read_all()
        except (self._library.KafkaException, LeadError, TimeoutError) as e:
            self._failures += 1
            rest = min(30.0, 2.0**self._failures) * (0.5 + random.random() / 2)
            self._again_at = time.monotonic() + rest
            LOG.error(
                "%s: could not take the lead (%s); again in %.0f s", self._application, e, rest
            )
            return
        if not self._assigned:
            return
        self._producer = producer
        self._failures = 0
        self._term += 1
        LOG.info(
            "%s: this scheduler leads, term %d, taken over in %.1f + %.1f s",
            self._application,
            self._term,
            shut_out - begun,
            time.monotonic() - shut_out,
        )

    def _new_producer(self) -> Any:
        return self._library.Producer(
            {
                **self._trouble.settings(),
                **self._common,
                "transactional.id": f"taskbroker-scheduler-{self._application}",
                "transaction.timeout.ms": int(TRANSACTION_S * 1000),
                "message.max.bytes": 50_000_000,
                "linger.ms": 0,
                "retry.backoff.ms": 50,
                "retry.backoff.max.ms": 200,
            }
        )

    def _read_all(self) -> None:
        """Reads up to the end that the topic has now, open transactions of others included."""
        end = self._end()
        deadline = time.monotonic() + 2 * TRANSACTION_S + _PATIENCE_S
        while self._read_to < end:
            if time.monotonic() > deadline:
                raise LeadError(f"topic {self._topic} could not be read up to offset {end}")
            self._take(self._consumer.poll(_POLL_S))
            if not self._assigned:
                raise LeadError("the partition went to another scheduler meanwhile")

    def _end(self) -> int:
        library = self._library.admin
        partition = self._library.TopicPartition(self._topic, 0)
        admin = self._admin(Reasons())  # has to live as long as its request
        asked = admin.list_offsets(
            {partition: library.OffsetSpec.latest()},
            isolation_level=self._library.IsolationLevel.READ_UNCOMMITTED,
            request_timeout=_PATIENCE_S,
        )
        return int(asked[partition].result(2 * _PATIENCE_S).offset)

    def _take(self, message: Any) -> None:
        if message is None:
            return
        error = message.error()
        if error is None:
            self._remember(message)
            self._read_to = message.offset() + 1
        elif error.code() == self._library.KafkaError._PARTITION_EOF:
            self._read_to = max(self._read_to, message.offset())
        else:
            LOG.warning("%s: %s", self._application, error.str())

    def _remember(self, message: Any) -> None:
        try:
            record = json.loads(message.value())
            if record["application"] == self._application:
                self._last[record["key"]] = datetime.fromisoformat(record["planned"])
        except (TypeError, ValueError, KeyError):
            LOG.warning("topic %s offset %d is no run", self._topic, message.offset())

    # ------------------------------------------------------------------ runs

    def last_runs(self, entries: Sequence[Entry]) -> Mapping[str, datetime | None]:
        return {e.storage_key: self._last.get(e.storage_key) for e in entries}

    def run(self, occurrence: Occurrence) -> Ran:
        producer = self._producer
        if producer is None:
            raise LeadError("this scheduler does not lead")
        try:
            producer.begin_transaction()
            producer.produce(self._topic, **self._record(occurrence))
            producer.produce(
                occurrence.entry.task.namespace.topic,
                value=occurrence.call.activation.SerializeToString(),
            )
            producer.commit_transaction(_PATIENCE_S)
        except (self._library.KafkaException, BufferError) as e:
            # Whether it was committed shows when the lead is taken again and all is read anew.
            self._producer = None
            self._again_at = time.monotonic() + 1 + random.random()
            raise LeadError(f"the transaction of {occurrence.entry.key} failed: {e}") from e
        self._last[occurrence.entry.storage_key] = occurrence.planned
        return Ran(occurrence.planned, ours=True)

    def _record(self, occurrence: Occurrence) -> dict[str, bytes]:
        key = occurrence.entry.storage_key
        record = {
            "application": self._application,
            "key": key,
            "planned": occurrence.planned.astimezone(UTC).isoformat(),
            "id": occurrence.call.activation.id,
            "by": f"{socket.gethostname()}:{os.getpid()}",
        }
        return {"key": f"{self._application}:{key}".encode(), "value": json.dumps(record).encode()}

    def close(self) -> None:
        self._producer = None
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None
