"""Schedulers with Kafka alone: one leads, a killed leader is replaced, nothing runs twice."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from taskbroker import App
from taskbroker._wire import messages
from taskbroker.scheduler import KafkaStore, Scheduler
from taskbroker.scheduler.kafka import TOPIC, LeadError
from taskbroker.scheduler.store import Occurrence
from workers import FairClock

confluent = pytest.importorskip("confluent_kafka")
pytest.importorskip("confluent_kafka.admin")

PROGRAM = """
import logging, signal, sys, threading
from taskbroker import App
from taskbroker.scheduler import KafkaStore, Scheduler
logging.basicConfig(level="INFO", format="%(message)s", stream=sys.stdout)
app = App("{app}", kafka="{kafka}", topic="{app}-tasks")
app.every("1s", app.task("tick")(lambda: None))
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
Scheduler(app.schedules, KafkaStore("{kafka}", "{app}", session="{session}")).run(stop)
"""

#: As short as the Kafka of these tests allows. With the default of 6 s all takes that much longer.
SESSION_S = float(os.environ.get("TASKBROKER_TEST_SESSION_S", "1"))
#: On a machine that does much else. Less than an open transaction of a dead leader would take.
PATIENCE_S = 8.0
KILLS = int(os.environ.get("TASKBROKER_TEST_KILLS", "3"))


@pytest.fixture
def app(kafka: str, request: pytest.FixtureRequest) -> App:
    """An application with a topic of its own; leads and runs of tests do not meet."""
    name = f"{request.node.name.replace('_', '-')[:40]}-{time.time_ns()}"
    admin = confluent.admin.AdminClient({"bootstrap.servers": kafka})
    topic = f"{name}-tasks"
    admin.create_topics([confluent.admin.NewTopic(topic, 1)])[topic].result(120)
    return App(name, kafka=kafka, topic=topic)


def read(kafka: str, topic: str) -> list[Any]:
    """All committed records of a topic."""
    consumer = confluent.Consumer(
        {"bootstrap.servers": kafka, "group.id": "reader", "enable.partition.eof": True}
    )
    consumer.assign([confluent.TopicPartition(topic, 0, 0)])
    found = []
    while True:
        message = consumer.poll(120)
        assert message is not None, f"topic {topic} was not read to its end"
        if message.error() is None:
            found.append(message)
        elif message.error().code() == confluent.KafkaError._PARTITION_EOF:
            consumer.close()
            return found


def sent_ids(kafka: str, app: App) -> list[str]:
    return [
        messages.TaskActivation.FromString(m.value()).id for m in read(kafka, f"{app.name}-tasks")
    ]


def runs(kafka: str, app: App) -> list[dict[str, Any]]:
    records = [json.loads(m.value()) for m in read(kafka, TOPIC)]
    return [r for r in records if r["application"] == app.name]


class Candidate:
    """A scheduler in a process of its own."""

    def __init__(self, kafka: str, app: App, folder: Path, session: float = SESSION_S) -> None:
        self.log = folder / f"{time.time_ns()}.log"
        text = PROGRAM.format(app=app.name, kafka=kafka, session=f"{session}s")
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", text], stdout=output, stderr=subprocess.STDOUT
            )

    def leads(self) -> bool:
        return self.process.poll() is None and "this scheduler leads" in self.log.read_text()

    def has_run(self) -> bool:
        return "tick sent as" in self.log.read_text()

    def end(self, how: signal.Signals) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(120)


def leader_of(candidates: list[Candidate], patience: float = 120) -> Candidate:
    """The one that leads and has run something."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        for candidate in candidates:
            if candidate.leads() and candidate.has_run():
                return candidate
        time.sleep(0.02)
    raise AssertionError("nobody leads:\n" + "\n".join(c.log.read_text() for c in candidates))


def test_killed_leaders_are_replaced_and_nothing_runs_twice(
    kafka: str, app: App, tmp_path: Path
) -> None:
    candidates = [Candidate(kafka, app, tmp_path) for _ in range(3)]
    with FairClock() as clock:
        try:
            takeovers = []
            for _ in range(KILLS):
                leader = leader_of(candidates)
                leader.end(signal.SIGKILL)
                killed = clock.elapsed()
                candidates.remove(leader)
                leader_of(candidates)
                takeovers.append(clock.elapsed() - killed)
                candidates.append(Candidate(kafka, app, tmp_path))
            took = [f"{t:.1f}" for t in takeovers]
            print("seconds until another leader has run something:", took)
            assert max(takeovers) < SESSION_S + PATIENCE_S
        finally:
            for candidate in candidates:
                candidate.end(signal.SIGTERM)
        lost = timedelta(seconds=clock.lost())
    ids = sent_ids(kafka, app)
    recorded = runs(kafka, app)
    assert len(set(ids)) == len(ids), "an occurrence ran twice"
    assert ids == [r["id"] for r in recorded]
    assert len({r["by"] for r in recorded}) == KILLS + 1
    planned = [datetime.fromisoformat(r["planned"]) for r in recorded]
    assert all(p.timestamp() % 1 == 0 for p in planned)
    gaps = [b - a for a, b in itertools.pairwise(planned)]
    assert max(gaps) <= timedelta(seconds=SESSION_S + PATIENCE_S) + lost


def test_a_leader_that_stops_hands_over_at_once(kafka: str, app: App, tmp_path: Path) -> None:
    session = 60.0  # after which a leader that says nothing would be given up
    candidates = [Candidate(kafka, app, tmp_path, session) for _ in range(2)]
    try:
        leader = leader_of(candidates)
        leader.end(signal.SIGTERM)
        assert leader.process.returncode == 0
        stopped = time.monotonic()
        candidates.remove(leader)
        leader_of(candidates)
        assert time.monotonic() - stopped < session / 2
    finally:
        for candidate in candidates:
            candidate.end(signal.SIGKILL)


def test_an_old_leader_that_wakes_up_is_shut_out(kafka: str, app: App, tmp_path: Path) -> None:
    """It is stopped for longer than its session, and believes to lead when it goes on."""
    candidates = [Candidate(kafka, app, tmp_path) for _ in range(2)]
    try:
        old = leader_of(candidates)
        old.process.send_signal(signal.SIGSTOP)
        leader_of([c for c in candidates if c is not old])
        old.process.send_signal(signal.SIGCONT)
        wait_for_runs(kafka, app, 3)
    finally:
        for candidate in candidates:
            candidate.end(signal.SIGTERM)
    ids = sent_ids(kafka, app)
    assert len(set(ids)) == len(ids)
    assert ids == [r["id"] for r in runs(kafka, app)]


def wait_for_runs(kafka: str, app: App, more: int) -> None:
    wanted = len(runs(kafka, app)) + more
    end = time.monotonic() + 120
    while len(runs(kafka, app)) < wanted:
        assert time.monotonic() < end
        time.sleep(0.2)


class Never:
    """An event that is never set, for a store that is used in this thread."""

    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float) -> bool:
        time.sleep(timeout)
        return False


def led(kafka: str, app: App) -> KafkaStore:
    store = KafkaStore(kafka, app.name, session=f"{SESSION_S}s")
    term = 0
    end = time.monotonic() + 120
    while term == 0:
        assert time.monotonic() < end
        term = store.wait(1, Never())  # type: ignore[arg-type]
    return store


def forgetful(store: KafkaStore) -> KafkaStore:
    """The same store as a leader that has not noticed that its session has ended."""
    producer = store._producer
    store._consumer.close()
    store._producer = producer
    return store


def test_an_old_leader_that_has_noticed_nothing_cannot_send(kafka: str, app: App) -> None:
    entry = app.every("1h", app.task("tick")(lambda: None))
    old = forgetful(led(kafka, app))
    new = led(kafka, app)
    planned = datetime.now(UTC).replace(microsecond=0)
    occurrence = Occurrence(entry, planned, planned, entry.occurrence(planned))
    with pytest.raises(LeadError, match="the transaction of tick failed"):
        old.run(occurrence)
    assert sent_ids(kafka, app) == []
    assert new.run(occurrence).ours
    new.close()
    third = led(kafka, app)
    assert third.last_runs([entry])[entry.storage_key] == planned
    third.close()


def test_an_open_transaction_of_a_lost_leader_leaves_nothing(kafka: str, app: App) -> None:
    entry = app.every("1h", app.task("tick")(lambda: None))
    old = forgetful(led(kafka, app))
    old._producer.begin_transaction()
    old._producer.produce(f"{app.name}-tasks", value=b"half of it")
    old._producer.flush(120)

    new = led(kafka, app)
    assert new.last_runs([entry])[entry.storage_key] is None
    assert sent_ids(kafka, app) == []
    new.close()


def test_the_start_of_a_scheduler_reads_what_ran_before(kafka: str, app: App) -> None:
    task = app.task("tick")(lambda: None)
    app.every("1h", task)
    for _ in range(2):
        store = led(kafka, app)
        Scheduler(app.schedules, store).turn(1)
        store.close()
    assert len(sent_ids(kafka, app)) == 1
