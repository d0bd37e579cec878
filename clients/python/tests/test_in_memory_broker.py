"""The test kit: what users' tests see of their tasks, with neither Kafka nor a broker."""

from __future__ import annotations

import time
from typing import Any

import pytest

from taskbroker import (
    DEADLETTER,
    App,
    Context,
    Fail,
    Retry,
    Snooze,
    current_task,
    exponential,
)
from taskbroker.testing import Ended, InMemoryBroker

app = App("shop")
seen: list[Any] = []


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    seen.clear()


@app.task("mail.welcome")
def welcome(org_id: int, address: str) -> None:
    seen.append((org_id, address))


@app.task("mail.flaky", retry=Retry(4, on=(OSError,), backoff=exponential("1h")), then=DEADLETTER)
def flaky(ctx: Context) -> None:
    seen.append((ctx.attempt, ctx.attempts_left))
    raise OSError("no")


@app.task("mail.fails", then=DEADLETTER)
async def fails() -> None:
    raise Fail("never")


def test_what_was_sent_is_there_as_a_worker_reads_it(taskbroker: InMemoryBroker) -> None:
    welcome.options(countdown=60, key="k").delay(7, "a@b.c")

    call = taskbroker.sent(welcome).one()
    assert (call.args, call.kwargs, call.countdown, call.key) == ((7, "a@b.c"), {}, 60, b"k")
    assert taskbroker.sent(flaky).count == 0
    assert seen == []


def test_what_is_due_runs_and_what_waits_does_not(taskbroker: InMemoryBroker) -> None:
    welcome.delay(1, "now")
    welcome.options(countdown="1h").delay(2, "later")

    assert taskbroker.run() == 1
    assert seen == [(1, "now")]
    assert taskbroker.advance("59m").run() == 0
    assert taskbroker.advance("1m").run() == 1
    assert taskbroker.completed(welcome).count == 2


def test_hours_of_back_off_take_no_time(taskbroker: InMemoryBroker) -> None:
    began = time.monotonic()
    flaky.delay()

    assert taskbroker.run() == 1
    assert taskbroker.advance("59m").run() == 0
    assert taskbroker.advance("1m").run() == 1
    taskbroker.run_until_idle()

    assert seen == [(1, 3), (2, 2), (3, 1), (4, 0)]
    assert taskbroker.deadletters(flaky).count == 1
    assert len(taskbroker.errors) == 4
    assert time.monotonic() - began < 60  # of an hour and more


def test_a_coroutine_runs_to_its_end(taskbroker: InMemoryBroker) -> None:
    fails.delay()
    taskbroker.run()

    assert [str(e) for e in taskbroker.errors] == ["never"]
    assert taskbroker.deadletters(fails).count == 1


async def _from_a_loop(broker: InMemoryBroker) -> None:
    await fails.send()
    broker.run()


def test_a_coroutine_runs_also_where_a_loop_runs_already(taskbroker: InMemoryBroker) -> None:
    import asyncio

    asyncio.run(_from_a_loop(taskbroker))

    assert taskbroker.deadletters(fails).count == 1


def test_what_nobody_begins_in_time_expires(taskbroker: InMemoryBroker) -> None:
    welcome.options(expires="1m").delay(1, "late")
    taskbroker.advance("61s").run()

    assert seen == []
    assert taskbroker.ended(Ended.EXPIRED, welcome).count == 1


def test_a_snooze_uses_up_no_try(taskbroker: InMemoryBroker) -> None:
    tries: list[int] = []

    @app.task(f"snoozing.n{time.monotonic_ns()}", retry=Retry(2, on=(OSError,)))
    def sleepy(ctx: Context) -> None:
        tries.append(ctx.attempt)
        if len(tries) <= 3:
            raise Snooze("5m")
        raise OSError("awake, and broken")

    sleepy.delay()
    taskbroker.run_until_idle()

    assert tries == [1, 1, 1, 1, 2]


def test_a_task_may_send_others(taskbroker: InMemoryBroker) -> None:
    @app.task(f"chain.n{time.monotonic_ns()}")
    def first() -> None:
        assert current_task() is not None
        welcome.delay(3, "from a task")

    first.delay()

    assert taskbroker.run() == 2
    assert seen == [(3, "from a task")]
    assert current_task() is None


@pytest.mark.taskbroker(mode="fake")
def test_fake_records_only(taskbroker: InMemoryBroker) -> None:
    welcome.delay(1, "a")

    assert taskbroker.run() == 0
    assert taskbroker.sent().count == 1


@pytest.mark.taskbroker(mode="inline")
def test_inline_raises_where_it_is_called(taskbroker: InMemoryBroker) -> None:
    welcome.delay(1, "a")
    assert seen == [(1, "a")]
    with pytest.raises(OSError, match="no"):
        flaky.delay()


def test_one_task_with_a_context_of_the_tests_own(task_context: Any) -> None:
    with task_context(attempt=2, attempts_left=1), pytest.raises(OSError, match="no"):
        flaky()
    assert seen == [(2, 1)]


def test_an_app_that_the_broker_does_not_know_is_named() -> None:
    broker = InMemoryBroker()
    stranger = App("stranger", transport=broker)
    task = stranger.task("a")(lambda: None)
    with pytest.raises(AssertionError, match="'stranger'"):
        task.delay()


def test_each_of_several_apps_of_one_name_runs_its_own_tasks(taskbroker: InMemoryBroker) -> None:
    ran = []
    tasks = []
    for number in range(2):
        twin = App("twin")
        tasks.append(twin.task("mail.welcome")(lambda number=number: ran.append(number)))
        taskbroker.know(twin)

    for task in tasks:
        task.delay()
    taskbroker.run()

    assert ran == [0, 1]
    assert [taskbroker.sent(task).count for task in tasks] == [1, 1]
