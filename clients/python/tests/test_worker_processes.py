"""Tasks in children of their own: how they end, and what becomes of a child in every state."""

from __future__ import annotations

import logging
import os
import re
import signal
import time
from pathlib import Path

import pytest

import worker_app as w
from taskbroker import App, ConfigurationError, Sent
from taskbroker.testing import Ended, InMemoryServer
from taskbroker.worker import Worker
from taskbroker.worker.held import Held
from taskbroker.worker.pools.processes import ProcessPool
from taskbroker.worker.record import SIZE, Record, new_memory
from workers import Running, alive, eventually, program, running, serving

pytestmark = pytest.mark.usefixtures("folder")

PROCESSES = "processes"


def ended(server: object, sent: Sent) -> str | None:
    """How the task has ended, retries included."""
    broker = server.broker  # type: ignore[attr-defined]
    for how in Ended:
        if any(call.id == sent.id for call in broker.ended(how)):
            return how.value
    return None


def test_everything_that_a_task_can_do(caplog: pytest.LogCaptureFixture) -> None:
    """One worker, all tasks at once: each ends as its policy says, none disturbs another."""
    caplog.set_level(logging.INFO)
    with serving() as server, running(server, pool=PROCESSES, concurrency=3):
        completed = [w.welcome.delay(n) for n in range(20)]
        for task in (w.exits, w.snoozes, w.once, w.late_again):
            completed.append(task.delay())
        completed += [w.coroutine.delay(1), died := w.dies.delay(3)]
        dead = (w.fails, w.gives_up, w.late, w.native, w.late_coroutine, w.dies_for_good)
        sent = {
            "completed": completed,
            "deadletter": [task.delay() for task in dead],
            "discarded": [w.dies_once.delay()],
        }
        eventually(lambda: server.broker.waiting == 0)
        for how, tasks in sent.items():
            assert [ended(server, s) for s in tasks] == [how] * len(tasks)
    assert w.notes("fails") == ["0", "1", "2"]
    assert w.notes("late") == ["cleaned up"]
    assert w.notes("late_coroutine") == ["cleaned up"]
    assert len(w.notes("dies_for_good")) == 1
    assert len(w.notes("dies_once")) == 1
    assert len(set(w.notes("exits"))) == 2  # the child that a task ended was replaced
    text = caplog.text
    assert f"mail.dies {died.id} attempt 1 of 5 failed after" in text
    assert "exited with status 3; again at once" in text
    assert re.search(r"mail\.dies \w+ attempt 2 done in", text)  # it had one, by its policy
    assert re.search(r"mail\.dies_for_good \w+ attempt 1 of 2 failed .*; not again", text)
    assert re.search(r"mail\.dies_once \w+ attempt 1 of 1 failed .*; not again", text)
    assert "DeadlineExceeded: killed 1 s after its 1 s; not again" in text
    assert "ChildDied: child" in text


def test_a_dead_child_is_reported_at_once_and_its_task_tried_again() -> None:
    with serving() as server, running(server, pool=PROCESSES, concurrency=2):
        w.dies.delay(3)
        eventually(lambda: len(w.notes("dies")) == 1)
        eventually(lambda: len(w.notes("dies")) == 2, 30)  # its deadline is after 60 s
        eventually(lambda: server.broker.waiting == 0)


def test_a_task_that_always_kills_its_child_is_tried_five_times(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serving() as server, running(server, pool=PROCESSES, concurrency=2):
        w.dies.delay(3, times=99)
        eventually(lambda: server.broker.waiting == 0)
    assert len(w.notes("dies")) == 5
    told = re.findall(r"attempt (.*) failed after .*; (.*)", caplog.text)
    again = [(f"{n} of 5", "again at once") for n in range(1, 5)]
    assert told == [*again, ("5 of 5", "not again")]


def test_a_spin_in_native_code_ends_after_its_deadline_and_its_neighbour_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with serving() as server, running(server, pool=PROCESSES, concurrency=2):
        sent = time.monotonic()
        w.native.delay()
        eventually(lambda: w.notes("native"))
        pid = int(w.notes("native")[0])
        for n in range(20):
            w.welcome.delay(n)
        eventually(lambda: len(w.notes("welcome")) == 20)
        eventually(lambda: server.broker.waiting == 0)
        assert time.monotonic() - sent > 1.9
        eventually(lambda: not alive(pid))
    assert "DeadlineExceeded: killed 1 s after its 1 s" in caplog.text


# ---------------------------------------------------------------------- several at once


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tasks children were given at once."""
    sizes: list[int] = []
    begin = ProcessPool.begin

    def counted(pool: ProcessPool, *tasks: Held) -> None:
        sizes.append(len(tasks))
        begin(pool, *tasks)

    monkeypatch.setattr(ProcessPool, "begin", counted)
    return sizes


def warm_up(server: InMemoryServer, batches: list[int]) -> int:
    """Lets the worker learn that tasks are short; returns how many it took."""
    sent = 0
    while max(batches, default=0) < 2:
        sent += 100
        for n in range(100):
            w.nothing.delay(n)
        eventually(lambda: server.broker.waiting == 0)
    return sent


def test_of_several_tasks_in_a_child_that_dies_each_runs_once_and_one_is_blamed(
    batches: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    with serving() as server, running(server, pool=PROCESSES, concurrency=1):
        warm_up(server, batches)
        with server.broker.lock:  # so that they come in one frame
            for n in range(30):
                w.welcome.delay(n)
                if n % 10 == 5:
                    died = w.dies_once.delay()
        eventually(lambda: server.broker.waiting == 0)
        assert sorted(int(line.split()[0]) for line in w.notes("welcome")) == list(range(30))
        assert len(w.notes("dies_once")) == 3
        assert ended(server, died) == "discarded"
    assert caplog.text.count("ChildDied") == 3


def test_a_long_task_keeps_no_others_waiting_in_its_child(batches: list[int]) -> None:
    with serving() as server, running(server, pool=PROCESSES, concurrency=2):
        warm_up(server, batches)
        with server.broker.lock:
            w.held.delay()
            for n in range(40):
                w.welcome.delay(n)
        eventually(lambda: len(w.notes("welcome")) == 40)
        assert w.notes("held") == []
        w.release()
        eventually(lambda: server.broker.waiting == 0)


def test_a_stop_gives_back_what_a_child_was_to_run_next(
    batches: list[int],
) -> None:
    with serving() as server:
        with running(server, pool=PROCESSES, concurrency=1, stop_timeout=0.2) as worker:
            warm_up(server, batches)
            with server.broker.lock:
                w.stubborn_until_released.delay()
                for n in range(5):
                    w.welcome.delay(n)
            eventually(lambda: w.notes("stubborn-began"))
            stopped = worker.stop()
        assert stopped.killed == 1
        assert server.broker.waiting == 6
        assert w.notes("welcome") == []


def test_what_a_dead_child_has_not_said_is_still_there() -> None:
    with new_memory() as memory:
        child, parent = Record(memory.fileno()), Record(memory.fileno())
    assert child.add(b"one")
    assert child.add(b"two")
    assert child.frames() == b"onetwo"
    child.said()
    assert child.is_empty
    assert parent.left() == (2, b"")
    child.said(1)
    assert child.add(b"four")
    assert parent.left() == (3, b"four")
    assert not child.add(b"x" * SIZE)
    assert not child.is_taken_back
    parent.is_taken_back = True
    assert child.is_taken_back
    assert parent.left() == (3, b"four")


# ---------------------------------------------------------------------- children in every state


def children(running_worker: Running) -> list[int]:
    """The pids of the children, oldest first. A child may be ready before its pid is known, and 0
    would stand for the processes of this test."""
    service = running_worker.worker._service
    (pool,) = service.engine.pools
    eventually(lambda: all(child.pid for child in list(pool._children.values())))
    return [child.pid for child in list(pool._children.values())]


def test_a_task_that_is_taken_back_is_told_so_and_not_that_the_worker_stops() -> None:
    with serving() as server, running(server, pool=PROCESSES, concurrency=1) as worker:
        w.stubborn.delay(60.0)
        eventually(lambda: w.notes("stubborn-began"))
        engine = worker.worker._service.engine
        (held,) = engine.running
        worker.worker._loop.call_soon_threadsafe(engine.leave, {held.token})
        eventually(lambda: w.notes("stubborn"))
        assert w.notes("stubborn") == ["Stopping: it was taken back"]


def test_an_idle_child_that_is_killed_is_replaced(caplog: pytest.LogCaptureFixture) -> None:
    with serving() as server, running(server, pool=PROCESSES, concurrency=1) as worker:
        (pid,) = children(worker)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: children(worker) not in ([], [pid]) and children(worker)[0])
        w.welcome.delay(1)
        eventually(lambda: server.broker.waiting == 0)
    assert "died while idle: was killed by SIGKILL (out of memory?)" in caplog.text


def test_a_busy_child_that_is_killed_is_replaced_and_its_task_tried_again() -> None:
    with serving() as server, running(server, pool=PROCESSES, concurrency=1):
        w.slow.delay(1.0)
        eventually(lambda: w.notes("slow-began"))
        os.kill(int(w.notes("slow-began")[0]), signal.SIGKILL)
        eventually(lambda: server.broker.waiting == 0)
        assert len(set(w.notes("slow-began"))) == 2
        assert w.notes("slow") == ["done"]


def test_a_child_that_dies_before_it_is_ready_is_replaced_with_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With start_method 'spawn' each child imports the app; here the import fails three times."""
    (tmp_path / "shaky_app.py").write_text(
        "import os, pathlib\n"
        "count = pathlib.Path(os.environ['WORKER_APP_FOLDER'], 'births')\n"
        "born = int(count.read_text()) + 1 if count.exists() else 0\n"
        "count.write_text(str(born))\n"
        "if 1 <= born <= 3: os._exit(7)\n"
        "from worker_app import app\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with serving() as server:
        options = {"pool": PROCESSES, "concurrency": 1, "start_method": "spawn"}
        with running(server, "shaky_app:app", **options):
            w.welcome.delay(1)
            eventually(lambda: server.broker.waiting == 0)
    assert caplog.text.count("died before its first task: exited with status 7") == 3


def test_a_child_that_leaves_is_not_missed() -> None:
    """A killed child whose successor is ready already changes nothing."""
    with serving() as server, running(server, pool=PROCESSES, concurrency=1, max_tasks=1) as worker:
        pids: set[str] = set()
        while len(pids) < 4:  # the old one goes on until the new one is ready
            w.welcome.delay(1)
            eventually(lambda: server.broker.waiting == 0)
            pids = {line.split()[1] for line in w.notes("welcome")}
        eventually(lambda: len(children(worker)) == 1)
        eventually(lambda: not any(alive(int(p)) for p in pids - {str(children(worker)[0])}))


def test_the_process_that_makes_children_may_die_too(caplog: pytest.LogCaptureFixture) -> None:
    with serving() as server, running(server, pool=PROCESSES, concurrency=1) as worker:
        service = worker.worker._service
        (pool,) = service.engine.pools
        os.kill(pool._control._pid, signal.SIGKILL)
        w.welcome.delay(1)
        eventually(lambda: server.broker.waiting == 0)
        w.dies.delay(1)
        eventually(lambda: server.broker.waiting == 0)
        assert len(w.notes("dies")) == 2
    assert "the process that makes children has ended; another one is started" in caplog.text


def test_a_death_is_judged_though_the_process_that_judges_dies_too() -> None:
    with serving() as server, running(server, pool=PROCESSES, concurrency=1) as worker:
        service = worker.worker._service
        (pool,) = service.engine.pools
        os.kill(pool._control._pid, signal.SIGSTOP)
        w.dies.delay(1)
        eventually(lambda: pool._control._asks)
        os.kill(pool._control._pid, signal.SIGKILL)
        eventually(lambda: server.broker.waiting == 0)
    assert len(w.notes("dies")) == 2


def test_a_process_that_a_task_leaves_behind_does_not_hide_its_death(tmp_path: Path) -> None:
    """It holds the child's socket open; the death is seen all the same."""
    with serving() as server, running(server, pool=PROCESSES, concurrency=1):
        w.forks_and_dies.delay()
        eventually(lambda: server.broker.waiting == 0, 40)  # it ends after 50 s
    assert len(w.notes("forks_and_dies")) == 2


# ---------------------------------------------------------------------- recycling


def test_a_child_is_replaced_after_the_task_that_made_it_too_large(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with serving() as server, running(server, pool=PROCESSES, concurrency=1, max_rss="300M"):
        w.welcome.delay(1)
        eventually(lambda: server.broker.waiting == 0)
        w.eats.delay(400)
        eventually(lambda: server.broker.waiting == 0)
        eventually(lambda: "is replaced" in caplog.text)
        time.sleep(0.1)
        w.welcome.delay(2)
        eventually(lambda: server.broker.waiting == 0)
    first, second = (line.split()[1] for line in w.notes("welcome"))
    assert first == w.notes("eats")[0]
    line = next(line for line in caplog.text.splitlines() if "is replaced" in line)
    assert "its memory has grown to 4" in line
    assert re.search(r"above 300 MB, with \S+\.eats [0-9a-f]+", line)
    assert second != first or "child 2" in caplog.text


def test_a_child_is_replaced_when_it_is_old(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with serving() as server, running(server, pool=PROCESSES, concurrency=1, max_age=0.2):
        time.sleep(0.3)
        w.welcome.delay(1)
        eventually(lambda: "s old" in caplog.text)
        eventually(lambda: server.broker.waiting == 0)


# ---------------------------------------------------------------------- starting


def test_an_app_that_cannot_be_imported_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_app.py").write_text("import taskbroker\nraise OSError('no database')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigurationError, match="no database") as caught:
        Worker("broken_app:app", brokers="127.0.0.1:1").run()
    assert "broken_app.py" in str(caught.value)
    with pytest.raises(ConfigurationError, match="there is no module 'nowhere'"):
        Worker("nowhere:app", brokers="127.0.0.1:1").run()
    with pytest.raises(ConfigurationError, match="has no app named 'apq'; it has 'app'"):
        Worker("worker_app:apq", brokers="127.0.0.1:1").run()


def test_an_app_of_this_process_needs_a_process_without_grpc() -> None:
    with pytest.raises(ConfigurationError, match="give the app by name"):
        Worker(App("here"), pool=PROCESSES, brokers="127.0.0.1:1").run()


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_children_run_tasks_however_they_are_made(how: str) -> None:
    with serving() as server, running(server, pool=PROCESSES, concurrency=2, start_method=how):
        for n in range(10):
            w.welcome.delay(n)
        eventually(lambda: server.broker.waiting == 0)
    assert sorted(int(line.split()[0]) for line in w.notes("welcome")) == list(range(10))


def test_the_parent_holds_neither_the_app_nor_its_memory(folder: Path) -> None:
    with serving() as server, program(folder, server, pool=PROCESSES, concurrency=1) as worker:
        maps = Path(f"/proc/{worker.process.pid}/maps").read_text()
        assert "cygrpc" in maps
        w.welcome.delay(1)
        eventually(lambda: server.broker.waiting == 0)
        child = int(w.notes("welcome")[0].split()[1])
        assert "cygrpc" not in Path(f"/proc/{child}/maps").read_text()
