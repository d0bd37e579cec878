"""What is counted, by which names, and where it goes."""

from __future__ import annotations

import socket
from typing import Any, cast

import pytest

import worker_app as w
from taskbroker._wire import messages
from taskbroker.metrics import (
    DatadogMetrics,
    MetricsBackend,
    NoOpMetricsBackend,
    SeveralMetrics,
    StatsdMetrics,
)
from taskbroker.worker.held import Done, Held
from taskbroker.worker.link import Link
from taskbroker.worker.measure import Measures

COMPLETE = messages.TASK_ACTIVATION_STATUS_COMPLETE
FAILURE = messages.TASK_ACTIVATION_STATUS_FAILURE


class Kept(NoOpMetricsBackend):
    """Keeps what it is told, as (name, value, tags)."""

    def __init__(self) -> None:
        self.told: list[tuple[str, float, dict[str, Any]]] = []

    def incr(self, name: str, value: float = 1, tags: Any = None, sample_rate: Any = None) -> None:
        self.told.append((name, value, dict(tags or {})))

    def gauge(
        self,
        name: str,
        value: float,
        instance: Any = None,
        tags: Any = None,
        sample_rate: Any = None,
        unit: Any = None,
    ) -> None:
        self.told.append((name, value, dict(tags or {})))

    def distribution(
        self, name: str, value: float, tags: Any = None, unit: Any = None, sample_rate: Any = None
    ) -> None:
        self.told.append((f"{name} in {unit}s", value, dict(tags or {})))

    def names(self) -> list[str]:
        return [name.removeprefix("taskworker.worker.") for name, _, _ in self.told]


def test_a_backend_that_counts_nothing_is_one() -> None:
    nothing = NoOpMetricsBackend()
    assert isinstance(nothing, MetricsBackend)
    nothing.incr("a")
    with nothing.timer("b"), nothing.track_memory_usage("c"):
        pass


def test_time_and_memory_of_a_block_are_counted_even_if_it_fails() -> None:
    kept = Kept()
    with pytest.raises(OSError), kept.timer("t", {"x": 1}), kept.track_memory_usage("m"):  # noqa: PT011
        raise OSError
    (memory, grown, _), (time, seconds, tags) = kept.told
    assert (memory, time, tags) == ("m in bytes", "t in seconds", {"x": 1})
    assert grown >= 0
    assert 0 <= seconds < 120


def test_several_backends_hear_each_number() -> None:
    one, two = Kept(), Kept()
    several = SeveralMetrics([one, two])
    several.incr("a", 2, {"x": 1})
    several.gauge("b", 3)
    several.distribution("c", 4, unit="second")
    assert one.told == [("a", 2, {"x": 1}), ("b", 3, {}), ("c in seconds", 4, {})]
    assert two.told == one.told


def test_statsd_gets_tags_of_the_call_over_its_own_and_a_share_of_the_calls() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(120)
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        metrics = StatsdMetrics(address, tags={"x": "own", "y": "own"})
        metrics.gauge("a", 1.5, tags={"x": "call"})
        assert listener.recv(100) == b"a:1.5|g|#x:call,y:own"
        metrics.incr("never", sample_rate=0.0)
        metrics.distribution("d", 2)
        assert listener.recv(100) == b"d:2|d|#x:own,y:own"


def test_datadogs_own_client_is_told_each_kind_of_number() -> None:
    told: list[Any] = []

    class Client:
        def __getattr__(self, kind: str) -> Any:
            return lambda name, value, **rest: told.append((kind, name, value, rest["tags"][2:]))

    metrics = DatadogMetrics("shop", client=Client())
    metrics.gauge("g", 1)
    metrics.incr("i", 2)
    metrics.distribution("d", 3, {"x": 4})
    assert told == [
        ("gauge", "g", 1, []),
        ("increment", "i", 2, []),
        ("distribution", "d", 3, ["x:4"]),
    ]


# ---------------------------------------------------------------------- the worker's


class Line:
    address = "b:1"


@pytest.mark.parametrize(
    ("done", "more"),
    [
        (Done(COMPLETE), []),
        (Done(0), ["at_most_once.skipped"]),
        (Done(FAILURE, error="UnknownTask: none"), ["unknown_task"]),
        (Done(FAILURE, error="DeadlineExceeded: late"), ["processing_deadline_exceeded"]),
        (Done(FAILURE, error="ChildDied: gone"), ["child_died"]),
        (Done(FAILURE, error="OSError: no"), []),
    ],
)
def test_each_end_of_a_task_is_counted_with_its_kind(done: Done, more: list[str]) -> None:
    kept = Kept()
    held = Held(w.welcome.call(1).activation, cast(Link, Line()), 0.0)
    Measures(kept, "pool").ended(held, done)
    ends = ["execute_task", "execution_duration in seconds"]
    assert kept.names() == [*ends, "e2e_latency in seconds", "execution_latency in seconds", *more]
    tags = {
        "processing_pool": "pool",
        "namespace": "mail",
        "taskname": "welcome",
        "taskbroker_host": "b:1",
    }
    assert kept.told[0][2] == {**tags, "status": done.name}
    assert all(t[2] == tags for t in kept.told[1:])


def test_latency_is_not_counted_for_a_task_that_does_not_say_when_it_was_sent() -> None:
    kept = Kept()
    activation = w.welcome.call(1).activation
    activation.ClearField("received_at")
    Measures(kept, "pool").ended(Held(activation, cast(Link, Line()), 0.0), Done(COMPLETE))
    assert kept.names() == ["execute_task", "execution_duration in seconds"]


def test_the_state_of_a_worker_is_gauges() -> None:
    kept = Kept()
    Measures(kept, "pool").state(running=3, places=2, waiting=1, unreported=4)
    assert {name: value for name, value, _ in kept.told} == {
        "taskworker.worker.concurrency": 2,
        "taskworker.worker.running": 3,
        "taskworker.child_tasks.size": 1,
        "taskworker.processed_tasks.size": 4,
        "taskworker.worker.occupancy": 1.0,
    }
    kept.told.clear()
    Measures(kept, "pool").state(running=0, places=0, waiting=0, unreported=0)
    assert "occupancy" not in kept.names()  # without a place it means nothing


def test_calls_to_brokers_are_counted() -> None:
    kept = Kept()
    measures = Measures(kept, "p")
    measures.fetched(came=False)
    measures.fetched_next(came=True)
    measures.rpc_error("GetTask", "UNAVAILABLE")
    measures.pushed("busy")
    measures.touched()
    measures.batch(5)
    pool = {"processing_pool": "p"}
    assert kept.told == [
        ("taskworker.client.get_task", 1, pool),
        ("taskworker.worker.fetch_task.not_found", 1, pool),
        ("taskworker.client.fetch_next", 1, {**pool, "next": "True"}),
        (
            "taskworker.client.rpc_error",
            1,
            {**pool, "method": "GetTask", "status": "UNAVAILABLE"},
        ),
        ("taskworker.worker.push_rpc", 1, {**pool, "result": "busy"}),
        ("taskworker.client.health_check.touched", 1, pool),
        ("taskworker.worker.update_status_batch_size in Nones", 5, pool),
    ]
