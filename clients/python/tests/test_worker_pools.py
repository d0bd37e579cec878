"""Tasks in threads and on the loop, in real time: deadlines, what cannot be ended, many at once."""

from __future__ import annotations

import logging
import time

import pytest

import worker_app as w
from taskbroker.testing import Ended
from taskbroker.worker import Worker
from workers import eventually, running, serving

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize("pool", ["threads", "async"])
def test_everything_that_a_task_can_do_in_one_process(
    pool: str, caplog: pytest.LogCaptureFixture
) -> None:
    with serving() as server, running(server, pool=pool, concurrency=4):
        for n in range(20):
            w.welcome.delay(n)
        completed = (w.snoozes, w.once, w.late_again)
        dead = (w.fails, w.gives_up, w.late_in_bytecode, w.late_coroutine)
        for task in (*completed, *dead):
            task.delay()
        w.coroutine.delay(1)
        w.exits.delay()
        eventually(lambda: server.broker.waiting == 0)
        assert all(server.broker.completed(task).count == 1 for task in completed)
        assert server.broker.completed(w.exits).count == 1
        assert all(server.broker.deadletters(task).count == 1 for task in dead)
    assert w.notes("late_in_bytecode") == ["cleaned up"]
    assert w.notes("late_coroutine") == ["cleaned up"]
    assert len({line.split()[1] for line in w.notes("welcome")}) == 1


def test_a_thousand_sleeping_coroutines_run_at_once() -> None:
    with serving() as server:
        for n in range(1000):
            w.coroutine.delay(n, 1.0)
        with running(server, pool="async", concurrency=1000):
            # 3 s on an idle machine; one after the other they would take 1000 s
            eventually(lambda: server.broker.waiting == 0, 200)
    assert len(w.notes("coroutine")) == 1000


def test_a_thread_that_does_not_end_is_left_behind_and_replaced(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serving() as server, running(server, pool="threads", concurrency=1, http=0) as worker:
        began = time.monotonic()
        w.sleeps_in_native_code.delay(14.0)
        w.welcome.delay(1)
        eventually(lambda: server.broker.waiting == 0)
        assert time.monotonic() - began > 1.9
        (pool,) = worker.worker._service.engine.pools
        assert pool.stuck == 1
        assert server.broker.ended(Ended.DEADLETTER, w.sleeps_in_native_code).count == 1
        eventually(lambda: pool.stuck == 0)
    assert "its thread is left behind and replaced" in caplog.text


def test_a_worker_whose_places_are_all_stuck_is_not_alive() -> None:
    with serving() as server, running(server, pool="threads", concurrency=1) as worker:
        health = worker.worker._service._health
        for _ in range(2):
            w.sleeps_in_native_code.delay(15.0)
        assert health.live()[0]
        eventually(lambda: not health.live()[0])
        assert "2 tasks are stuck, in 1 place\n" in health.live()[1]
        eventually(lambda: health.live()[0])


def test_coroutines_and_functions_of_one_app_run_in_pools_of_their_own() -> None:
    with serving() as server, running(server, concurrency=2) as worker:
        kinds = {pool.kind for pool in worker.worker._service.engine.pools}
        assert kinds == {"processes", "async"}
        for n in range(10):
            w.welcome.delay(n)
            w.coroutine.delay(n)
        eventually(lambda: server.broker.waiting == 0)
    functions = {line.split()[1] for line in w.notes("welcome")}
    coroutines = {line.split()[1] for line in w.notes("coroutine")}
    assert len(coroutines) == 1
    assert not functions & coroutines


def test_an_app_of_coroutines_needs_no_children() -> None:
    with serving(w.coroutines) as server, running(server, "worker_app:coroutines") as worker:
        (pool,) = worker.worker._service.engine.pools
        assert (pool.kind, pool.places) == ("async", 100)
        w.alone.delay()
        eventually(lambda: server.broker.waiting == 0)


def test_threads_stop_gently_and_hand_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with serving() as server:
        with running(server, pool="threads", concurrency=1, prefetch=2) as worker:
            w.held.delay()
            w.welcome.delay(1)
            w.welcome.delay(2)
            eventually(lambda: w.notes("held-began"))
            eventually(lambda: len(worker.worker._service.engine.waiting) == 2)
            stopped = worker.stop()
            assert (stopped.finished, stopped.handed_back, stopped.killed) == (1, 2, 0)
            assert worker.code == 0
        assert w.notes("held") == ["cancelled"]
        assert server.broker.waiting == 2


def test_threads_are_interrupted_when_the_time_to_stop_is_over() -> None:
    with serving() as server:
        with running(server, pool="threads", concurrency=1, stop_timeout=0.3) as worker:
            w.slow.delay(60.0)
            eventually(lambda: w.notes("slow-began"))
            stopped = worker.stop()
            assert stopped.killed == 1
            assert stopped.seconds < 40
        again = server.broker.claim()
        assert again is not None
        assert again.retry_state.max_attempts == 2


def test_a_worker_of_an_app_object_runs_its_threads_here() -> None:
    with serving() as server:
        worker: Worker = w.app.worker(pool="threads", concurrency=1, brokers=server.address)
        assert worker.options.pool == "threads"
        with running(server, w.app, pool="threads", concurrency=1):
            w.welcome.delay(1)
            eventually(lambda: server.broker.waiting == 0)


def test_a_task_waits_for_its_futures_and_fails_with_them() -> None:
    with serving() as server, running(server, pool="processes", concurrency=1):
        w.waits.delay("ok")
        w.waits.delay("fails")
        w.waits.delay("never")
        eventually(lambda: server.broker.waiting == 0)
        assert server.broker.completed(w.waits).count == 2
        assert server.broker.deadletters(w.waits).count == 1
    assert sorted(w.notes("waits")) == ["fails 1", "fails 2", "never 1", "ok 1"]
