"""The worker's core over brokers in memory, on a clock of the test's own."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from taskbroker import (
    DEADLETTER,
    App,
    Context,
    DeadlineExceeded,
    Fail,
    Retry,
    Snooze,
    current_task,
    exponential,
    retry_task,
)
from taskbroker._wire import messages
from taskbroker.retry import NoRetriesRemainingError
from taskbroker.testing import Ended, InMemoryBroker
from taskbroker.worker.held import Done, Held
from taskbroker.worker.link import Answer, Attempt
from taskbroker.worker.pools.loop import LoopPool
from taskbroker.worker.pools.port import Listener
from virtual import FakeBroker, Rig, run, until

COMPLETE, RETRY, FAILURE = (
    messages.TASK_ACTIVATION_STATUS_COMPLETE,
    messages.TASK_ACTIVATION_STATUS_RETRY,
    messages.TASK_ACTIVATION_STATUS_FAILURE,
)


class Shop:
    """An app whose tasks go to a broker in memory; ``ran`` is what they have done."""

    def __init__(self, **options: Any) -> None:
        self.memory = InMemoryBroker()
        self.app = App("engine", transport=self.memory, **options)
        self.memory.know(self.app)
        self.ran: list[Any] = []
        self._define()

    def _define(self) -> None:
        mail = self.app.namespace("mail", deadline=60)

        @mail.task("work")
        async def work(n: int, seconds: float = 0.0) -> None:
            await asyncio.sleep(seconds)
            self.ran.append(n)

        self.work = work


def memory_and_app() -> Shop:
    return Shop()


# ---------------------------------------------------------------------- each row of the table


def raising(error: BaseException) -> Any:
    async def task() -> None:
        raise error

    return task


ROWS: list[tuple[str, Any, Any, int, int | None, int | None]] = [
    ("returns", None, None, COMPLETE, None, None),
    ("on, tries left", Retry(3, on=(OSError,), delay=7), OSError("no"), RETRY, 3, 7),
    ("subclass of on", Retry(3, on=(OSError,)), FileNotFoundError("no"), RETRY, 3, None),
    ("asks for a retry", Retry(2), Retry.now(), RETRY, 2, 0),
    ("asks for a later retry", Retry(2), Retry.after("30s"), RETRY, 2, 30),
    ("back-off", Retry(3, on=(OSError,), backoff=exponential("4s")), OSError(), RETRY, 3, 4),
    ("no try left", Retry(1, on=(OSError,)), OSError("no"), FAILURE, None, None),
    ("another error", Retry(3, on=(OSError,)), ValueError("no"), FAILURE, None, None),
    (
        "ignored",
        Retry(3, on=(OSError,), ignore=(FileNotFoundError,)),
        FileNotFoundError(),
        FAILURE,
        None,
        None,
    ),
    ("no policy", None, OSError("no"), FAILURE, None, None),
    ("no policy, asks for a retry", None, Retry.now(), FAILURE, None, None),
    ("fails for good", Retry(3, on=(Exception,)), Fail("never"), FAILURE, None, None),
    ("snoozes", None, Snooze("5m"), RETRY, 2, 300),
    ("no Exception", None, GeneratorExit(), FAILURE, None, None),
]


@pytest.mark.parametrize("row", ROWS, ids=[r[0] for r in ROWS])
def test_what_is_reported(row: Any) -> None:
    _, policy, error, status, max_attempts, delay = row

    async def main() -> None:
        shop = Shop()
        task = shop.app.namespace("n", retry=policy).task("t")(
            raising(error) if error else shop.work.func
        )
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        task.apply_async((1,) if error is None else ())
        broker.changed()
        await until(lambda: broker.updates)
        update = broker.updates[0]
        await rig.stop()
        assert update.status == status
        assert (update.max_attempts if update.HasField("max_attempts") else None) == max_attempts
        assert (update.delay_on_retry if update.HasField("delay_on_retry") else None) == delay

    run(main())


@pytest.mark.parametrize(
    ("namespace", "taskname", "words"),
    [("mail", "other", "no task 'other'"), ("other", "work", "no namespace 'other'")],
)
def test_a_task_that_is_not_registered_fails_and_is_named(
    namespace: str, taskname: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        shop.work.delay(1)
        claimed = shop.memory.claim()
        assert claimed is not None
        claimed.namespace, claimed.taskname = namespace, taskname
        claimed.retry_state.max_attempts = 5
        rig = await Rig(shop.app, broker).start()
        assert rig.engine.credits.take()
        rig.engine.take(claimed, rig.links[0])
        await until(lambda: broker.updates)
        assert broker.updates[0].status == FAILURE
        await rig.stop()

    with caplog.at_level(logging.INFO):
        run(main())
    assert words in caplog.text
    assert f"{namespace}.{taskname}" in caplog.text


@pytest.mark.parametrize("what", ["parameters", "compression", "hook"])
def test_what_cannot_be_begun_fails_like_a_task(what: str) -> None:
    class Hook:
        def on_dispatch(self, headers: Any) -> None: ...

        def on_execute(self, headers: Any) -> Any:
            raise OSError("the hook is broken")

    async def main() -> None:
        shop = Shop(context_hooks=[Hook()] if what == "hook" else [])
        shop.work.delay(1)
        claimed = shop.memory.claim()
        assert claimed is not None
        if what == "parameters":
            claimed.parameters_bytes = b"\xc1"
        elif what == "compression":
            claimed.headers["compression-type"] = "zstd"
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        assert rig.engine.credits.take()
        rig.engine.take(claimed, rig.links[0])
        await until(lambda: broker.updates)
        assert broker.updates[0].status == FAILURE
        assert shop.ran == []
        await rig.stop()

    run(main())


def test_hooks_surround_a_task_and_see_its_headers() -> None:
    seen: list[Any] = []

    class Hook:
        def on_dispatch(self, headers: Any) -> None: ...

        @contextlib.contextmanager
        def on_execute(self, headers: dict[str, str]) -> Iterator[None]:
            seen.append(("enter", headers["x"]))
            yield
            seen.append(("leave", headers["x"]))

    async def main() -> None:
        shop = Shop(context_hooks=[Hook()])
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        shop.work.options(headers={"x": "y"}).delay(1)
        await rig.idle()
        assert seen == [("enter", "y"), ("leave", "y")]
        await rig.stop()

    run(main())


@pytest.mark.parametrize("again", [False, True])
def test_a_deadline_ends_a_coroutine_and_is_retried_if_the_policy_says_so(again: bool) -> None:
    cleaned: list[int] = []

    async def main() -> None:
        shop = Shop()
        policy = Retry(2, on=(DeadlineExceeded,)) if again else None

        @shop.app.task("mail.late", deadline=5, retry=policy)
        async def late() -> None:
            try:
                await asyncio.sleep(3600)
            except Exception:
                raise AssertionError("a task's own handler swallows its deadline") from None
            finally:
                cleaned.append(1)

        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        loop = asyncio.get_running_loop()
        began = loop.time()
        late.delay()
        broker.changed()
        await until(lambda: broker.updates)
        assert loop.time() - began == pytest.approx(5, abs=0.1)
        assert broker.updates[0].status == (RETRY if again else FAILURE)
        assert cleaned == [1]
        await rig.stop()

    run(main())


def test_a_coroutine_that_does_not_end_is_reported_and_left_behind() -> None:
    async def main() -> None:
        shop = Shop()

        @shop.app.task("mail.stubborn", deadline=5)
        async def stubborn() -> None:
            loop = asyncio.get_running_loop()
            until = loop.time() + 20
            while loop.time() < until:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(1)

        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        stubborn.delay()
        broker.changed()
        await until(lambda: broker.updates, 7)
        assert broker.updates[0].status == FAILURE
        assert rig.engine.pools[0].stuck == 1
        shop.work.delay(1)
        broker.changed()
        await rig.idle()
        assert shop.ran == [1]
        await until(lambda: rig.engine.pools[0].stuck == 0)
        await rig.stop()

    run(main())


def test_without_a_deadline_a_task_runs_as_long_as_it_likes() -> None:
    async def main() -> None:
        shop = Shop()
        remaining: list[float] = []

        @shop.app.task("mail.long")
        async def long(ctx: Context) -> None:
            remaining.append(ctx.remaining())
            await asyncio.sleep(7200)

        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        long.delay()
        claimed = shop.memory.claim()
        assert claimed is not None
        claimed.processing_deadline_duration = 0
        assert rig.engine.credits.take()
        rig.engine.take(claimed, rig.links[0])
        await asyncio.sleep(7201)
        assert broker.updates[0].status == COMPLETE
        assert remaining == [float("inf")]
        await rig.stop()

    run(main())


def test_a_retry_helper_raises_what_is_left() -> None:
    raised: list[str] = []

    async def main() -> None:
        shop = Shop()

        @shop.app.task("mail.helper", retry=Retry(2), then=DEADLETTER)
        async def helper() -> None:
            try:
                retry_task()
            except Exception as e:
                raised.append(type(e).__name__)
                raise

        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        helper.delay()
        broker.changed()
        await rig.idle()
        assert raised == ["RetryTaskError", NoRetriesRemainingError.__name__]
        assert shop.memory.deadletters(helper).count == 1
        await rig.stop()

    run(main())


def test_the_state_of_a_task_belongs_to_it_alone() -> None:
    seen: dict[int, str] = {}

    async def main() -> None:
        shop = Shop()

        @shop.app.task("mail.who")
        async def who(n: int) -> None:
            await asyncio.sleep(1)
            state = current_task()
            assert state is not None
            seen[n] = state.id

        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=3).start()
        sent = [who.delay(n) for n in range(3)]
        broker.changed()
        await rig.idle()
        assert seen == {n: s.id for n, s in enumerate(sent)}
        assert current_task() is None
        await rig.stop()

    run(main())


# ---------------------------------------------------------------------- fetching


def test_a_result_brings_the_next_task_without_another_call() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        for n in range(20):
            shop.work.delay(n)
        rig = await Rig(shop.app, broker).start()
        await rig.idle()
        assert shop.ran == list(range(20))
        assert broker.count("GetTask") <= 2  # the first, and the one that waits at the end
        assert broker.count("SetTaskStatus") == 20
        await rig.stop()

    run(main())


def test_no_more_is_taken_than_can_begin() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        for n in range(10):
            shop.work.delay(n, 5.0)
        rig = await Rig(shop.app, broker, places=2).start()
        await asyncio.sleep(1)
        assert len(rig.engine.running) == 2
        assert not rig.engine.waiting
        assert shop.memory.waiting == 10
        assert broker.polls == 0
        await rig.idle()
        await rig.stop()

    run(main())


def test_prefetch_holds_so_many_more() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        for n in range(10):
            shop.work.delay(n, 5.0)
        rig = await Rig(shop.app, broker, places=1, prefetch=3).start()
        await asyncio.sleep(1)
        assert (len(rig.engine.running), len(rig.engine.waiting)) == (1, 3)
        await rig.idle()
        assert shop.ran == list(range(10))
        await rig.stop()

    run(main())


class OneChild(LoopPool):
    """One place that takes several tasks at once, which end when the test says so."""

    longest_batch = 64
    is_parallel = True

    def __init__(self, app: App) -> None:
        super().__init__(app, 1)
        self.given: list[Held] = []
        self._told: Listener

    @property
    def free(self) -> int:
        return 0 if self.given else 1

    async def start(self, listener: Listener) -> None:
        self._told = listener

    def begin(self, *tasks: Held) -> None:
        self.given = list(tasks)

    def end_all(self) -> None:
        given, self.given = self.given, []
        self._told.ended([(held, Done(COMPLETE)) for held in given])


def test_tasks_that_are_pushed_at_once_begin_together_and_leave_their_room_at_once() -> None:
    async def main() -> None:
        shop = Shop()
        pool = OneChild(shop.app)
        rig = Rig(shop.app, FakeBroker(shop.memory), pool=pool, prefetch=5)
        engine = rig.engine
        await engine.start()

        def push(number: int) -> None:
            several = [(shop.work.call(n).activation, rig.links[0]) for n in range(number)]
            assert all(engine.credits.take() for _ in several)
            engine.take_pushed(several)

        for _ in range(60):  # by now it is known that tasks are short
            push(1)
            pool.end_all()
            await asyncio.sleep(1)
        room: list[int] = []
        engine.credits.on_room = lambda: room.append(engine.credits.open)
        push(6)
        assert len(pool.given) == 6
        assert room == [5]
        pool.end_all()

    run(main())


def test_a_prefetched_task_whose_time_is_nearly_over_is_handed_back() -> None:
    async def main() -> None:
        shop = Shop()

        @shop.app.task("mail.short", deadline=4)
        async def short() -> None:
            shop.ran.append("short")

        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=1, prefetch=1).start()
        shop.work.delay(1, 3.0)
        sent = short.delay()
        broker.changed()
        await rig.idle()
        assert broker.handed_back == [sent.id]
        assert shop.ran == [1, "short"]
        await rig.stop()

    run(main())


def test_an_idle_worker_asks_twice_a_minute_and_begins_at_once() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        loop = asyncio.get_running_loop()
        await asyncio.sleep(119)
        assert broker.count("GetTask") == 4
        began = loop.time()
        shop.work.delay(1)
        broker.changed()
        await rig.idle()
        assert loop.time() - began < 0.05
        await rig.stop()

    run(main())


def test_without_long_poll_it_asks_after_pauses_that_grow_to_a_fifth_of_a_second() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory, long_poll=False)
        rig = await Rig(shop.app, broker).start()
        await asyncio.sleep(10)
        times = broker.times("GetTask")
        gaps = [b - a for a, b in itertools.pairwise(times)]
        assert gaps[0] < 0.01
        assert all(0.14 < gap < 0.26 for gap in gaps[8:])
        shop.work.delay(1)
        await rig.idle(0.3)
        after = [t for t in broker.times("GetTask") if t > times[-1]]
        assert after[1] - after[0] < 0.02  # short pauses again after a task
        await rig.stop()

    run(main())


def test_a_broker_whose_long_poll_is_turned_off_is_not_asked_without_a_pause() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker, max_wait=0).start()
        await asyncio.sleep(10)
        assert broker.count("GetTask") < 70
        await rig.stop()

    run(main())


def test_tasks_of_another_namespace_stay_where_they_are() -> None:
    async def main() -> None:
        shop = Shop()

        @shop.app.task("other.t")
        async def other() -> None:
            shop.ran.append("other")

        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker, namespace="mail").start()
        other.delay()
        shop.work.delay(1)
        shop.work.delay(2)
        broker.changed()
        await until(lambda: shop.ran == [1, 2])
        await asyncio.sleep(60)
        assert shop.memory.waiting == 1
        await rig.stop()

    run(main())


def test_several_brokers_are_asked_at_once_and_told_of_their_own_tasks() -> None:
    async def main() -> None:
        shop = Shop()
        other = InMemoryBroker(shop.app)
        one, two = FakeBroker(shop.memory, "one:1"), FakeBroker(other, "two:1")
        rig = await Rig(shop.app, one, two, places=4).start()
        for n in range(5):
            shop.work.delay(n)
            call = shop.work.call(100 + n)
            other.send("t", call.activation.SerializeToString(), None)
        one.changed(), two.changed()
        await rig.idle(1)
        assert sorted(shop.ran) == [0, 1, 2, 3, 4, 100, 101, 102, 103, 104]
        assert (len(one.updates), len(two.updates)) == (5, 5)
        await rig.stop()

    run(main())


def test_one_place_is_shared_by_a_busy_broker_and_a_quiet_one() -> None:
    async def main() -> None:
        shop = Shop()
        quiet = InMemoryBroker(shop.app)
        one, two = FakeBroker(shop.memory, "busy:1"), FakeBroker(quiet, "quiet:1")
        for n in range(200):
            shop.work.delay(n, 0.1)
        quiet.send("t", shop.work.call(-1).activation.SerializeToString(), None)
        rig = await Rig(shop.app, one, two, places=1).start()
        await until(lambda: -1 in shop.ran)
        assert len(shop.ran) < 20  # two turns of the busy one
        await rig.stop()

    run(main())


def test_two_quiet_brokers_and_one_place_begin_within_a_fifth_of_a_second() -> None:
    async def main() -> None:
        shop = Shop()
        other = InMemoryBroker(shop.app)
        one, two = FakeBroker(shop.memory, "one:1"), FakeBroker(other, "two:1")
        rig = await Rig(shop.app, one, two, places=1).start()
        await asyncio.sleep(60)
        other.send("t", shop.work.call(1).activation.SerializeToString(), None)
        two.changed()
        await rig.idle(0.25)
        await rig.stop()

    run(main())


def test_a_broker_that_cannot_be_reached_does_not_hold_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        shop = Shop()
        dead, live = FakeBroker(InMemoryBroker(), "dead:1"), FakeBroker(shop.memory, "live:1")
        dead.unreachable = True
        rig = await Rig(shop.app, dead, live, places=1).start()
        for n in range(100):
            shop.work.delay(n, 1.0)
        live.changed()
        await until(lambda: len(shop.ran) == 100, 102)
        times = dead.times("connect")
        gaps = [b - a - 5 for a, b in itertools.pairwise(times)]
        assert gaps[0] == pytest.approx(1.1, abs=0.2)  # then 2, 4, … 20 s
        assert gaps[-1] > 15
        await rig.stop()

    run(main())
    assert caplog.text.count("broker dead:1: it cannot be reached") <= 2


def test_a_broker_that_comes_back_is_used_again() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        broker.fail = "UNAVAILABLE"
        rig = await Rig(shop.app, broker).start()
        await asyncio.sleep(60)
        broker.fail = None
        shop.work.delay(1)
        await rig.idle(30)
        await rig.stop()

    run(main())


def test_a_wrong_secret_is_said_once_a_minute_and_asked_once_a_second_at_most(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        for n in range(50):
            shop.work.delay(n, 5.0)
        rig = await Rig(shop.app, broker, places=50).start()
        await asyncio.sleep(1)
        assert len(rig.engine.running) == 50
        broker.fail = "UNAUTHENTICATED"
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.sleep(125)
        refused = [t for t, _ in broker.calls if t > began + 6]  # the 50 results came together
        assert len(refused) <= 119
        assert max(sum(a <= t < a + 1 for t in refused) for a in refused) <= 1
        assert len(rig.engine.reports.waiting) == 50
        stopped = await rig.stop()
        assert stopped.seconds <= 6
        assert len(stopped.unreported) == 50

    with caplog.at_level(logging.ERROR):
        run(main())
    said = [r for r in caplog.records if "same secrets" in r.getMessage()]
    assert 1 <= len(said) <= 3
    assert "TASKBROKER_SECRETS" in said[0].getMessage()


def test_a_broker_that_pushes_says_how_to_run_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        broker.fail = "PERMISSION_DENIED"
        rig = await Rig(shop.app, broker).start()
        await asyncio.sleep(30)
        assert broker.count("GetTask") < 8
        await rig.stop()

    run(main())
    assert "mode='push'" in caplog.text


def test_a_draining_broker_is_left_alone_for_a_while() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        broker.draining = True
        rig = await Rig(shop.app, broker).start()
        await asyncio.sleep(30)
        times = broker.times("GetTask")
        assert len(times) < 7
        assert times[1] - times[0] >= 0.8
        broker.draining = False
        shop.work.delay(1)
        await rig.idle(30)
        await rig.stop()

    run(main())


# ---------------------------------------------------------------------- reporting


@pytest.mark.parametrize("code", ["UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED"])
def test_a_result_is_kept_until_the_broker_has_it(code: str) -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        shop.work.delay(1)
        broker.fail_reports = code
        broker.changed()
        await until(lambda: shop.ran == [1])
        await asyncio.sleep(30)
        assert len(rig.engine.reports.waiting) == 1
        assert 3 <= broker.count("SetTaskStatus") <= 8
        broker.fail_reports = None
        await until(lambda: broker.updates, 25)
        assert not rig.engine.reports.waiting
        assert shop.memory.completed(shop.work).count == 1
        await rig.stop()

    run(main())


@pytest.mark.parametrize("code", ["INVALID_ARGUMENT", "NOT_FOUND"])
def test_a_result_that_is_refused_for_good_is_not_repeated(
    code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        sent = shop.work.delay(1)
        broker.fail_reports = code
        broker.changed()
        await until(lambda: shop.ran == [1])
        await asyncio.sleep(5)
        assert broker.count("SetTaskStatus") == 1
        assert not rig.engine.reports.waiting
        broker.fail_reports = None
        shop.work.delay(2)
        broker.changed()
        await until(lambda: shop.ran == [1, 2], 5)  # the credit was not lost
        await rig.stop()
        if code == "INVALID_ARGUMENT":
            assert sent.id in caplog.text

    run(main())


def test_results_are_told_in_words_with_name_id_and_try(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        shop = Shop()

        @shop.app.task("mail.flaky", retry=Retry(3, on=(OSError,), delay=12))
        async def flaky() -> None:
            await asyncio.sleep(0.41)
            raise OSError("no")

        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        sent = flaky.delay()
        shop.work.delay(1)
        broker.changed()
        await until(lambda: shop.ran)
        await rig.stop()
        line = (
            f"mail.flaky {sent.id} attempt 1 of 3 failed after 0.41 s: OSError: no; again in 12 s"
        )
        assert line in caplog.text
        assert 'raise OSError("no")' in caplog.text  # the traceback, without our own frames
        assert "execute.py" not in caplog.text
        assert "done in 0.0 s" in caplog.text

    with caplog.at_level(logging.INFO):
        run(main())


def test_a_silenced_error_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        shop = Shop()
        shop.app.namespace("n").add(
            _silent(shop.app.taskregistry.get("n"), raising(OSError("hush")))
        )
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        shop.app.get_task("n", "t").delay()
        broker.changed()
        await until(lambda: broker.updates)
        await rig.stop()
        assert broker.updates[0].status == FAILURE

    with caplog.at_level(logging.INFO):
        run(main())
    (record,) = [r for r in caplog.records if "hush" in r.getMessage()]
    assert record.levelno == logging.INFO
    assert "Traceback" not in record.getMessage()


def _silent(namespace: Any, func: Any) -> Any:
    from taskbroker import Task

    return Task("t", func, namespace, silenced_exceptions=(OSError,))


# ---------------------------------------------------------------------- stopping, in every state


def test_stop_while_idle_takes_no_time() -> None:
    async def main() -> None:
        shop = Shop()
        rig = await Rig(shop.app, FakeBroker(shop.memory)).start()
        await asyncio.sleep(5)
        stopped = await rig.stop()
        assert (stopped.finished, stopped.handed_back, stopped.killed) == (0, 0, 0)
        assert stopped.seconds < 0.3
        assert rig.brokers[0].polls == 0

    run(main())


def test_stop_lets_running_tasks_finish_and_hands_the_others_back() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=1, prefetch=5).start()
        sent = [shop.work.delay(n, 20.0) for n in range(6)]
        broker.changed()
        await asyncio.sleep(1)
        assert len(rig.engine.waiting) == 5
        stopped = await rig.stop()
        assert str(stopped).startswith("stopped: 1 finished, 5 handed back, 0 killed, 19.")
        assert broker.handed_back == [s.id for s in sent[1:]]
        assert shop.ran == [0]
        again = shop.memory.claim()
        assert again is not None
        assert again.id == sent[1].id
        assert again.retry_state.attempts == 0

    run(main())


def test_stop_without_hand_back_runs_what_fits_and_names_the_rest(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        shop = Shop()

        @shop.app.task("mail.short", deadline=10)
        async def short(n: int) -> None:
            shop.ran.append(f"short {n}")

        broker = FakeBroker(shop.memory, hand_back=False)
        rig = await Rig(shop.app, broker, places=1, prefetch=3).start()
        shop.work.delay(1, 4.0)
        short.delay(2)
        long = shop.work.delay(3, 1.0)  # has 60 s, more than the stop
        short.delay(4)
        broker.changed()
        await asyncio.sleep(1)
        stopped = await rig.stop()
        assert shop.ran == [1, "short 2", "short 4"]
        assert stopped.left == (long.id,)
        assert long.id in str(stopped)
        assert (stopped.finished, stopped.handed_back) == (3, 0)

    run(main())


def test_stop_interrupts_what_does_not_finish_in_time_without_using_a_try() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        shop.work.delay(1, 50.0)
        broker.changed()
        await asyncio.sleep(1)
        stopped = await rig.stop(timeout=10)
        assert (stopped.finished, stopped.killed) == (0, 1)
        assert stopped.seconds == pytest.approx(10, abs=0.5)
        (update,) = broker.updates
        assert (update.status, update.max_attempts, update.delay_on_retry) == (RETRY, 2, 0)
        again = shop.memory.claim()
        assert again is not None
        assert shop.work.retry is None
        assert again.retry_state.attempts - (again.retry_state.max_attempts - 1) == 0

    run(main())


def test_stop_leaves_an_interrupted_at_most_once_task_to_the_broker() -> None:
    async def main() -> None:
        shop = Shop()

        @shop.app.task("mail.once", at_most_once=True, deadline=60)
        async def once() -> None:
            await asyncio.sleep(50)

        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        once.delay()
        broker.changed()
        await asyncio.sleep(1)
        stopped = await rig.stop(timeout=5)
        assert stopped.killed == 1
        assert broker.updates == []

    run(main())


def test_stop_leaves_behind_what_does_not_let_itself_be_ended() -> None:
    async def main() -> None:
        shop = Shop()

        @shop.app.task("mail.stubborn", deadline=60)
        async def stubborn() -> None:
            loop = asyncio.get_running_loop()
            end = loop.time() + 40
            while loop.time() < end:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(1)

        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        stubborn.delay()
        broker.changed()
        await asyncio.sleep(1)
        stopped = await rig.stop(timeout=5)
        assert stopped.killed == 1
        assert stopped.seconds < 10
        assert broker.updates[0].status == RETRY
        await asyncio.sleep(60)

    run(main())


def test_a_second_signal_does_not_wait_for_running_tasks() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        shop.work.delay(1, 50.0)
        broker.changed()
        await asyncio.sleep(1)
        stop = rig.stopper()
        job = asyncio.create_task(stop.run())
        await asyncio.sleep(2)
        stop.hurry()
        stopped = await job
        assert stopped.killed == 1
        assert stopped.seconds == pytest.approx(2, abs=0.2)

    run(main())


def test_stop_takes_the_task_that_a_call_under_way_brings_and_hands_it_back() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory, long_poll=False)
        broker.latency = 0.1
        rig = await Rig(shop.app, broker).start()
        await until(lambda: rig.fetchers[0][0].called_at is not None)
        sent = shop.work.delay(1)
        stopped = await rig.stop()
        assert stopped.handed_back == 1
        assert broker.handed_back == [sent.id]
        assert shop.ran == []

    run(main())


def test_stop_takes_the_task_that_a_report_under_way_brings_and_hands_it_back() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        shop.work.delay(1, 1.0)
        second = shop.work.delay(2)
        broker.changed()
        await asyncio.sleep(0.5)
        broker.latency = 0.1
        await until(lambda: rig.engine.reports.waiting)
        stopped = await rig.stop()
        assert broker.handed_back == [second.id]
        assert stopped.handed_back == 1
        assert shop.ran == [1]

    run(main())


def test_a_task_that_a_report_has_brought_is_handed_back_by_the_attempt_that_is_found_then() -> (
    None
):
    class Broker(FakeBroker):
        """Tokens of tasks that come with reports are 77, and told to those who ask."""

        asked = 0
        attempts: list[Attempt]

        async def set_status(self, update: messages.SetTaskStatusRequest) -> Answer:
            answer = await super().set_status(update)
            return answer._replace(find_token=self.find)

        async def find(self) -> int:
            self.asked += 1
            return 77

        async def hand_back(self, attempts: Sequence[Attempt]) -> list[bool]:
            self.attempts = list(attempts)
            return await super().hand_back(attempts)

    async def main() -> None:
        shop = memory_and_app()
        broker = Broker(shop.memory)
        rig = await Rig(shop.app, broker, prefetch=1).start()
        for n in range(20):
            shop.work.delay(n)
        shop.work.delay(20, 30.0)
        waits = shop.work.delay(21, 30.0)
        broker.changed()
        await until(lambda: len(rig.engine.running) == len(rig.engine.waiting) == 1)
        assert broker.asked == 0
        await rig.stop()
        assert broker.attempts == [(waits.id, 77)]

    run(main())


def test_stop_while_results_wait_for_a_broker_that_comes_back() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        shop.work.delay(1)
        broker.fail_reports = "UNAVAILABLE"
        broker.changed()
        await until(lambda: shop.ran)
        asyncio.get_running_loop().call_later(1, setattr, broker, "fail_reports", None)
        stopped = await rig.stop()
        assert stopped.unreported == ()
        assert shop.memory.completed(shop.work).count == 1

    run(main())


def test_stop_names_results_that_nobody_takes() -> None:
    async def main() -> None:
        shop = Shop()
        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        sent = shop.work.delay(1)
        broker.fail_reports = "UNAVAILABLE"
        broker.changed()
        await until(lambda: shop.ran)
        stopped = await rig.stop()
        assert stopped.unreported == (sent.id,)
        assert f"results not acknowledged: {sent.id}" in str(stopped)
        assert stopped.seconds < 6
        rig.engine.reports.give_up()

    run(main())


def test_stop_with_a_broker_that_cannot_be_reached_takes_no_time() -> None:
    async def main() -> None:
        broker = FakeBroker(InMemoryBroker())
        broker.unreachable = True
        rig = await Rig(Shop().app, broker).start()
        await asyncio.sleep(20)
        stopped = await rig.stop()
        assert stopped.seconds < 0.3

    run(main())


def test_a_running_task_learns_that_the_worker_stops() -> None:
    seen: list[bool] = []

    async def main() -> None:
        shop = Shop()

        @shop.app.task("mail.polite", deadline=60)
        async def polite(ctx: Context) -> None:
            while not ctx.cancelled:
                await asyncio.sleep(0.1)
            seen.append(True)
            raise Snooze(0)

        broker = FakeBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        polite.delay()
        broker.changed()
        await asyncio.sleep(5)
        stopped = await rig.stop()
        assert (stopped.finished, stopped.killed) == (1, 0)
        assert stopped.seconds < 0.5
        assert seen == [True]
        assert shop.memory.ended(Ended.COMPLETED).count == 0
        assert shop.memory.waiting == 1

    run(main())
