"""Defining tasks and calling them."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import enum
import subprocess
import sys
import uuid
from concurrent.futures import Future
from decimal import Decimal
from typing import Any, TypedDict

import pytest

from taskbroker import (
    DEADLETTER,
    App,
    ArgumentsError,
    ConfigurationError,
    Context,
    DeliveryError,
    Retry,
    Sent,
)
from taskbroker._wire import messages
from taskbroker.task import new_id


class Kept:
    """A transport that keeps what it is given, and answers as it is told."""

    def __init__(self) -> None:
        self.values: list[tuple[str, messages.TaskActivation, bytes | None]] = []
        self.error: Exception | None = None
        self.silent = False

    def send(self, topic: str, value: bytes, key: bytes | None) -> Future[None]:
        self.values.append((topic, messages.TaskActivation.FromString(value), key))
        done: Future[None] = Future()
        if self.error:
            done.set_exception(self.error)
        elif not self.silent:
            done.set_result(None)
        return done

    def flush(self, timeout: float) -> int:
        return 0

    def only(self) -> messages.TaskActivation:
        ((_, activation, _),) = self.values
        return activation


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def app(kept: Kept) -> App:
    return App("shop", transport=kept)


def test_a_call_says_on_the_wire_what_it_is(app: App, kept: Kept) -> None:
    @app.task("mail.welcome")
    def welcome(org_id: int, address: str) -> None: ...

    sent = welcome.delay(7, address="a@b.c")

    activation = kept.only()
    assert sent.id == activation.id
    assert len(sent.id) == 32
    assert (activation.namespace, activation.taskname) == ("mail", "welcome")
    assert activation.application == "shop"
    assert activation.processing_deadline_duration == 10
    assert not activation.HasField("expires")
    assert not activation.HasField("delay")
    assert activation.retry_state.max_attempts == 1
    assert activation.retry_state.HasField("at_most_once")
    assert kept.values[0][0] == "taskworker"
    assert welcome.decode(activation) == ([7, "a@b.c"], {})


def test_options_of_a_call_travel(app: App, kept: Kept) -> None:
    @app.task("welcome")
    def welcome(n: int) -> None: ...

    welcome.options(countdown="2m", expires=60, headers={"x": True}, key="org-7").delay(1)

    activation = kept.only()
    assert (activation.delay, activation.expires) == (120, 60)
    assert dict(activation.headers) == {"x": "True"}
    assert kept.values[0][2] == b"org-7"


def test_an_option_that_does_not_exist_is_refused_with_the_one_meant(app: App, kept: Kept) -> None:
    @app.task("welcome")
    def welcome(n: int) -> None: ...

    with pytest.raises(TypeError, match="did you mean 'countdown'"):
        welcome.options(contdown=60)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="no option 'contdown'"):
        welcome.apply_async((1,), contdown=60)  # type: ignore[call-arg]
    assert kept.values == []


@pytest.mark.parametrize(
    ("args", "kwargs", "words"),
    [
        ((), {}, "missing a required argument: 'org_id'"),
        ((1, "a", 3), {}, "too many positional arguments"),
        ((1,), {"adress": "a"}, "unexpected keyword argument 'adress'"),
        (("1",), {}, "org_id must be int, was str '1'"),
        ((True,), {}, "org_id must be int, was bool True"),
    ],
)
def test_a_wrong_call_is_refused_where_it_is_made(
    app: App, kept: Kept, args: Any, kwargs: Any, words: str
) -> None:
    @app.task("welcome")
    def welcome(org_id: int, address: str = "") -> None: ...

    with pytest.raises(ArgumentsError, match=words):
        welcome.delay(*args, **kwargs)
    assert kept.values == []


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Item:
    sku: uuid.UUID
    price: Decimal
    tags: list[str]


class Extra(TypedDict, total=False):
    when: dt.datetime


def test_annotated_values_come_back_as_they_were_sent(app: App, kept: Kept) -> None:
    @app.task("order")
    def order(
        item: Item,
        colour: Colour,
        size: tuple[int, float],
        due: dt.date | None = None,
        extra: Extra | None = None,
        wait: dt.timedelta = dt.timedelta(0),
    ) -> None: ...

    item = Item(uuid.UUID(int=7), Decimal("1.10"), ["a"])
    when = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    order.delay(
        item,
        Colour.RED,
        (1, 2),
        due=dt.date(2026, 1, 2),
        extra={"when": when},
        wait=dt.timedelta(minutes=1),
    )

    args, kwargs = order.decode(kept.only())
    assert [*args, kwargs] == [
        item,
        Colour.RED,
        (1, 2.0),
        dt.date(2026, 1, 2),
        {"when": when},
        dt.timedelta(minutes=1),
        {},
    ]


def test_a_context_is_no_part_of_the_call(app: App, kept: Kept) -> None:
    @app.task("seen")
    def seen(ctx: Context, n: int) -> int:
        return n if ctx.attempt == 1 else 0

    seen.delay(5)

    assert seen.decode(kept.only()) == ([5], {})
    assert seen(5) == 5


def test_delivered_raises_what_kafka_said(app: App, kept: Kept) -> None:
    @app.task("welcome")
    def welcome() -> None: ...

    assert isinstance(welcome.delay().delivered(), Sent)
    kept.error = DeliveryError("topic taskworker: unknown topic")
    with pytest.raises(DeliveryError, match="unknown topic"):
        welcome.delay().delivered()
    kept.error, kept.silent = None, True
    with pytest.raises(DeliveryError, match=r"did not acknowledge task .* within 10ms"):
        welcome.delay().delivered("10ms")


def test_send_awaits_the_acknowledgement(app: App, kept: Kept) -> None:
    @app.task("welcome")
    async def welcome(n: int) -> None: ...

    async def both() -> Sent:
        return await welcome.send(1)

    assert asyncio.run(both()).topic == "taskworker"
    kept.error = DeliveryError("no")
    with pytest.raises(DeliveryError):
        asyncio.run(both())


def test_a_name_is_taken_once(app: App) -> None:
    app.task("a.b")(print)
    with pytest.raises(ConfigurationError, match=r"task a:b is registered already"):
        app.task("a:b")(print)
    with pytest.raises(ConfigurationError, match="namespace 'a' exists already"):
        app.namespace("a")
    with pytest.raises(ConfigurationError, match="belongs to the brokers"):
        app.namespace("internal")


@pytest.mark.parametrize("name", ["", ":b", "a:", "a."])
def test_a_bad_name_is_refused(app: App, name: str) -> None:
    with pytest.raises(ConfigurationError):
        app.task(name)


def test_a_policy_travels(app: App, kept: Kept) -> None:
    mail = app.namespace("mail", retry=Retry(3, on=(OSError,), delay=7), deadline="20s")

    @mail.task("welcome", then=DEADLETTER)
    def welcome() -> None: ...

    welcome.delay()

    state = kept.only().retry_state
    assert (state.max_attempts, state.delay_on_retry) == (3, 7)
    assert state.on_attempts_exceeded == messages.ON_ATTEMPTS_EXCEEDED_DEADLETTER
    assert not state.HasField("at_most_once")
    assert kept.only().processing_deadline_duration == 20


def test_at_most_once_excludes_a_policy(app: App, kept: Kept) -> None:
    @app.task("once", at_most_once=True)
    def once() -> None: ...

    once.delay()

    assert kept.only().retry_state.at_most_once
    with pytest.raises(ConfigurationError, match="cannot both run at most once and be tried"):
        app.task("both", at_most_once=True, retry=Retry(2))(lambda: None)
    with pytest.raises(ConfigurationError, match="it takes no 'then'"):
        app.task("then", at_most_once=True, then=DEADLETTER)(lambda: None)
    mail = app.namespace("mail", retry=Retry(2))
    assert mail.task("once", at_most_once=True)(lambda: None).retry is None


def test_large_arguments_are_compressed(app: App, kept: Kept) -> None:
    @app.task("large")
    def large(data: bytes) -> None: ...

    large.delay(b"x" * 3_000_001)

    activation = kept.only()
    assert activation.headers["compression-type"] == "zstd"
    assert len(activation.parameters_bytes) < 100_000
    assert large.decode(activation) == ([b"x" * 3_000_001], {})


def test_without_kafka_the_first_send_says_what_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TASKBROKER_KAFKA", raising=False)
    task = App("lonely").task("a")(lambda: None)
    with pytest.raises(ConfigurationError, match="TASKBROKER_KAFKA"):
        task.delay()


def test_importing_costs_neither_grpc_nor_kafka_nor_asyncio() -> None:
    program = (
        "import sys, taskbroker\n"
        "heavy = {'grpc', 'confluent_kafka', 'asyncio', 'multiprocessing', 'arroyo'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    assert out.strip() == "[]"


def test_ids_are_random_uuids() -> None:
    for _ in range(100):
        text = new_id()
        number = uuid.UUID(text)
        assert (number.hex, number.version, number.variant) == (text, 4, uuid.RFC_4122)
