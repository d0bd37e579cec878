"""When schedules are due, against ``schedule.json``, and what a scheduler makes of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskbroker import App, ConfigurationError
from taskbroker.scheduler import (
    Cron,
    Entry,
    Interval,
    MemoryStore,
    RedisRunStorage,
    Scheduler,
    ScheduleRunner,
    TableStore,
    VolatileRunStorage,
    crontab,
)
from taskbroker.scheduler.store import Occurrence, Ran, RunStorageProtocol
from taskbroker.schedules import Due, occurrence_id
from taskbroker.testing import InMemoryBroker
from vectors import cases

START = datetime(2026, 3, 1, 5, 59, 30, tzinfo=UTC)


def schedule_of(given: Mapping[str, Any]) -> Cron | Interval:
    return Interval.of(given["every"]) if "every" in given else Cron(given["cron"], given["tz"])


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@pytest.mark.parametrize("case", cases("schedule.json"))
def test_schedule(case: dict[str, Any]) -> None:
    given = case["given"]
    if "error" in case:
        with pytest.raises(ConfigurationError, match=case["error"]):
            schedule_of(given).check()
    elif "next" in case:
        at = datetime.fromisoformat(given["after"])
        for expected in case["next"]:
            at = schedule_of(given).next_after(at)
            assert at.isoformat() == expected
    elif "due" in case:
        planned = instant(case["due"])
        expected = None if planned is None else Due(planned, case["missed"])
        now = datetime.fromisoformat(given["now"])
        assert schedule_of(given).due(instant(given["last"]), now) == expected
    else:
        check_keys(case, given)


def check_keys(case: dict[str, Any], given: dict[str, Any]) -> None:
    namespace, name = given["task"].split(":")
    app = App(given["application"])
    task = app.namespace(namespace).task(name)(lambda: None)
    entry = Entry(given["entry"], task, schedule_of(given))
    assert entry.schedule.id == case["schedule_id"]
    assert entry.storage_key == case["storage_key"]
    text, expected = case["occurrence"]
    assert occurrence_id(app.name, entry.storage_key, datetime.fromisoformat(text)) == expected
    assert entry.occurrence(datetime.fromisoformat(text)).activation.id == expected
    redis = FakeRedis()
    RedisRunStorage(None, redis).set(entry.storage_key, START)
    assert list(redis.values) == [case["redis_key"]]


@pytest.mark.parametrize("span", [0, "0s", 1.5, "250ms", timedelta(seconds=1, microseconds=1)])
def test_an_interval_is_whole_seconds(span: Any) -> None:
    with pytest.raises(ConfigurationError, match="whole seconds, at least 1"):
        Interval.of(span)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app() -> App:
    return App("shop", transport=InMemoryBroker())


@pytest.fixture
def broker(app: App) -> InMemoryBroker:
    transport = app._transport
    assert isinstance(transport, InMemoryBroker)
    transport.know(app)
    return transport


def scheduler_of(app: App, clock: Clock, store: Any = None) -> Scheduler:
    return Scheduler(app.schedules, store or MemoryStore(), now=clock)


def test_a_task_is_sent_with_its_arguments_when_its_minute_begins(
    app: App, broker: InMemoryBroker, clock: Clock
) -> None:
    @app.task("mail.digest")
    def digest(org_id: int, *, brief: bool) -> None:
        assert (org_id, brief) == (7, True)

    app.cron("0 6 * * *", digest, args=(7,), kwargs={"brief": True})
    scheduler = scheduler_of(app, clock)
    assert scheduler.turn() == 30
    assert broker.sent(digest).count == 0
    clock.advance(30)
    assert scheduler.turn() == 30  # the longest sleep
    sent = broker.sent(digest).one()
    assert (sent.args, sent.kwargs) == ((7,), {"brief": True})
    planned = datetime(2026, 3, 1, 6, tzinfo=UTC)
    assert sent.id == occurrence_id("shop", app.schedules[0].storage_key, planned)
    clock.advance(30)
    scheduler.turn()
    assert broker.sent(digest).count == 1


def test_an_interval_keeps_its_rhythm_when_turns_come_late(
    app: App, broker: InMemoryBroker, clock: Clock
) -> None:
    task = app.task("clean")(lambda: None)
    app.every("10s", task)
    scheduler = scheduler_of(app, clock)
    assert scheduler.turn() == 10
    clock.advance(12)
    assert scheduler.turn() == 8
    clock.advance(8)
    assert scheduler.turn() == 10
    assert broker.sent(task).count == 3


@pytest.mark.parametrize("catch_up", [False, True])
def test_what_was_missed_runs_once_or_not_at_all_and_is_said(
    app: App,
    broker: InMemoryBroker,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    catch_up: bool,
) -> None:
    task = app.task("clean")(lambda: None)
    entry = app.cron("0 * * * *", task, catch_up=catch_up)
    store = MemoryStore()
    store._last[entry.storage_key] = START - timedelta(days=2)
    clock.advance(600)
    scheduler = scheduler_of(app, clock, store)
    with caplog.at_level("INFO", "taskbroker.scheduler"):
        scheduler.turn()
        scheduler.turn()
    assert broker.sent(task).count == (1 if catch_up else 0)
    said = "made good" if catch_up else "not made good (catch_up=False)"
    assert [said in r.message for r in caplog.records] == [True]


def test_two_schedules_of_one_key_are_refused(app: App, clock: Clock) -> None:
    task = app.task("clean")(lambda n: None)
    app.every("10s", task, args=(1,))
    app.every("10s", task, args=(2,))
    with pytest.raises(ConfigurationError, match="give one of them key="):
        scheduler_of(app, clock)


def test_arguments_that_no_worker_could_take_are_refused_at_the_start(
    app: App, clock: Clock
) -> None:
    @app.task("digest")
    def digest(org_id: int) -> None: ...

    app.cron("0 6 * * *", digest, args=("seven",))
    with pytest.raises(TypeError, match="org_id must be int"):
        scheduler_of(app, clock)


class Failing(MemoryStore):
    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures
        self.tries = 0

    def run(self, occurrence: Occurrence) -> Ran:
        self.tries += 1
        if self.tries <= self.failures:
            raise ConnectionError("no Kafka")
        return super().run(occurrence)


def test_a_failure_is_tried_again_after_growing_rests_and_never_spins(
    app: App, broker: InMemoryBroker, clock: Clock
) -> None:
    task = app.task("clean")(lambda: None)
    app.every("1h", task)
    store = Failing(3)
    scheduler = scheduler_of(app, clock, store)
    waits = []
    while broker.sent(task).count == 0:
        wait = scheduler.turn()
        assert scheduler.turn() > 0  # at once again: nothing is tried
        waits.append(wait)
        clock.advance(wait)
    assert store.tries == 4
    assert 0.5 <= waits[0] <= 1 <= waits[1] <= 2 <= waits[2] <= 4


def test_a_new_term_reads_the_last_runs_anew(
    app: App, broker: InMemoryBroker, clock: Clock
) -> None:
    task = app.task("clean")(lambda: None)
    entry = app.every("1h", task)
    store = MemoryStore()
    scheduler = scheduler_of(app, clock, store)
    scheduler.turn(1)
    clock.advance(3600)
    store._last[entry.storage_key] = clock()  # another leader's run
    scheduler.turn(2)
    assert broker.sent(task).count == 1


def test_run_ends_when_it_is_told_to_and_closes_the_store(app: App) -> None:
    task = app.task("clean")(lambda: None)
    app.every("1h", task)
    closed = threading.Event()

    class Store(MemoryStore):
        def close(self) -> None:
            closed.set()

    stop = threading.Event()
    scheduler = Scheduler(app.schedules, Store())
    thread = threading.Thread(target=scheduler.run, args=(stop,))
    thread.start()
    stop.set()
    thread.join(120)
    assert closed.is_set()


class FakeRedis:
    """The commands that the storage uses, with a clock that only tests move."""

    def __init__(self) -> None:
        self.values: dict[str, tuple[str, float]] = {}
        self.now = 0.0

    def set(self, key: str, value: str, nx: bool, ex: int) -> bool | None:
        assert nx
        if self.get(key) is not None:
            return None
        self.values[key] = (value, self.now + ex)
        return True

    def get(self, key: str) -> str | None:
        value, end = self.values.get(key, (None, 0.0))
        return value if end > self.now else None

    def delete(self, key: str) -> None:
        self.values.pop(key, None)

    def pipeline(self) -> Any:
        redis = self

        class Pipeline:
            def __init__(self) -> None:
                self.keys: list[str] = []

            def get(self, key: str) -> None:
                self.keys.append(key)

            def execute(self) -> list[str | None]:
                return [redis.get(k) for k in self.keys]

        return Pipeline()


@pytest.mark.parametrize("table", [VolatileRunStorage(), RedisRunStorage(None, FakeRedis())])
def test_of_schedulers_with_one_table_one_runs_it(table: RunStorageProtocol) -> None:
    broker = InMemoryBroker()
    app = App("shop", transport=broker)
    broker.know(app)
    task = app.task("clean")(lambda: None)
    app.every("1h", task)
    for _ in range(3):
        Scheduler(app.schedules, TableStore(table)).turn()
    assert broker.sent(task).count == 1


def test_the_value_in_redis_is_the_instant_with_its_offset(app: App) -> None:
    redis = FakeRedis()
    table = RedisRunStorage(None, redis)
    before = datetime.now(UTC)
    assert table.set("k", before + timedelta(seconds=90))
    value, end = redis.values["tw:scheduler:k"]
    assert before <= datetime.fromisoformat(value) <= datetime.now(UTC)
    assert value.endswith("+00:00")
    assert 88 - (datetime.now(UTC) - before).total_seconds() <= end <= 90
    assert table.read_many(["k", "l"]) == {"k": datetime.fromisoformat(value), "l": None}
    table.delete("k")
    assert table.read("k") is None


def test_keys_of_earlier_clients_count(app: App) -> None:
    table = VolatileRunStorage()
    task = app.task("mail.clean")(lambda: None)
    entry = app.every("1h", task)
    table.set("mail:clean:3600", datetime.now(UTC) + timedelta(hours=1))
    last = TableStore(table).last_runs([entry])
    assert last == {"clean:mail:clean:3600": table.read("mail:clean:3600")}
    assert last["clean:mail:clean:3600"] is not None


def test_a_line_is_taken_back_if_the_task_could_not_be_sent(app: App) -> None:
    class Refusing(InMemoryBroker):
        def send(self, topic: str, value: bytes, key: bytes | None) -> Any:
            raise ConnectionError("no Kafka")

    app = App("shop", transport=Refusing())
    table = VolatileRunStorage()
    entry = app.every("1h", app.task("clean")(lambda: None))
    Scheduler(app.schedules, TableStore(table)).turn()
    assert table.read(entry.storage_key) is None


class TestRunner:
    """The scheduler as programs for taskbroker-client write it."""

    def test_runs_what_was_added(self, app: App, broker: InMemoryBroker) -> None:
        task = app.namespace("mail").task("clean")(lambda: None)
        runner = ScheduleRunner(app, VolatileRunStorage())
        runner.add("cr", {"task": "mail:clean", "schedule": crontab()})
        runner.add("five", {"task": "mail:clean", "schedule": timedelta(minutes=5)})
        runner.log_startup()
        minute = datetime.now(UTC).minute
        assert 0 <= runner.tick() <= 30
        assert broker.sent(task).count == 2
        runner.tick()
        if datetime.now(UTC).minute == minute:  # else the crontab may be due again
            assert broker.sent(task).count == 2

    def test_says_that_there_is_nothing_to_run(
        self, app: App, caplog: pytest.LogCaptureFixture
    ) -> None:
        runner = ScheduleRunner(app, VolatileRunStorage())
        runner.log_startup()
        assert caplog.messages == ["there is nothing to schedule"]
        assert 0 < runner.tick() <= 30

    def test_waits_after_a_last_run_that_lies_in_the_future(
        self, app: App, broker: InMemoryBroker
    ) -> None:
        later = datetime.now(UTC) + timedelta(hours=1)
        task = app.namespace("mail").task("clean")(lambda: None)

        class Ahead(VolatileRunStorage):
            def read_many(self, storage_keys: list[str]) -> dict[str, datetime | None]:
                return dict.fromkeys(storage_keys, later)

        runner = ScheduleRunner(app, Ahead())
        runner.add("a", {"task": "mail:clean", "schedule": crontab()})
        runner.add("b", {"task": "mail:clean", "schedule": timedelta(minutes=5)})
        runner.tick()
        assert broker.sent(task).count == 0

    def test_crontab_has_an_order_of_its_own(self) -> None:
        assert str(crontab("1", "2", "MON", "4", "5")) == "1 2 4 5 MON"

    @pytest.mark.parametrize(
        ("task", "schedule", "error"),
        [
            ("clean", crontab(), ValueError),
            ("a:b:c", crontab(), ValueError),
            ("mail:none", crontab(), KeyError),
            ("none:clean", crontab(), KeyError),
            ("mail:clean", "* * * * *", ValueError),
            ("mail:clean", crontab(minute="60"), ValueError),
            ("mail:clean", timedelta(milliseconds=1500), ValueError),
        ],
    )
    def test_refuses(self, app: App, task: str, schedule: Any, error: type[Exception]) -> None:
        app.namespace("mail").task("clean")(lambda: None)
        with pytest.raises(error):
            ScheduleRunner(app, VolatileRunStorage()).add("k", {"task": task, "schedule": schedule})


def test_read_many_may_be_any_mapping() -> None:
    table: RunStorageProtocol = VolatileRunStorage()
    keys: Sequence[str] = ["a"]
    assert table.read_many(list(keys)) == {"a": None}
