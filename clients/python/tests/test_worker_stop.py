"""A worker as a program: signals, what is handed back, what is lost when it is killed."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

import worker_app as w
from taskbroker.testing import InMemoryServer
from workers import Program, alive, eventually, program, running, serving

CHILDREN = {"pool": "processes"}


def last_line(log: str) -> str:
    return log.strip().splitlines()[-1]


def has_come(server: InMemoryServer, tasks: int) -> None:
    """Waits until the worker has so many tasks, the last one a moment after the broker gave it."""
    eventually(lambda: len(server.broker._handed_out) == tasks)
    time.sleep(0.5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_worker_stops_at_once_with_status_0(folder: Path, number: int) -> None:
    with serving() as server, program(folder, server, **CHILDREN, concurrency=2) as worker:
        worker.signal(number)
        assert worker.wait(20) == 0  # a call that waits for tasks would go on for up to 30 s
        said = last_line(worker.log)
        assert re.search(r"stopped: 0 finished, 0 handed back, 0 killed, \d+\.\d s", said)
        assert "Traceback" not in worker.log, worker.log


def test_running_tasks_finish_and_prefetched_ones_are_handed_back(folder: Path) -> None:
    with serving() as server:
        with program(folder, server, **CHILDREN, concurrency=1, prefetch=5) as worker:
            w.held.delay()
            sent = [w.welcome.delay(n) for n in range(5)]
            eventually(lambda: w.notes("held-began"))
            has_come(server, 6)
            worker.signal(signal.SIGTERM)
            assert worker.wait() == 0
            assert "stopped: 1 finished, 5 handed back, 0 killed, " in last_line(worker.log)
        assert w.notes("held") == ["cancelled"]  # it was told, and finished all the same
        assert w.notes("welcome") == []
        with running(server, pool="processes", concurrency=1):
            eventually(lambda: len(w.notes("welcome")) == 5, 30)  # their deadline is after 60 s
        ids = [call.id for call in server.broker.completed(w.welcome)]
        assert sorted(ids) == sorted(s.id for s in sent)  # the same records: no try was used


def test_without_hand_back_what_does_not_fit_is_named(folder: Path) -> None:
    with serving(hand_back=False) as server:
        with program(folder, server, **CHILDREN, concurrency=1, prefetch=2) as worker:
            w.held.delay()
            late = w.late.delay()  # 1 s of deadline fits
            left = w.welcome.delay(1)  # 60 s do not
            eventually(lambda: w.notes("held-began"))
            has_come(server, 3)
            worker.signal(signal.SIGTERM)
            worker.wait_for("told to stop")
            w.release()
            assert worker.wait() == 0
            said = last_line(worker.log)
        assert f"left to the broker's deadline: {left.id}" in said
        assert late.id not in said
        assert w.notes("late") == ["cleaned up"] or late.id in worker.log


def test_a_task_that_does_not_finish_in_time_is_interrupted_and_runs_again(folder: Path) -> None:
    with serving() as server:
        with program(folder, server, **CHILDREN, concurrency=1, stop_timeout=1) as worker:
            w.slow.delay(60.0)
            eventually(lambda: w.notes("slow-began"))
            began = time.monotonic()
            worker.signal(signal.SIGTERM)
            assert worker.wait() == 0
            assert time.monotonic() - began > 0.9
            assert "0 finished, 0 handed back, 1 killed, " in last_line(worker.log)
        assert w.notes("slow") == []  # it did not come to its end
        again = server.broker.claim()
        assert again is not None
        assert (again.retry_state.attempts, again.retry_state.max_attempts) == (1, 2)


def test_a_task_that_cannot_be_interrupted_is_killed_and_runs_again(folder: Path) -> None:
    with serving() as server:
        with program(folder, server, **CHILDREN, concurrency=1, stop_timeout=0.5) as worker:
            w.stubborn.delay(60.0)
            eventually(lambda: w.notes("stubborn-began"))
            began = time.monotonic()
            worker.signal(signal.SIGTERM)
            assert worker.wait() == 0
            assert 2.4 < time.monotonic() - began < 40
            assert "1 killed" in last_line(worker.log)
        assert not alive(int(w.notes("stubborn-began")[0]))
        assert "Stopping: the worker stops" in w.notes("stubborn")
        assert server.broker.claim() is not None


def test_a_second_signal_interrupts_at_once(folder: Path) -> None:
    with serving() as server, program(folder, server, **CHILDREN, concurrency=1) as worker:
        w.slow.delay(60.0)
        eventually(lambda: w.notes("slow-began"))
        worker.signal(signal.SIGINT)
        worker.wait_for("told to stop; 1 task is running")
        worker.signal(signal.SIGINT)
        assert worker.wait(40) == 0  # the task would go on for 60 s
        assert "told to stop again" in worker.log
        assert "works for works: 1 process, fetches from" in worker.log


@pytest.mark.parametrize("kind", ["server", "child"])
def test_a_stop_before_the_app_is_imported_and_before_the_first_child_is_there(
    kind: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_app.py").write_text(
        "import os, pathlib, time\n"
        f"if {kind!r} in open('/proc/self/cmdline').read():\n"
        "    pathlib.Path(os.environ['WORKER_APP_FOLDER'], 'waits').touch()\n"
        "    time.sleep(60)\n"
        "from worker_app import app\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    options = {**CHILDREN, "concurrency": 1, "start_method": "spawn"}
    with serving() as server:
        worker = Program(folder, "slow_app:app", brokers=server.address, **options)
        try:
            eventually(lambda: (folder / "waits").exists())
            worker.signal(signal.SIGTERM)
            assert worker.wait(40) == 0
            assert "stopped: 0 finished" in last_line(worker.log)
        finally:
            worker.end()


def test_a_killed_worker_leaves_no_process_behind(folder: Path) -> None:
    with serving() as server, program(folder, server, **CHILDREN, concurrency=2) as worker:
        w.slow.delay(60.0)
        w.slow.delay(60.0, "other")
        eventually(lambda: w.notes("slow-began") and w.notes("other-began"))
        pids = [int(w.notes(n)[0]) for n in ("slow-began", "other-began")]
        worker.signal(signal.SIGKILL)
        worker.wait()
        eventually(lambda: not any(alive(p) for p in pids), 40)


def test_killed_children_and_workers_lose_nothing(folder: Path) -> None:
    """Under load, children and then the worker itself are killed; a second worker does the rest."""
    with serving() as server:
        sent = [w.tenth.delay(n) for n in range(300)]
        with program(folder, server, **CHILDREN, concurrency=2) as first:
            for _ in range(4):
                before = len(w.notes("tenth"))
                eventually(lambda before=before: len(w.notes("tenth")) > before + 5)
                os.kill(int(w.notes("tenth")[-1].split()[1]), signal.SIGKILL)
            first.signal(signal.SIGKILL)
            first.wait()
        server.broker.advance("2m")  # past the deadlines of what it had
        with running(server, pool="processes", concurrency=2):
            eventually(lambda: server.broker.waiting == 0)
        done = {call.id for call in server.broker.completed(w.tenth)}
        assert done == {s.id for s in sent}
        ran = sorted(int(line.split()[0]) for line in w.notes("tenth"))
        assert sorted(set(ran)) == list(range(300))
        assert len(ran) <= 300 + 4 + 2  # only what ran in a killed process may have run twice


def test_at_most_once_tasks_run_at_most_once_under_kills(folder: Path) -> None:
    with serving() as server:
        sent = [w.once_slow.delay(n) for n in range(40)]
        with program(folder, server, **CHILDREN, concurrency=2) as first:
            for _ in range(3):
                before = len(w.notes("once_slow"))
                eventually(lambda before=before: len(w.notes("once_slow")) > before + 2)
                os.kill(int(w.notes("once_slow")[-1].split()[1]), signal.SIGKILL)
            first.signal(signal.SIGKILL)
            first.wait()
        server.broker.advance("2m")  # past the deadlines of what it had
        with running(server, pool="processes", concurrency=2):
            eventually(lambda: server.broker.waiting == 0)
        ran = [line.split()[0] for line in w.notes("once_slow")]
        assert len(ran) == len(set(ran))
        assert len(ran) >= len(sent) - 4  # what a killed worker held does not begin again


def test_a_broker_that_restarts_gets_the_results_that_waited(folder: Path) -> None:
    with serving() as server, running(server, pool="processes", concurrency=2):
        for n in range(4):
            w.slow.delay(1.0, f"slow{n}")
        eventually(lambda: w.notes("slow0-began") and w.notes("slow1-began"))
        server.stop()
        eventually(lambda: w.notes("slow0") and w.notes("slow1"))
        time.sleep(0.5)
        server.start()
        eventually(lambda: server.broker.waiting == 0)
        assert len(w.notes("slow0")) == 1
