"""Programs for taskbroker-client, with no more than the name in their imports replaced."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from taskbroker import App, ConfigurationError, DeliveryError, Retry
from taskbroker import task as task_module
from taskbroker._wire import messages
from taskbroker.app import TaskbrokerApp, get_at_most_once_key, import_app
from taskbroker.constants import CompressionType
from taskbroker.metrics import DatadogMetrics
from taskbroker.registry import ExternalNamespace
from taskbroker.retry import LastAction
from taskbroker.state import clear_current_task, current_task, set_current_task
from taskbroker.testing import InMemoryBroker
from taskbroker.worker import PushTaskWorker, TaskWorker
from taskbroker.worker.client import make_broker_hosts, parse_rpc_secret_list
from vectors import REPOSITORY, cases
from workers import eventually

CLIENT = REPOSITORY / "clients" / "python"
HERE = Path(__file__).parent / "dropin"

#: The client that the programs are written for, with its version, as the benchmark installs it.
PEER = re.findall(r"^peer=(.*)$", (CLIENT / "bench" / "run").read_text(), re.MULTILINE)[0]

NAMES = {
    "app": "TaskbrokerApp import_app get_at_most_once_key",
    "registry": "TaskRegistry TaskNamespace ExternalNamespace",
    "task": "Task ExternalTask ALWAYS_EAGER P R",
    "retry": "Retry LastAction RetryTaskError NoRetriesRemainingError retry_task",
    "state": "current_task CurrentTaskState set_current_task clear_current_task",
    "router": "TaskRouter DefaultRouter",
    "metrics": "MetricsBackend NoOpMetricsBackend DatadogMetrics",
    "types": "TaskHeaders ContextHook AtMostOnceStore ProducerProtocol ProducerFactory"
    " InflightTaskActivation ProcessingResult",
    "constants": "CompressionType DEFAULT_PROCESSING_DEADLINE DEFAULT_REBALANCE_AFTER"
    " DEFAULT_WORKER_QUEUE_SIZE INTERNAL_NAMESPACE MAX_PARAMETER_BYTES_BEFORE_COMPRESSION"
    " ALWAYS_EAGER",
    "scheduler": "ScheduleRunner RunStorage RedisRunStorage VolatileRunStorage crontab",
    "worker": "TaskWorker PushTaskWorker",
    "worker.worker": "TaskWorker PushTaskWorker",
    "worker.workerchild": "ProcessingDeadlineExceeded",
    "worker.client": "make_broker_hosts parse_rpc_secret_list RequestSignatureInterceptor",
    "drain": "drain main",
    "healthcheck": "healthcheck main",
    "imports": "import_string",
}


@pytest.mark.parametrize("module", NAMES)
def test_names(module: str) -> None:
    ours = importlib.import_module(f"taskbroker.{module}")
    assert [n for n in NAMES[module].split() if not hasattr(ours, n)] == []


@pytest.mark.parametrize("case", cases("amo.json"))
def test_at_most_once_keys(case: dict[str, Any]) -> None:
    given = case["given"]
    assert get_at_most_once_key(given["namespace"], given["taskname"], given["id"]) == case["key"]


class ByName:
    def __init__(self, topics: dict[str, str]) -> None:
        self._topics = topics

    def route_namespace(self, name: str) -> str:
        return self._topics.get(name, "taskworker")


@pytest.mark.parametrize("case", cases("router.json"))
def test_topics(case: dict[str, Any]) -> None:
    given = case["given"]
    by_default = given["router"] == "default"
    app = App(
        "ours", topic=given.get("topic", "taskworker") if by_default else ByName(given["router"])
    )
    if "application" in given:
        assert app.external(given["application"], given["namespace"]).topic == case["topic"]
    else:
        assert app.namespace(given["namespace"]).topic == case["topic"]


# ---------------------------------------------------------------------- the program

LEDGER = [
    "welcome 7 a@b.c mail welcome 0",
    "flaky attempt=0 remaining=True",
    "flaky attempt=1 remaining=True",
    "flaky attempt=2 remaining=False",
    "helper has none left",
    "once",
    "heads 5000 test yes zstd",
    "slow begins",
    "slow ends",
    "awaited 3",
    "late was told",
    "end",
]


#: What the other client's ledger has instead, as docs/clients/migrating.md says: its reports of a
#: retry have one try too many, and it does not run coroutines.
THEIRS: dict[str, str | None] = {
    "flaky attempt=2 remaining=False": "flaky attempt=2 remaining=True",
    "helper has none left": None,
    "awaited 3": None,
}

THEIR_LEDGER = [line for line in (THEIRS.get(ours, ours) for ours in LEDGER) if line is not None]


@pytest.mark.parametrize("children", ["1", "3"])
def test_a_program_runs_once_its_imports_are_renamed(tmp_path: Path, children: str) -> None:
    """As ``sed s/taskbroker_client/taskbroker/`` does it: the application, what works for it, and
    what calls it."""
    for name in ("shop.py", "work.py", "call.py"):
        program = (HERE / name).read_text().replace("taskbroker_client", "taskbroker")
        (tmp_path / name).write_text(program)
    shutil.copytree(HERE / "arroyo", tmp_path / "arroyo")
    assert played(tmp_path, sys.executable, children, len(LEDGER)) == sorted(LEDGER)


def test_the_program_does_the_same_with_the_client_that_it_is_written_for(tmp_path: Path) -> None:
    """As it stands, but for the producer of arroyo, which would want a Kafka."""
    python = python_of_the_other_client()
    for name in ("work.py", "call.py"):
        shutil.copy(HERE / name, tmp_path)
    shutil.copy(HERE / "arroyo" / "backends" / "kafka.py", tmp_path / "in_memory.py")
    shop = (HERE / "shop.py").read_text()
    replaced = shop.replace("from arroyo.backends.kafka import", "from in_memory import")
    assert replaced != shop
    (tmp_path / "shop.py").write_text(replaced)
    assert played(tmp_path, python, "1", len(THEIR_LEDGER)) == sorted(THEIR_LEDGER)


def python_of_the_other_client() -> str:
    """A Python that has taskbroker-client: one that is named, or that of ``bench clients``."""
    named = os.environ.get("TASKBROKER_TEST_PEER")
    python = named or str(CLIENT / ".bench" / "bin" / "python")
    if not named and not Path(python).exists():
        pytest.skip(
            f"needs {PEER}: set TASKBROKER_TEST_PEER to a Python that has it, or run"
            " ./taskbroker bench clients once"
        )
    asks = "from importlib.metadata import version as v; print(v('taskbroker-client'))"
    found = subprocess.run([python, "-c", asks], capture_output=True, text=True, check=True)
    assert f"taskbroker-client=={found.stdout.strip()}" == PEER
    return python


def played(folder: Path, python: str, children: str, lines: int) -> list[str]:
    """Has the program in the folder call its tasks and work for them; returns its ledger, sorted,
    once it has so many lines and no task is left."""
    from taskbroker.cli.dev import DevBroker, Door
    from taskbroker.testing import InMemoryServer

    ledger = folder / "ledger"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        server = InMemoryServer(DevBroker())
        with server, Door("shop", server) as door:
            patch.setenv("PYTHONPATH", str(CLIENT / "src"))
            patch.setenv("SHOP_DIR", str(folder))
            patch.setenv("KAFKA", door.path)
            patch.setenv("BROKER", server.address)
            patch.setenv("CHILDREN", children)
            worker = subprocess.Popen([python, "work.py"], cwd=folder)
            try:
                subprocess.run([python, "call.py"], cwd=folder, check=True)
                await_lines(ledger, lines)
                eventually(lambda: server.broker.waiting == 0)
            finally:
                worker.send_signal(signal.SIGTERM)
                assert worker.wait(120) == 0
    assert [p.name for p in folder.glob("tw_amo*")] == ["tw_amo_mail_once_" + once_id(folder)]
    return sorted(ledger.read_text().splitlines())


def once_id(folder: Path) -> str:
    (file,) = folder.glob("tw_amo_mail_once_*")
    return file.name.removeprefix("tw_amo_mail_once_")


def await_lines(file: Path, number: int) -> None:
    end = time.monotonic() + 120
    while not file.exists() or len(file.read_text().splitlines()) < number:
        assert time.monotonic() < end, file.read_text() if file.exists() else "no ledger"
        time.sleep(0.02)


def test_code_of_others_may_go_on_saying_taskbroker_client() -> None:
    program = (
        "import taskbroker.as_taskbroker_client\n"
        "from taskbroker_client.retry import Retry\n"
        "import taskbroker_client.worker.workerchild as child\n"
        "import taskbroker, taskbroker.retry\n"
        "assert Retry is taskbroker.retry.Retry\n"
        "assert child.ProcessingDeadlineExceeded is taskbroker.DeadlineExceeded\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# ---------------------------------------------------------------------- the app


@pytest.fixture
def app(taskbroker: InMemoryBroker) -> TaskbrokerApp:
    def refuse(topic: str) -> Any:
        raise AssertionError("the fixture stands in for all producers")

    app = TaskbrokerApp("shop", refuse)
    taskbroker.know(app)
    return app


def test_settings(app: TaskbrokerApp) -> None:
    assert app.config == {"rpc_secret": None, "grpc_config": None, "at_most_once_timeout": None}
    app.set_config({"rpc_secret": '["s"]', "at_most_once_timeout": 5, "what": 1})
    assert app.secrets == '["s"]'
    assert app.at_most_once_ttl == 5
    assert "what" not in app.config


def test_an_at_most_once_task_may_be_attempted_once(app: TaskbrokerApp) -> None:
    seen: dict[str, int] = {}

    class Store:
        def add(self, key: str, value: str, timeout: int) -> bool:
            seen[key] = seen.get(key, 0) + 1
            return seen[key] == 1

    activation = messages.TaskActivation(id="1", namespace="n", taskname="t")
    assert app.should_attempt_at_most_once(activation)
    assert app.should_attempt_at_most_once(activation)
    app.at_most_once_store(Store())
    assert app.should_attempt_at_most_once(activation)
    assert not app.should_attempt_at_most_once(activation)
    assert seen == {"tw:amo:n:t:1": 2}


def test_names_that_are_taken_or_missing(app: TaskbrokerApp) -> None:
    app.create_namespace("mail")
    for name in ("mail", "internal"):
        with pytest.raises(ValueError, match=name):
            app.create_namespace(name)
    app.create_external_namespace("mail", "other")
    with pytest.raises(ValueError, match="other:mail"):
        app.create_external_namespace("mail", "other")
    with pytest.raises(KeyError):
        app.get_namespace("none")
    with pytest.raises(KeyError):
        app.get_task("mail", "none")
    assert app.get_task("internal", "canary_task")() is None
    with pytest.raises(ValueError, match="no module"):
        import_app("nothing_there:app")


def test_arguments_are_not_held_to_annotations(
    app: TaskbrokerApp, taskbroker: InMemoryBroker
) -> None:
    seen: list[object] = []

    @app.create_namespace("mail").register(name="welcome")
    def welcome(org_id: int) -> None:
        seen.append(org_id)

    welcome.delay("seven")  # type: ignore[arg-type]
    taskbroker.run()
    assert seen == ["seven"]


def test_options_that_are_none_are_not_given(
    app: TaskbrokerApp, taskbroker: InMemoryBroker
) -> None:
    task = app.create_namespace("mail", expires=60).register(name="a")(lambda: None)
    task.apply_async((), {}, headers=None, expires=None, countdown=None)
    sent = taskbroker.sent(task).one()
    assert (sent.expires, sent.countdown, sent.headers) == (60, None, {})


def test_unknown_options_are_dropped_if_the_environment_says_so(
    app: TaskbrokerApp, taskbroker: InMemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = app.create_namespace("mail").register(name="a")(lambda: None)
    with pytest.raises(TypeError, match="did you mean 'countdown'"):
        task.apply_async((), contdown=3)  # type: ignore[call-arg]
    monkeypatch.setenv("TASKBROKER_LENIENT_OPTIONS", "1")
    task.apply_async((), contdown=3)  # type: ignore[call-arg]
    assert taskbroker.sent(task).one().countdown is None


def test_tasks_of_other_applications(app: TaskbrokerApp, taskbroker: InMemoryBroker) -> None:
    namespace = app.create_external_namespace("bills", "accounts", retry=Retry(times=2))
    assert isinstance(namespace, ExternalNamespace)

    @namespace.register(name="pay")
    def pay(amount: int) -> None: ...

    with pytest.raises(ValueError, match="belongs to accounts"):
        pay(3)
    activation = pay.create_activation((3,), {})
    assert (activation.application, activation.namespace) == ("accounts", "bills")
    assert activation.retry_state.max_attempts == 2
    theirs = App("accounts")
    theirs.namespace("bills").task("pay")(pay.func)
    taskbroker.know(theirs)
    pay.delay(3)
    assert taskbroker.sent().one().args == (3,)


def test_eager_calls_run_where_they_are_made(
    app: TaskbrokerApp, taskbroker: InMemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[object] = []

    @app.create_namespace("mail").register(name="a")
    def a(n: int) -> None:
        state = current_task()
        attempts.append(state and state.attempt)
        if n:
            raise OSError("no")

    monkeypatch.setattr(task_module, "ALWAYS_EAGER", True)
    a.delay(0)
    assert a.apply_async_with_future((0,)) is None
    with pytest.raises(OSError, match="no"):
        a.delay(1)
    assert attempts == [0, 0, 0]
    assert taskbroker.sent().count == 0


def test_a_future_ends_with_kafkas_word(app: TaskbrokerApp) -> None:
    task = app.create_namespace("mail").register(name="a")(lambda: None)
    future = task.apply_async_with_future()
    assert future is not None
    assert future.result(1) is None


def test_a_producer_is_made_once_for_each_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))
    made: list[str] = []
    produced: list[tuple[str, bytes]] = []

    class Producer:
        def produce(self, dest: Any, payload: Any) -> Future[None]:
            produced.append((dest.name, payload.value))
            done: Future[None] = Future()
            if len(produced) == 3:
                done.set_exception(OSError("too large"))
            else:
                done.set_result(None)
            return done

    def factory(topic: str) -> Any:
        made.append(topic)
        return Producer()

    app = TaskbrokerApp("shop", factory, ByName({"mail": "letters"}))
    mail = app.create_namespace("mail").register(name="a")(lambda: None)
    bill = app.create_namespace("bills").register(name="a")(lambda: None)
    assert made == []
    for task in (mail, bill):
        task.delay().delivered()
    with pytest.raises(DeliveryError, match="topic letters: too large"):
        mail.delay().delivered()
    assert made == ["letters", "taskworker"]
    assert [topic for topic, _ in produced] == ["letters", "taskworker", "letters"]
    assert messages.TaskActivation.FromString(produced[1][1]).namespace == "bills"


def test_messages_for_tests_of_load(app: TaskbrokerApp, taskbroker: InMemoryBroker) -> None:
    task = app.create_namespace("mail").register(name="a")(lambda: None)
    task.apply_async_testing(bytes=5000, seconds=1.5)
    sent = taskbroker.sent(task).one()
    assert 4000 < len(sent.headers["taskbroker-testing-activation-padding"]) <= 5000


def test_the_current_task_may_be_set_from_a_message() -> None:
    state = messages.RetryState(attempts=1, max_attempts=3)
    set_current_task(messages.TaskActivation(id="1", taskname="a", retry_state=state))
    try:
        task = current_task()
        assert task is not None
        assert (task.id, task.attempt, task.retries_remaining) == ("1", 1, True)
    finally:
        clear_current_task()


class TestRawMode:
    """The namespace of a raw topic refuses what would have no effect."""

    def test_one_task_with_retries(self, app: TaskbrokerApp) -> None:
        raw = app.taskregistry.create_namespace("raw", is_raw_mode=True)
        raw.register(name="a", retry=Retry(times=3))(lambda data: None)
        with pytest.raises(ValueError, match="has its one task already, 'a'"):
            raw.register(name="b")

    @pytest.mark.parametrize(
        "options",
        [
            {"expires": 3},
            {"processing_deadline_duration": 3},
            {"at_most_once": True},
            {"compression_type": CompressionType.ZSTD},
            {"retry": Retry(times_exceeded=LastAction.Deadletter)},
        ],
    )
    def test_refuses(self, app: TaskbrokerApp, options: dict[str, Any]) -> None:
        raw = app.taskregistry.create_namespace("raw", is_raw_mode=True)
        with pytest.raises(ConfigurationError, match="raw"):
            raw.register(name="a", **options)
        if "at_most_once" not in options and "compression_type" not in options:
            with pytest.raises(ConfigurationError, match="raw"):
                app.taskregistry.create_namespace("other", is_raw_mode=True, **options)


# ---------------------------------------------------------------------- workers


def test_options_of_workers() -> None:
    worker = TaskWorker("shop:app", ["a:1", "b:2"], 5, "mail", 3, process_type="fork")
    options = worker._worker.options
    assert options.broker_list() == ["a:1", "b:2"]
    assert (options.max_tasks, options.namespace, options.concurrency) == (5, "mail", 3)
    push = PushTaskWorker("shop:app", "a:1", grpc_port=5, prometheus_port=6)._worker.options
    assert (push.mode, push.listen, push.http) == ("push", "[::]:5", "0.0.0.0:6")


def test_options_that_mean_nothing_are_told() -> None:
    with pytest.warns(DeprecationWarning, match="rebalance_after means nothing to this worker"):
        TaskWorker("shop:app", ["a:1"], rebalance_after=5)
    with pytest.raises(ConfigurationError, match="process_type was 'threads'"):
        TaskWorker("shop:app", ["a:1"], process_type="threads")


def test_addresses_of_brokers() -> None:
    assert make_broker_hosts("b:5", 2) == ["b-0:5", "b-1:5"]
    assert make_broker_hosts("b:5", None) == ["b:5"]
    assert make_broker_hosts("b:5", 2, "x:1, y:2") == ["x:1", "y:2"]


def test_secrets_are_a_list_or_none_or_an_error() -> None:
    assert parse_rpc_secret_list('["a","b"]') == ["a", "b"]
    assert parse_rpc_secret_list(None) is None
    assert parse_rpc_secret_list("[]") is None
    with pytest.raises(ConfigurationError):
        parse_rpc_secret_list("a")


def test_an_interceptor_signs_calls_of_other_programs(app: TaskbrokerApp) -> None:
    grpc = pytest.importorskip("grpc")
    from taskbroker.testing import InMemoryServer
    from taskbroker.worker.client import RequestSignatureInterceptor

    task = app.create_namespace("mail").register(name="a")(lambda: None)
    broker = InMemoryBroker(app)
    broker.send("t", task.create_activation((), {}).SerializeToString(), None)
    path = f"/{messages.PACKAGE}.ConsumerService/GetTask"
    with InMemoryServer(broker, secrets=["s"]) as server:
        with grpc.insecure_channel(server.address) as plain:
            signed = grpc.intercept_channel(plain, RequestSignatureInterceptor(["s", "older"]))
            serialize = messages.GetTaskRequest.SerializeToString
            answer = signed.unary_unary(path, request_serializer=serialize)(
                messages.GetTaskRequest(application="shop")
            )
        assert messages.GetTaskResponse.FromString(answer).task.taskname == "a"
        assert server.refused == 0


def test_datadog_gets_each_number_with_its_tags() -> None:
    sent: list[Any] = []

    class Client:
        def increment(self, name: str, value: float, **rest: Any) -> None:
            sent.append((name, value, rest))

    metrics = DatadogMetrics("shop", "pool", enable_prefixed_metrics=True, client=Client())
    metrics.incr("a", 2, tags={"x": 1})
    tags = ["application:shop", "processing_pool:pool", "x:1"]
    assert sent == [
        ("a", 2, {"tags": tags, "sample_rate": 1.0}),
        ("shop.a", 2, {"tags": tags[1:], "sample_rate": 1.0}),
    ]
