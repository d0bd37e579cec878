"""The mistakes that people make first, on real sockets: what they are told."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import worker_app
from taskbroker import App
from taskbroker.producer import trouble
from taskbroker.scheduler import KafkaStore, kafka
from taskbroker.testing import InMemoryBroker, InMemoryServer
from taskbroker.worker import service
from workers import eventually, running, serving

pytest.importorskip("confluent_kafka")

SHOP = """
from taskbroker import App
app = App("shop", kafka="{kafka}", brokers="{brokers}")

@app.task("mail.welcome")
def welcome(org_id: int, address: str) -> None:
    print("hello", org_id, address)
"""

SENDS = """
import sys
from taskbroker.producer import confluent, trouble
confluent.FLUSH_AT_EXIT = {seconds}
trouble.FIRST_ANSWER = 1
from shop import welcome
print(welcome.delay(7, "a@b.c"))
"""


class Shop:
    """A folder with the application of the first page, and what its commands say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = folder / "said"

    def write(self, kafka: str = "127.0.0.1:1", brokers: str = "127.0.0.1:1") -> None:
        (self.folder / "shop.py").write_text(SHOP.format(kafka=kafka, brokers=brokers))

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Runs ``taskworker run shop:app``; it ends well when it is told to."""
        command = [sys.executable, "-m", "taskbroker", "run", "shop:app", "--concurrency", "1"]
        with self.said.open("wb") as out:
            worker = subprocess.Popen(command, cwd=self.folder, stdout=out, stderr=out)
        try:
            yield
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(120) == 0
        finally:
            worker.kill()
            worker.wait()

    def check(self, about: str, *words: str) -> str:
        """What ``taskworker check shop:app`` finds about brokers, or about Kafka."""
        done = subprocess.run(
            [sys.executable, "-m", "taskbroker", "check", "shop:app", *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.stderr == ""
        return "\n".join(x for x in done.stdout.splitlines() if x.startswith(f"{about} "))

    def sends(self, seconds: float) -> str:
        """What a program is told that sends a task, and waits so long for Kafka at its end."""
        done = subprocess.run(
            [sys.executable, "-c", SENDS.format(seconds=seconds)],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        assert done.stdout.startswith("Sent(id=")
        return done.stderr

    def is_told(self, *texts: str) -> None:
        """Waits until there is a line with all of these."""

        def found() -> bool:
            lines = self.said.read_text().splitlines()
            return any(all(t in line for t in texts) for line in lines)

        eventually(found, what=f"{texts} of {self.said.read_text()}")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_a_wrong_port_of_the_broker(shop: Shop) -> None:
    with socket.socket() as unheard, socket.create_server(("127.0.0.1", 0)) as other:
        unheard.bind(("127.0.0.1", 0))  # and does not listen
        nothing, silent = (f"127.0.0.1:{s.getsockname()[1]}" for s in (unheard, other))
        shop.write(brokers=f"{nothing},{silent}")
        with shop.working():
            what_to_do = "is it running, and is the address right (--brokers, TASKBROKER_BROKERS"
            shop.is_told(f"broker {nothing}: it cannot be reached", what_to_do, "nothing listens")
            shop.is_told(f"broker {silent}: it cannot be reached", "does not speak gRPC")


@pytest.mark.usefixtures("folder")
def test_a_wrong_application(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(service, "FIRST_TASK_WAIT", 0.2)
    sender = App("shopp", transport=InMemoryBroker())
    welcome = sender.task("mail.welcome")(lambda: None)
    with serving() as server:
        server.broker.know(sender)
        welcome.delay()
        with running(server, pool="threads", concurrency=1):
            eventually(lambda: "no task has come in 0.2 s" in caplog.text)
        assert server.broker.waiting == 1
    assert "gets tasks of the application 'works' alone" in caplog.text
    assert "Does the App that sends them have this name" in caplog.text


@pytest.mark.usefixtures("folder")
def test_a_worker_that_has_had_a_task_does_not_speak_of_names(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    with serving() as server, running(server, pool="threads", concurrency=1) as worker:
        worker_app.welcome.delay(1)
        eventually(lambda: server.broker.waiting == 0)
        monkeypatch.setattr(service, "FIRST_TASK_WAIT", 0.0)
        loop, running_service = worker.worker._loop, worker.worker._service
        assert loop is not None
        question = running_service._say_if_nothing_comes()
        asyncio.run_coroutine_threadsafe(question, loop).result(120)
    assert "no task has come" not in caplog.text


def test_a_task_that_is_not_registered(shop: Shop) -> None:
    sender = App("shop", transport=InMemoryBroker())
    forgotten = sender.task("mail.forgotten")(lambda: None)
    with serving(sender) as server:
        shop.write(brokers=server.address)
        sent = forgotten.delay()
        with shop.working():
            shop.is_told(
                f"mail.forgotten {sent.id} attempt 1 of 1 failed",
                "namespace mail has no task 'forgotten'; was its module imported?"
                " (application shop)",
                "not again",
            )


def test_no_kafka(shop: Shop) -> None:
    shop.write(kafka="127.0.0.1:1")
    at_once, at_the_end = shop.sends(5).splitlines()
    assert re.match(r"Kafka at 127.0.0.1:1 cannot be used: .*Connection refused\.", at_once)
    assert "is the address right (kafka=… of the App, or TASKBROKER_KAFKA)?" in at_once
    assert "start the worker with --dev" in at_once
    assert at_the_end.startswith(
        "1 task for topic taskworker may be lost: no acknowledgement from Kafka at 127.0.0.1:1 "
    )
    assert "Connection refused" in at_the_end


@contextlib.contextmanager
def other_than_kafka(does: str) -> Iterator[str]:
    """Listens as what is no Kafka does; yields the address."""
    if does == "hangs up":
        with InMemoryServer(InMemoryBroker()) as server:
            yield server.address
        return
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            with contextlib.suppress(OSError):  # closed
                while True:
                    greeted.append(listening.accept()[0])
                    greeted[-1].sendall(b"SSH-2.0-OpenSSH_10.0\r\n")

        greeted: list[socket.socket] = []
        if does == "answers":
            threading.Thread(target=greet, daemon=True).start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)


OTHERS = {
    "hangs up": "hangs up without a word: it is no Kafka, or one that wants TLS",
    "says nothing": "says nothing: it is no Kafka, or one that hangs",
    "answers": "answers in another protocol: it is no Kafka, or one that wants TLS",
}

#: Seconds in which it is told, where one is what it has for its first answer.
WITHIN = {"hangs up": 1, "says nothing": 4, "answers": 1}


@pytest.mark.parametrize("does", OTHERS)
def test_something_else_listens_where_kafka_should(shop: Shop, does: str) -> None:
    with other_than_kafka(does) as address:
        shop.write(kafka=address)
        at_once, at_the_end = shop.sends(WITHIN[does]).splitlines()
    assert at_once.startswith(
        f"Kafka at {address} cannot be used: what listens at {address} {OTHERS[does]}. "
    )
    assert "is the address right (kafka=… of the App, or TASKBROKER_KAFKA)?" in at_once
    assert at_the_end.startswith("1 task for topic taskworker may be lost: no acknowledgement")
    assert at_the_end.endswith(f" (what listens at {address} {OTHERS[does]})")


@pytest.mark.parametrize("does", OTHERS)
def test_check_sees_that_something_else_listens_where_kafka_should(shop: Shop, does: str) -> None:
    with other_than_kafka(does) as address:
        shop.write(kafka=address)
        finding = shop.check("Kafka")
    assert finding == (
        f"Kafka at {address} does not answer within 3 s: what listens at {address} {OTHERS[does]};"
        " is it running, and is the address right (--kafka, kafka=… of the App, or"
        " TASKBROKER_KAFKA)?"
    )


@pytest.mark.parametrize("does", OTHERS)
def test_something_else_listens_where_the_kafka_of_a_scheduler_should(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], does: str
) -> None:
    monkeypatch.setattr(kafka, "_PATIENCE_S", float(WITHIN[does]))
    monkeypatch.setattr(trouble, "FIRST_ANSWER", 1)
    with other_than_kafka(does) as address, pytest.raises(kafka.LeadError) as raised:
        KafkaStore(address, "shop").wait(0, threading.Event())
    assert f"Kafka at {address}: what listens at {address} {OTHERS[does]} (is" in str(raised.value)
    assert "FAIL" not in capfd.readouterr().err


def test_no_kafka_for_a_scheduler(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kafka, "_PATIENCE_S", 0.5)
    store = KafkaStore("127.0.0.1:1", "shop")
    with pytest.raises(kafka.LeadError, match="is Kafka running, and is the address right"):
        store.wait(0, threading.Event())
    assert "FAIL" not in capfd.readouterr().err


class CallsItsWorkers(InMemoryServer):
    """Refuses workers that ask for tasks, as a broker does that sends them."""

    def attach(self, requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
        self._refuse(context)
        return super().attach(requests, context)

    def _get_task(self, request: Any, metadata: dict[str, str], context: Any) -> bytes:
        self._refuse(context)
        return super()._get_task(request, metadata, context)

    def _refuse(self, context: Any) -> None:
        words = "Cannot call while broker is in PUSH mode"
        context.abort(self.code("PERMISSION_DENIED"), words)


BY_ITSELF = (
    "it sends its tasks by itself",
    "start the worker with 'taskworker push'",
    "name its address (--listen) in the broker's worker_map",
)


def test_a_broker_that_pushes(shop: Shop) -> None:
    with CallsItsWorkers(InMemoryBroker()) as server:
        shop.write(brokers=server.address)
        with shop.working():
            shop.is_told(f"broker {server.address}: {BY_ITSELF[0]}", *BY_ITSELF[1:])


def test_check_sees_that_a_broker_pushes(shop: Shop) -> None:
    with CallsItsWorkers(InMemoryBroker()) as server:
        shop.write(kafka="", brokers=server.address)
        finding = shop.check("broker")
        assert finding.startswith(f"broker {server.address}: {BY_ITSELF[0]}")
        assert all(words in finding for words in BY_ITSELF)
        assert shop.check("broker", "--push") == ""


def test_check_sees_that_a_broker_does_not_push(shop: Shop) -> None:
    sender = App("shop", transport=InMemoryBroker())
    welcome = sender.task("mail.welcome")(lambda: None)
    with serving(sender) as server:
        welcome.delay()
        shop.write(kafka="", brokers=server.address)
        assert shop.check("broker") == ""
        finding = shop.check("broker", "--push")
        assert finding.startswith(f"broker {server.address}: it waits for workers that ask; set")
        assert server.broker.claim("shop", "mail") is not None  # check has not taken it


@pytest.mark.usefixtures("folder")
def test_a_push_worker_and_a_broker_that_does_not_push(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(service, "FIRST_TASK_WAIT", 0.1)
    options = {"mode": "push", "listen": "127.0.0.1:0", "pool": "threads", "concurrency": 1}
    with serving() as server, running(server, **options):
        eventually(lambda: "no task has come in 0.1 s" in caplog.text)
    assert "delivery_mode is push and its worker_map has this worker's address" in caplog.text
    assert "'taskworker run'" in caplog.text
