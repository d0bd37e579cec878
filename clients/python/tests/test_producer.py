"""What a program is told at its end of tasks that Kafka has not acknowledged."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import time
from typing import Any

import pytest

from taskbroker.errors import DeliveryError
from taskbroker.producer.confluent import STARTING, ConfluentTransport
from taskbroker.producer.trouble import Trouble
from taskbroker.seldom import SAY_EVERY
from workers import eventually

confluent = pytest.importorskip("confluent_kafka")

PROGRAM = """
import logging
from taskbroker import App
from taskbroker.producer import confluent
logging.basicConfig(format="%(message)s")
logging.getLogger("taskbroker").propagate = True
confluent.FLUSH_AT_EXIT = 0.5
app = App("shop", kafka="127.0.0.1:1")
task = app.task("a")(lambda: None)
print(task.delay())
"""


def test_a_script_names_what_was_not_acknowledged_when_it_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith("Sent(id=")
    assert (
        "1 task for topic taskworker may be lost: no acknowledgement from Kafka at 127.0.0.1:1"
        " within 0.5 s" in done.stderr
    )


@pytest.mark.parametrize(
    ("asks", "says"),
    [
        ("task.delay().delivered('0.5s')", "DeliveryError: Kafka did not acknowledge task "),
        ("raise SystemExit(1 if app.flush('0.5s') else 0)", "1 task for topic taskworker may be"),
        ("import asyncio; asyncio.run(asyncio.wait_for(task.send(), 0.5))", "TimeoutError"),
    ],
)
def test_a_script_that_asks_whether_kafka_has_its_tasks_fails(asks: str, says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{PROGRAM}\n{asks}"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert says in done.stderr


class Said:
    """An error of librdkafka."""

    def __init__(self, name: str, text: str = "") -> None:
        self._name, self._text = name, text

    def name(self) -> str:
        return self._name

    def str(self) -> str:
        return self._text


REFUSED = Said(
    "_TRANSPORT",
    "k:9092/bootstrap: Connect to ipv4#10.0.0.1:9092 failed: Connection refused"
    " (after 0ms in state CONNECT)",
)
ALL_DOWN = Said("_ALL_BROKERS_DOWN", "1/1 brokers are down")


def test_a_kafka_that_is_away_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = [1000.0]
    trouble = Trouble("k:9092", lambda: now[0])
    trouble.failed(REFUSED)
    assert caplog.messages == []  # another one may be there
    trouble.failed(ALL_DOWN)
    trouble.failed(ALL_DOWN)
    now[0] += SAY_EVERY - 1
    trouble.failed(ALL_DOWN)
    (message,) = caplog.messages
    assert message.startswith(
        "Kafka at k:9092 cannot be used: Connect to ipv4#10.0.0.1:9092 failed: Connection refused."
    )
    now[0] += 1
    trouble.failed(ALL_DOWN)
    assert len(caplog.messages) == 2


def test_an_idle_connection_that_is_closed_is_no_trouble_until_no_other_can_be_made(
    caplog: pytest.LogCaptureFixture,
) -> None:
    closed = Said("_TRANSPORT", "k:9092/1: Disconnected (after 600001ms in state UP)")
    trouble = Trouble("k:9092")
    trouble.failed(REFUSED)  # long ago
    trouble.failed(closed)
    trouble.failed(ALL_DOWN)
    assert caplog.messages == []
    assert trouble.reason == ""
    trouble.failed(REFUSED)
    (message,) = caplog.messages
    assert "Connection refused" in message
    trouble.well()
    assert trouble.reason == ""


FIRST = "127.0.0.1:80/bootstrap: "
BAD_ANSWER = (
    f"{FIRST}Receive failed: Invalid response size 1397966893 (0..100000000): increase"
    " receive.message.max.bytes (after 0ms in state APIVERSION_QUERY)"
)
HUNG_UP = (
    f"{FIRST}Disconnected: connection closed by peer: receive 0 after POLLIN"
    " (after 24ms in state APIVERSION_QUERY)"
)
TIMED_OUT = (
    f"{FIRST}ApiVersionRequest failed: Local: Timed out: probably due to broker version < 0.10"
    " (see api.version.request configuration) (after 5038ms in state APIVERSION_QUERY)"
)


def line(trouble: Trouble, kind: str, text: str) -> None:
    """A line of librdkafka, as its client for Python hands it on."""
    words = (kind, "rdkafka#producer-1", f"[thrd:127.0.0.1:80/bootstrap]: {text}")
    trouble.log(logging.WARNING, "%s [%s] %s", *words)


@pytest.mark.parametrize(
    ("text", "does"),
    [
        (HUNG_UP, "hangs up without a word"),
        (TIMED_OUT, "says nothing"),
        (BAD_ANSWER, "answers in another protocol"),
    ],
)
def test_what_is_no_kafka_is_told_once_a_minute_by_what_it_does(
    caplog: pytest.LogCaptureFixture, text: str, does: str
) -> None:
    trouble = Trouble("127.0.0.1:80")
    for _ in range(3):
        line(trouble, "FAIL", text)
        if text is BAD_ANSWER:  # the only one that is an error, too
            trouble.failed(Said("_BAD_MSG", text))
        line(trouble, "REQTMOUT", f"{FIRST}Timed out 1 in-flight, 0 retry-queued")
        trouble.failed(ALL_DOWN)
    (message,) = caplog.messages
    told = f"Kafka at 127.0.0.1:80 cannot be used: what listens at 127.0.0.1:80 {does}: it is no"
    assert message.startswith(told)


def test_of_several_addresses_it_is_told_which_is_no_kafka(
    caplog: pytest.LogCaptureFixture,
) -> None:
    trouble = Trouble("k:9092,[::1]:80")
    trouble.failed(REFUSED)
    trouble.failed(ALL_DOWN)
    line(trouble, "FAIL", HUNG_UP.replace("127.0.0.1", "ssl://[::1]"))
    assert trouble.reason.startswith("what listens at [::1]:80 hangs up")
    assert len(caplog.messages) == 1


def test_requests_of_a_kafka_that_time_out_are_told(caplog: pytest.LogCaptureFixture) -> None:
    line(Trouble("k:9092"), "REQTMOUT", "k:9092/1: Timed out 1 in-flight, 0 retry-queued")
    assert len(caplog.messages) == 1


def test_other_errors_of_kafkas_client_are_told_each(caplog: pytest.LogCaptureFixture) -> None:
    trouble = Trouble("k:9092")
    trouble.failed(
        Said("_AUTHENTICATION", "k:9092/1: SASL: no such user (after 3ms in state AUTH)")
    )
    trouble.failed(Said("_FATAL", "out of sequence"))
    refused, fatal = caplog.messages
    assert refused.startswith("Kafka at k:9092 cannot be used: SASL: no such user. ")
    assert fatal == "Kafka's client for k:9092: _FATAL, out of sequence"


def test_lines_of_librdkafka_that_repeat_its_errors_are_for_debugging(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    trouble = Trouble("k:9092")
    trouble.log(logging.ERROR, "%s [%s] %s", "FAIL", "rdkafka#producer-1", "refused")
    trouble.log(logging.WARNING, "%s [%s] %s", "CONFWARN", "rdkafka#producer-1", "no such setting")
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [
        ("DEBUG", "FAIL [rdkafka#producer-1] refused"),
        ("WARNING", "CONFWARN [rdkafka#producer-1] no such setting"),
    ]


def test_a_kafka_that_has_just_started_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    trouble = Trouble("k:9092")
    trouble.log(
        logging.WARNING, "%s [%s] %s", "GETPID", "p", "Coordinator load in progress: retrying"
    )
    assert caplog.messages == []
    trouble.log(logging.WARNING, "%s [%s] %s", "GETPID", "p", "not authorized: retrying")
    assert len(caplog.messages) == 1


class Librdkafka:
    """A producer that acknowledges what it was given once Kafka has given it a number: when it was
    told so often of a topic, twice at least. Until then Kafka says that it starts."""

    def __init__(self, told: int = 2, is_away: bool = False, refuses: str = "") -> None:
        self.asked: list[str] = []
        self.polls = 0
        self._told = told
        self._is_away = is_away
        self._refused = Said("_REFUSED", refuses) if refuses else None
        self._open: list[Any] = []
        self._settings: dict[str, Any] = {}

    def made(self, settings: dict[str, Any]) -> Librdkafka:
        self._settings = settings
        return self

    def list_topics(self, topic: str, timeout: float) -> None:
        self.asked.append(topic)
        if self._is_away:
            raise confluent.KafkaException

    def flush(self, timeout: float) -> None:
        """At the end, so that nothing is left then."""
        with contextlib.suppress(IndexError):
            while True:
                self._open.pop()(None, None)

    def produce(self, topic: str, *, on_delivery: Any, **_: Any) -> None:
        self._open.append(on_delivery)

    def poll(self, timeout: float) -> None:
        self.polls += 1
        if not self._open:
            time.sleep(timeout / 10)
        elif self._is_away or len(self.asked) >= self._told:
            self._open.pop()(self._refused, None)
        elif len(self.asked) >= 2:
            words = ("GETPID", "p", "Coordinator load in progress: retrying")
            self._settings["logger"].log(logging.WARNING, "%s [%s] %s", *words)
            time.sleep(0.001)


@pytest.mark.parametrize("is_away", [False, True])
def test_kafka_is_asked_twice_of_the_first_topic_so_that_its_task_leaves_at_once(
    monkeypatch: pytest.MonkeyPatch, is_away: bool
) -> None:
    made = Librdkafka(is_away=is_away)
    monkeypatch.setattr(confluent, "Producer", made.made)
    transport = ConfluentTransport("k:9092")
    transport.send("first", b"", None).result(60)
    transport.send("second", b"", None).result(60)
    assert made.asked == (["first"] if is_away else ["first", "first"])


def test_a_kafka_that_has_just_started_is_asked_until_it_has_a_number(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = Librdkafka(told=2 + len(STARTING))
    monkeypatch.setattr(confluent, "Producer", made.made)
    ConfluentTransport("k:9092").send("first", b"", None).result(60)
    assert made.asked == ["first"] * (2 + len(STARTING))
    assert caplog.messages == []


def test_a_kafka_that_goes_on_starting_is_left_to_librdkafka(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Librdkafka(told=99)
    monkeypatch.setattr(confluent, "Producer", made.made)
    sent = ConfluentTransport("k:9092").send("first", b"", None)
    eventually(lambda: len(made.asked) == 2 + len(STARTING))
    polls = made.polls
    eventually(lambda: made.polls > polls + 20)
    assert len(made.asked) == 2 + len(STARTING)
    assert not sent.done()


def test_tasks_that_kafka_refuses_are_told_once_a_minute_and_missing_at_the_next_flush(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(confluent, "Producer", Librdkafka(refuses="no such topic").made)
    transport = ConfluentTransport("k:9092")
    sent = [transport.send("first", b"", None) for _ in range(3)]
    for future in sent:
        with pytest.raises(DeliveryError, match="topic first: no such topic"):
            future.result(60)
    assert caplog.messages == [
        "a task for topic first is lost: Kafka at k:9092 has not taken it: no such topic"
    ]
    assert [transport.flush(1), transport.flush(1)] == [3, 0]
