"""The worker over real gRPC: what it negotiates, what it signs, what it serves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent import futures
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import grpc
import pytest

import worker_app as w
from taskbroker import App
from taskbroker._wire import messages, signatures
from taskbroker.metrics import NoOpMetricsBackend
from taskbroker.testing import InMemoryBroker, InMemoryServer
from taskbroker.worker import Worker, push, service
from taskbroker.worker.credits import Credits
from taskbroker.worker.grpc_broker import program
from taskbroker.worker.link import Link
from taskbroker.worker.measure import Measures
from taskbroker.worker.push import PushServer
from workers import PATIENCE_S, Running, eventually, running, serving

pytestmark = pytest.mark.usefixtures("folder")

THREADS = {"pool": "threads", "concurrency": 2}
PUSH_TASK = f"/{messages.PACKAGE}.WorkerService/PushTask"
HEALTH = "/grpc.health.v1.Health/Check"


def count(server: InMemoryServer, name: str) -> int:
    return list(server.calls).count(name)


# ---------------------------------------------------------------------- pull


def test_an_idle_worker_is_held_by_a_broker_that_offers_it_and_begins_at_once() -> None:
    with serving(stream=False) as server, running(server, **THREADS):
        eventually(lambda: count(server, "GetTask") == 1)
        time.sleep(1.0)
        assert count(server, "GetTask") == 1
        took = []
        for n in range(20):
            began = time.monotonic()
            w.welcome.delay(n)
            eventually(lambda n=n: len(w.notes("welcome")) > n)
            took.append(time.monotonic() - began)
        assert sorted(took)[10] < 10  # the call is held for 30 s
        eventually(lambda: server.broker.waiting == 0)


def test_without_long_poll_it_asks_a_few_times_a_second() -> None:
    with serving(long_poll=False, stream=False) as server, running(server, **THREADS):
        began = time.monotonic()
        time.sleep(2.0)
        eventually(lambda: count(server, "GetTask") > 8)
        assert count(server, "GetTask") < 13 * (time.monotonic() - began)
        w.welcome.delay(1)
        eventually(lambda: server.broker.waiting == 0)


def test_a_worker_takes_only_tasks_of_its_application_and_namespace() -> None:
    other = App("elsewhere", transport=InMemoryBroker())
    theirs = other.task("mail.theirs")(lambda: None)
    with serving() as server:
        server.broker.know(other)
        with running(server, **THREADS, namespace="mail"):
            theirs.delay()
            w.other_namespace.delay()
            w.welcome.delay(1)
            eventually(lambda: w.notes("welcome"))
            time.sleep(0.2)
            assert server.broker.waiting == 2


def test_calls_are_signed_with_the_first_secret() -> None:
    with serving(secrets=["old", "new"], stream=False) as server:
        with running(server, **THREADS, secrets=["new", "older"]):
            w.welcome.delay(1)
            eventually(lambda: server.broker.waiting == 0)
        assert server.refused == 0
        assert count(server, "SetTaskStatus") == 1


def test_a_wrong_secret_is_told_once_and_tried_once_a_second_at_most(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serving(secrets=["right"]) as server:
        began = time.monotonic()
        worker = Running("worker_app:app", brokers=server.address, secrets='["wrong"]', **THREADS)
        time.sleep(3.0)
        eventually(lambda: server.refused)
        refused = server.refused
        assert refused <= 1 + time.monotonic() - began
        worker.stop(20)  # not only when the time to stop is over, after 25 s
        assert server.refused <= 2 + time.monotonic() - began
    said = [r for r in caplog.records if "same secrets" in r.getMessage()]
    assert len(said) == 1
    assert said[0].levelno == logging.ERROR
    assert "(--secrets, TASKBROKER_SECRETS, or secrets=… of the App; the" in said[0].getMessage()


class Doorman(grpc.GenericRpcHandler):
    """Notes who calls, and offers nothing."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def service(self, handler_call_details: Any) -> None:
        said = dict(handler_call_details.invocation_metadata)
        self.seen.append(said.get("user-agent", ""))


def test_a_worker_says_which_program_it_is() -> None:
    doorman = Doorman()
    server = grpc.server(futures.ThreadPoolExecutor(1), handlers=[doorman])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        worker = Running("worker_app:app", brokers=f"127.0.0.1:{port}", **THREADS)
        eventually(lambda: doorman.seen)
        worker.stop()
    finally:
        server.stop(None)
    assert doorman.seen[0].startswith(f"{program()} grpc-python")
    project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text())
    assert program() == f"taskbroker-python/{project['project']['version']}"


def test_a_broker_that_is_not_there_is_named_with_what_to_do(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        worker = Running("worker_app:app", brokers=address, **THREADS)
        eventually(lambda: f"broker {address}: it cannot be reached" in caplog.text)
        worker.stop()
    assert "is it running, and is the address right (--brokers" in caplog.text
    assert "nothing listens there" in caplog.text


def test_two_brokers_one_of_them_dead() -> None:
    with serving() as server, serving() as other:
        dead = "127.0.0.1:1"
        addresses = f"{dead}, {server.address},{other.address}"
        with running(None, brokers=addresses, pool="threads", concurrency=1):
            for n in range(10):
                call = w.welcome.call(n)
                value = call.activation.SerializeToString()
                (server if n % 2 else other).broker.send("t", value, None)
            eventually(lambda: server.broker.waiting + other.broker.waiting == 0)
        assert count(server, "SetTaskStatus") == 5
        assert count(other, "SetTaskStatus") == 5


def test_a_broker_that_drains_is_left_and_taken_up_again() -> None:
    with serving(stream=False) as server, running(server, **THREADS):
        began = time.monotonic()
        server.draining = True
        server.changed()
        time.sleep(1.5)
        assert count(server, "GetTask") <= 1 + 2 * (time.monotonic() - began)
        server.draining = False
        w.welcome.delay(1)
        eventually(lambda: server.broker.waiting == 0)


def test_a_task_of_megabytes_arrives() -> None:
    with serving() as server, running(server, pool="processes", concurrency=1):
        w.large.delay(b"\x00\xff" * 1_200_000)
        eventually(lambda: server.broker.waiting == 0)
    assert w.notes("large") == ["2400000"]


# ---------------------------------------------------------------------- the stream


def test_a_worker_attaches_itself_and_begins_at_once() -> None:
    with serving() as server:
        with running(server, **THREADS):
            for n in range(50):
                w.welcome.delay(n)
            eventually(lambda: server.broker.waiting == 0)
        assert list(server.calls) == ["Exchange"]
    assert sorted(int(line.split()[0]) for line in w.notes("welcome")) == list(range(50))


def test_frames_are_signed_with_the_first_secret() -> None:
    with serving(secrets=["old", "new"]) as server:
        with running(server, **THREADS, secrets=["new", "older"]):
            w.welcome.delay(1)
            eventually(lambda: server.broker.waiting == 0)
        assert (server.refused, list(server.calls)) == (0, ["Exchange"])


def test_a_broker_that_drains_is_left_and_attached_to_again() -> None:
    with serving() as server, running(server, **THREADS):
        eventually(lambda: count(server, "Exchange") == 1)
        began = time.monotonic()
        server.draining = True
        server.changed()
        time.sleep(1.5)
        assert count(server, "Exchange") <= 2 + time.monotonic() - began
        server.draining = False
        w.welcome.delay(1)
        eventually(lambda: server.broker.waiting == 0)


def test_a_broker_that_restarts_is_attached_to_again_and_loses_nothing() -> None:
    with serving() as server, running(server, **THREADS):
        for n in range(20):
            w.welcome.delay(n)
        eventually(lambda: w.notes("welcome"))
        server.stop()
        server.start()
        eventually(lambda: server.broker.waiting == 0)
        assert count(server, "Exchange") >= 2


# ---------------------------------------------------------------------- push


class Pusher:
    """A broker that pushes, as far as a worker sees it."""

    def __init__(self, address: str, secret: str | None = None) -> None:
        self.address = address
        self._channel = grpc.insecure_channel(address)
        self._secret = secret

    def push(self, activation: messages.TaskActivation, **fields: Any) -> None:
        body = messages.PushTaskRequest(task=activation, **fields).SerializeToString()
        self.call(PUSH_TASK, body)

    def push_until_accepted(self, activation: messages.TaskActivation) -> None:
        """As a broker does: a busy worker is asked again."""
        while True:
            try:
                return self.push(activation)
            except grpc.RpcError as e:
                if e.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
                    raise

    def call(self, path: str, body: bytes, signature: str | None = None) -> bytes:
        if signature is None and self._secret is not None:
            signature = signatures.sign(self._secret, path, body)
        metadata = [(signatures.HEADER, signature)] if signature is not None else []
        answer: bytes = self._channel.unary_unary(path)(body, metadata=metadata, timeout=PATIENCE_S)
        return answer

    def begin(self, path: str, body: Iterator[bytes]) -> Any:
        """A call whose message comes when it likes."""
        return self._channel.stream_unary(path).future(body)

    def health(self, service: str = "") -> int:
        name = service.encode()
        body = b"\x0a" + bytes([len(name)]) + name if name else b""
        return self.call(HEALTH, body)[1]

    def close(self) -> None:
        self._channel.close()


def code_of(error: pytest.ExceptionInfo[grpc.RpcError]) -> str:
    name: str = error.value.code().name
    return name


@pytest.fixture
def pushing() -> Any:
    """Starts a push worker and what pushes to it."""
    opened: list[Any] = []

    def start(server: InMemoryServer, secret: str | None = None, **options: Any) -> Any:
        options = {**THREADS, **options}
        worker = Running(
            "worker_app:app", brokers=server.address, mode="push", listen="127.0.0.1:0", **options
        )
        pusher = Pusher(worker.worker.address or "", secret)
        opened.append((worker, pusher))
        return worker, pusher

    yield start
    for worker, pusher in opened:
        pusher.close()
        worker.stop()


def hand_out(server: InMemoryServer) -> messages.TaskActivation:
    claimed = server.broker.claim()
    assert claimed is not None
    return claimed


def test_pushed_tasks_run_and_are_reported_together(pushing: Any) -> None:
    with serving() as server:
        _, pusher = pushing(server, concurrency=16)
        for n in range(50):
            w.welcome.delay(n)
            pusher.push_until_accepted(hand_out(server))
        eventually(lambda: server.broker.waiting == 0)
        assert len(w.notes("welcome")) == 50
        assert count(server, "GetTask") == 0
        assert count(server, "SetTaskStatus") == 0
        assert 1 <= count(server, "SetBatchActivationStatus") <= 50


def test_a_busy_worker_says_so_at_once(pushing: Any) -> None:
    with serving() as server:
        _, pusher = pushing(server, concurrency=1, prefetch=1)
        for _ in range(3):
            w.held.delay()
        pusher.push(hand_out(server))
        pusher.push(hand_out(server))  # the one place in the queue
        third = hand_out(server)
        with pytest.raises(grpc.RpcError) as refused:
            pusher.push(third)  # both of the others go on all the while
        assert code_of(refused) == "RESOURCE_EXHAUSTED"
        server.broker.report(third.id, 5, None, None)
        w.release()
        eventually(lambda: server.broker.waiting == 0)


class Desk:
    """Where a push server leaves its tasks: one place at first, and as many as the test says once
    those have ended that are there. ``ends_soon`` is what the engine would say of them.
    ``together`` is what was taken at once."""

    def __init__(self, ends_soon: bool) -> None:
        self.together: list[list[str]] = []
        self.server: PushServer
        self.port = 0
        self._ends_soon = ends_soon
        self._room = 1
        self._credits: Credits
        self._loop: asyncio.AbstractEventLoop
        self._over: asyncio.Event
        self._is_served = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> Desk:
        self._thread.start()
        assert self._is_served.wait(PATIENCE_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE_S)

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._credits = Credits(lambda: self._room)
        link = Link(cast(Any, SimpleNamespace(address="b:1")), lambda *_: None)
        measures = Measures(NoOpMetricsBackend(), "p")
        self.server = PushServer(
            [link], self._credits, self._take, [], lambda: True, lambda: self._ends_soon, measures
        )
        self.port = await self.server.start("127.0.0.1:0", 1 << 20)
        self._is_served.set()
        await self._over.wait()
        await self.server.close()

    @property
    def taken(self) -> list[str]:
        return [name for several in self.together for name in several]

    def _take(self, several: Sequence[push.Pushed]) -> None:
        self.together.append([activation.id for activation, _ in several])
        self._room -= len(several)
        self._credits.spend(len(several))

    def push(self, name: str) -> None:
        """Pushes a task, and waits for the answer."""
        pusher = Pusher(f"127.0.0.1:{self.port}")
        try:
            pusher.push(messages.TaskActivation(id=name))
        finally:
            pusher.close()

    def end_the_tasks(self, room: int = 1) -> None:
        self._room = room
        self._loop.call_soon_threadsafe(self._credits.room_changed)

    def stop_accepting(self) -> None:
        self._loop.call_soon_threadsafe(self.server.stop_accepting)


@contextlib.contextmanager
def second_push(ends_soon: bool) -> Iterator[tuple[Desk, futures.Future[None]]]:
    """A push while the first task has the one place."""
    with Desk(ends_soon) as desk, futures.ThreadPoolExecutor(1) as aside:
        desk.push("first")
        eventually(lambda: desk.taken)
        yield desk, aside.submit(desk.push, "second")


def test_a_push_waits_for_a_place_while_tasks_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "PATIENCE", 2 * PATIENCE_S)
    with second_push(ends_soon=True) as (desk, second):
        eventually(lambda: len(desk.server._patient) == 1)
        assert not second.done()
        desk.end_the_tasks()
        second.result(PATIENCE_S)
        eventually(lambda: desk.taken == ["first", "second"])


def test_a_push_that_takes_the_last_place_is_not_left_until_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(push, "GATHER", 2 * PATIENCE_S)
    monkeypatch.setattr(push, "PATIENCE", 2 * PATIENCE_S)
    with second_push(ends_soon=True) as (desk, second):
        eventually(lambda: len(desk.server._patient) == 1)
        desk.end_the_tasks(room=1)
        second.result(PATIENCE_S)
        eventually(lambda: desk.together == [["first"], ["second"]])


def test_a_push_that_has_waited_is_taken_with_those_that_come_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(push, "GATHER", 2 * PATIENCE_S)
    monkeypatch.setattr(push, "PATIENCE", 2 * PATIENCE_S)
    with second_push(ends_soon=True) as (desk, second):
        eventually(lambda: len(desk.server._patient) == 1)
        desk.end_the_tasks(room=3)
        second.result(PATIENCE_S)
        desk.push("third")
        assert desk.together == [["first"]]
        desk.push("fourth")
        eventually(lambda: desk.together == [["first"], ["second", "third", "fourth"]])


def test_a_push_does_not_wait_while_tasks_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "PATIENCE", 2 * PATIENCE_S)
    with second_push(ends_soon=False) as (_, second), pytest.raises(grpc.RpcError) as refused:
        second.result()
    assert code_of(refused) == "RESOURCE_EXHAUSTED"


def test_a_push_that_has_waited_for_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "PATIENCE", 0.001)
    with second_push(ends_soon=True) as (desk, second):
        with pytest.raises(grpc.RpcError) as refused:
            second.result()
        assert code_of(refused) == "RESOURCE_EXHAUSTED"
        monkeypatch.setattr(push, "PATIENCE", 2 * PATIENCE_S)
        with pytest.raises(grpc.RpcError) as refused:
            desk.push("third")  # as the second has waited in vain
        assert code_of(refused) == "RESOURCE_EXHAUSTED"


def test_a_push_that_waits_hears_of_the_stop_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "PATIENCE", 2 * PATIENCE_S)
    with second_push(ends_soon=True) as (desk, second):
        eventually(lambda: len(desk.server._patient) == 1)
        desk.stop_accepting()
        with pytest.raises(grpc.RpcError) as refused:
            second.result()
    assert code_of(refused) == "UNAVAILABLE"


def test_calls_that_send_nothing_hold_up_no_others(pushing: Any) -> None:
    heard = threading.Event()

    def nothing() -> Iterator[bytes]:
        heard.wait(PATIENCE_S)
        yield from ()

    with serving() as server:
        _, pusher = pushing(server)
        calls = [pusher.begin(PUSH_TASK, nothing()) for _ in range(10)]
        try:
            eventually(lambda: answerers() >= 10)
            w.welcome.delay(1)
            pusher.push(hand_out(server))
            eventually(lambda: server.broker.waiting == 0)
            assert not any(call.done() for call in calls)
        finally:
            heard.set()
        assert {call.exception().code().name for call in calls} == {"UNIMPLEMENTED"}


def answerers() -> int:
    """Threads of this process that answer pushes."""
    return sum(thread.name.startswith("taskbroker-push-") for thread in threading.enumerate())


def test_signatures_of_pushes_are_checked_over_the_bytes_as_they_came(
    pushing: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(secrets=["b", "a"]) as server:
        _, pusher = pushing(server, "a", secrets=["b", "a"])
        w.welcome.delay(1)
        activation = hand_out(server)
        body = messages.PushTaskRequest(task=activation).SerializeToString()
        body += bytes.fromhex("a2060178")  # a field of a newer broker, which parsing would move
        for wrong in (None, "", "00", signatures.sign("c", PUSH_TASK, body)):
            unsigned = Pusher(pusher.address)
            with pytest.raises(grpc.RpcError) as refused:
                unsigned.call(PUSH_TASK, body, wrong)
            assert code_of(refused) == "UNAUTHENTICATED"
            unsigned.close()
        assert w.notes("welcome") == []
        pusher.call(PUSH_TASK, body, signatures.sign("a", PUSH_TASK, body).upper())
        eventually(lambda: server.broker.waiting == 0)
        assert w.notes("welcome")
    said = [m for m in caplog.messages if "pushed task was refused" in m]
    assert len(said) == 1
    assert said[0].startswith(
        "1 pushed task was refused for a missing or wrong signature, the last"
    )
    assert "(--secrets, TASKBROKER_SECRETS, or secrets=… of the App; the broker's" in said[0]


def test_a_worker_that_has_refused_pushes_does_not_ask_where_they_are(
    pushing: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    with serving() as server:
        worker, pusher = pushing(server, "wrong", secrets=["right"])

        def on_loop(job: Any) -> None:
            asyncio.run_coroutine_threadsafe(job, worker.worker._loop).result(PATIENCE_S)

        def wait_in_vain() -> bool:
            on_loop(worker.worker._service._say_if_nothing_comes())
            return "no task has come" in caplog.text

        on_loop(asyncio.sleep(0))  # by now the worker's own wait has begun, which is longer
        monkeypatch.setattr(service, "FIRST_TASK_WAIT", 0.0)
        with pytest.raises(grpc.RpcError):
            pusher.call(PUSH_TASK, b"")
        assert not wait_in_vain()
        worker.worker._service._push.has_refused = False
        assert wait_in_vain()


def test_what_is_no_push_is_refused(pushing: Any) -> None:
    with serving() as server:
        _, pusher = pushing(server)
        for body in (b"", b"\xff\xff\xff", messages.PushTaskRequest().SerializeToString()):
            with pytest.raises(grpc.RpcError) as refused:
                pusher.call(PUSH_TASK, body)
            assert code_of(refused) == "INVALID_ARGUMENT"
        with pytest.raises(grpc.RpcError) as unknown:
            pusher.call("/x.Y/Z", b"")
        assert code_of(unknown) == "UNIMPLEMENTED"


def test_health_says_whether_tasks_may_be_pushed(pushing: Any) -> None:
    serving_now, not_serving = 1, 2
    with serving() as server:
        worker, pusher = pushing(server, secret=None, concurrency=1)
        assert pusher.health() == serving_now
        assert pusher.health(f"{messages.PACKAGE}.WorkerService") == serving_now
        with pytest.raises(grpc.RpcError) as unknown:
            pusher.health("other")
        assert code_of(unknown) == "NOT_FOUND"
        w.stubborn_until_released.delay()
        pusher.push(hand_out(server))
        eventually(lambda: w.notes("stubborn-began"))
        worker.worker.stop()
        eventually(lambda: pusher.health() == not_serving)
        w.welcome.delay(1)
        with pytest.raises(grpc.RpcError) as refused:
            pusher.push(hand_out(server))
        assert code_of(refused) == "UNAVAILABLE"
        w.release()
        worker.join()
        assert worker.code == 0
        assert w.notes("stubborn") == ["cancelled"]
        assert count(server, "SetBatchActivationStatus") == 1


def test_results_go_to_the_broker_that_is_named_in_the_push(pushing: Any) -> None:
    with serving() as one, serving() as two:
        worker = Running(
            "worker_app:app",
            brokers=[one.address, two.address],
            mode="push",
            listen="127.0.0.1:0",
            **THREADS,
        )
        pusher = Pusher(worker.worker.address or "")
        for server in (one, two):
            call = w.welcome.call(1)
            server.broker.send("t", call.activation.SerializeToString(), None)
            pusher.push(hand_out(server), callback_url=server.address)
        eventually(lambda: one.broker.waiting + two.broker.waiting == 0)
        pusher.close()
        worker.stop()


def test_results_of_a_push_wait_for_a_broker_that_is_away(pushing: Any) -> None:
    with serving() as server:
        _, pusher = pushing(server)
        server.failing = "UNAVAILABLE"
        w.welcome.delay(1)
        pusher.push(hand_out(server))
        eventually(lambda: w.notes("welcome"))
        time.sleep(0.3)
        server.failing = None
        eventually(lambda: server.broker.waiting == 0)


def test_an_address_that_is_taken_is_an_error() -> None:
    with serving() as server, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(OSError, match=f"cannot listen at {listen}"):
            Worker(w.app, mode="push", listen=listen, brokers=server.address, **THREADS).run()


# ---------------------------------------------------------------------- pages, file, numbers


def page(address: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def test_pages_tell_of_life_readiness_and_numbers() -> None:
    options = {"pool": "processes", "concurrency": 1, "http": "127.0.0.1:0"}
    with serving() as server, running(server, **options) as worker:
        address = worker.worker.http_address or ""
        eventually(lambda: page(address, "/ready")[0] == 200)
        w.welcome.delay(1)
        w.gives_up.delay()
        eventually(lambda: server.broker.waiting == 0)
        status, text = page(address, "/live")
        assert (status, text.splitlines()[0]) == (200, "alive")
        assert "child 1 (pid" in text
        assert "2 tasks, peak memory" in text
        numbers = page(address, "/metrics")[1]
        labels = f'namespace="mail",taskname="welcome",taskbroker_host="{server.address}"'
        assert (
            f'taskworker_worker_execute_task_total{{processing_pool="unknown",{labels},'
            'status="complete"} 1' in numbers
        )
        assert 'taskname="gives_up"' in numbers
        assert "taskworker_worker_execution_duration_bucket" in numbers
        assert page(address, "/other")[0] == 404
        server.stop()
        eventually(lambda: page(address, "/ready")[0] == 503)
        assert "no broker answers" in page(address, "/ready")[1]
        assert page(address, "/live")[0] == 200
        server.start()


def test_a_post_to_a_page_is_refused() -> None:
    with serving() as server, running(server, **THREADS, http="127.0.0.1:0") as worker:
        host, _, port = (worker.worker.http_address or "").partition(":")
        with socket.create_connection((host, int(port)), timeout=120) as raw:
            raw.sendall(b"POST /live HTTP/1.1\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 405")


def test_the_health_file_is_touched_while_the_worker_lives(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    with serving() as server:
        options = {**THREADS, "health_file": str(file), "health_interval": 0.1}
        with running(server, **options):
            eventually(file.exists)
            before = file.stat().st_mtime_ns
            eventually(lambda: file.stat().st_mtime_ns > before)
        before = file.stat().st_mtime_ns
        time.sleep(0.3)
        assert file.stat().st_mtime_ns == before


def test_numbers_go_to_statsd() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener, serving() as server:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(120)
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        with running(server, **THREADS, statsd=address, processing_pool="p"):
            w.welcome.delay(1)
            eventually(lambda: server.broker.waiting == 0)
            lines = []
            while not any("execute_task" in line for line in lines):
                lines.append(listener.recv(4096).decode())
        line = next(line for line in lines if "execute_task" in line)
        assert line.startswith("taskworker.worker.execute_task:1|c|#application:works,")
        assert "processing_pool:p" in line
        assert "status:complete" in line
