"""A worker, its children and the broker are killed under load: nothing is lost, nothing that is at
most once runs twice. ``./taskbroker prove clientkills`` does the same for longer, and kills Kafka.
And an operator ends one task.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from broker_process import BrokerProcess
from worker_app import notes
from workers import Program, eventually

confluent = pytest.importorskip("confluent_kafka")
pytest.importorskip("confluent_kafka.admin")

TASKS = 120

#: Tasks that end between two kills, so that each kill meets work.
BETWEEN = 8


@pytest.fixture
def topic(kafka: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A topic of the test's own, which ``kill_app`` sends to."""
    name = f"kills-{time.time_ns()}"
    admin = confluent.admin.AdminClient({"bootstrap.servers": kafka})
    made = admin.create_topics([confluent.admin.NewTopic(t, 1) for t in (name, f"{name}-dlq")])
    for future in made.values():
        future.result(120)
    monkeypatch.setenv("KILL_APP_KAFKA", kafka)
    monkeypatch.setenv("KILL_APP_TOPIC", name)
    monkeypatch.delitem(sys.modules, "kill_app", raising=False)  # it reads them when imported
    return name


def under_way() -> None:
    """Waits until more tasks have ended."""
    before = len(notes("kept"))
    eventually(lambda: len(notes("kept")) >= before + BETWEEN)


def ended() -> set[int]:
    """The tasks that have ended, of those that run at least once."""
    return {int(line) for line in notes("kept")}


def kill_child() -> None:
    """Kills a child in the middle of a task."""

    def at_work() -> list[str]:
        over = ended()
        return [line for line in notes("kept-began")[-2:] if int(line.split()[0]) not in over]

    found: list[str] = []
    eventually(lambda: found.extend(at_work()) or found)
    os.kill(int(found[-1].split()[1]), signal.SIGKILL)


def test_a_worker_children_and_the_broker_are_killed_and_nothing_is_lost(
    folder: Path, kafka: str, topic: str
) -> None:
    kill_app = importlib.import_module("kill_app")
    broker = BrokerProcess(folder, kafka, topic)

    def start_worker() -> Program:
        return Program(folder, "kill_app:app", brokers=broker.address, concurrency=2)

    broker.start()
    worker = start_worker()
    try:
        sent = [t.delay(n) for n in range(TASKS) for t in (kill_app.kept, kill_app.once)]
        for task in sent:
            task.delivered("120s")
        for _ in range(3):
            under_way()
            kill_child()
        under_way()
        worker.signal(signal.SIGKILL)
        worker.wait()
        worker = start_worker()
        under_way()
        broker.kill()
        broker.start()
        under_way()
        kill_child()
        # A retry is in Kafka alone for a while: a store that holds nothing does not say it all.
        eventually(lambda: ended() == set(range(TASKS)), what=f"all have ended: {folder}")
        eventually(lambda: broker.stored() == 0, what=f"nothing is left: {folder}")
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 0, worker.log
        assert broker.stop() == 0, broker.log
    finally:
        worker.end()
        broker.end()
    assert ended() == set(range(TASKS))
    begun = notes("once")
    assert len(begun) == len(set(begun))
    assert " ERROR " not in broker.log


@pytest.mark.parametrize("pool", ["processes", "threads"])
def test_a_task_that_an_operator_cancels_ends_at_its_worker(
    folder: Path, kafka: str, topic: str, pool: str
) -> None:
    kill_app = importlib.import_module("kill_app")
    broker = BrokerProcess(folder, kafka, topic)
    broker.start()
    worker = Program(folder, "kill_app:app", brokers=broker.address, concurrency=1, pool=pool)
    try:
        sent = kill_app.lasts.delay(1)
        sent.delivered("120s")
        eventually(lambda: notes("lasts-began"), what=f"it runs: {folder}")
        broker.cancel(sent.id)
        worker.wait_for(f"kills.lasts {sent.id} attempt 1 of 1 was taken from this worker")
        assert notes("lasts-cancelled") == ["1"]
        kill_app.kept.delay(2).delivered("120s")
        eventually(lambda: notes("kept") == ["2"], what=f"its place is free: {folder}")
        eventually(lambda: broker.stored() == 0)
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 0, worker.log
    finally:
        worker.end()
        broker.end()
