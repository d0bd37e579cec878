"""What programs for taskbroker-client say of tasks, and what their calls become."""

from __future__ import annotations

import logging
import sys
import types
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from taskbroker import ConfigurationError, DeadlineExceeded, DeliveryError, Retry
from taskbroker import task as task_module
from taskbroker._wire import messages, parameters
from taskbroker.app import TaskbrokerApp
from taskbroker.imports import import_string
from taskbroker.metrics import NoOpMetricsBackend
from taskbroker.registry import TaskNamespace
from taskbroker.retry import LastAction, NoRetriesRemainingError, RetryTaskError, retry_task
from taskbroker.state import CurrentTaskState, clear_current_task, set_current_task
from taskbroker.testing import InMemoryBroker
from taskbroker.worker.judging import silenced


def no_producer(topic: str) -> Any:
    raise AssertionError("the fixture stands in for all producers")


@pytest.fixture
def app(taskbroker: InMemoryBroker) -> TaskbrokerApp:
    app = TaskbrokerApp("shop", no_producer)
    taskbroker.know(app)
    return app


@pytest.fixture
def mail(app: TaskbrokerApp) -> TaskNamespace:
    return app.create_namespace("mail", retry=Retry(times=4), expires=60)


# ---------------------------------------------------------------------- the app


class Upper:
    def route_namespace(self, name: str) -> str:
        return name.upper()


class Numbers(NoOpMetricsBackend):
    pass


def test_a_router_and_metrics_may_be_dotted_names() -> None:
    here = __name__
    app = TaskbrokerApp("shop", no_producer, f"{here}.Upper", f"{here}.Numbers")
    assert app.create_namespace("mail").topic == "MAIL"
    assert type(app.metrics).__name__ == "Numbers"


def test_a_dotted_name_that_leads_nowhere_is_an_error() -> None:
    with pytest.raises(ImportError):
        import_string("nowhere.at.all")
    with pytest.raises(AttributeError):
        import_string("taskbroker.app.Apq")
    assert import_string("taskbroker.app.TaskbrokerApp") is TaskbrokerApp


def test_modules_are_imported_when_they_are_loaded(
    app: TaskbrokerApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tasks_of_shop.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    app.set_modules(["tasks_of_shop"])
    assert "tasks_of_shop" not in sys.modules
    app.load_modules()
    assert "tasks_of_shop" in sys.modules
    app.set_modules(["tasks_of_nobody"])
    with pytest.raises(ModuleNotFoundError, match="tasks_of_nobody"):
        app.load_modules()


def test_namespaces_of_other_applications_live_apart(app: TaskbrokerApp) -> None:
    theirs = app.create_external_namespace("bills", "accounts", expires=5)
    assert app.taskregistry.get_external("accounts", "bills") is theirs
    with pytest.raises(KeyError, match="of application accounts is known"):
        app.taskregistry.get_external("accounts", "other")
    with pytest.raises(KeyError):
        app.get_namespace("bills")
    assert not app.taskregistry.contains("bills")
    task = theirs.register(name="pay", processing_deadline_duration=7)(lambda: None)
    activation = task.create_activation((), {})
    assert (activation.expires, activation.processing_deadline_duration) == (5, 7)


def test_a_task_of_another_application_cannot_be_called_eagerly(
    app: TaskbrokerApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = app.create_external_namespace("bills", "accounts").register(name="pay")(lambda: None)
    monkeypatch.setattr(task_module, "ALWAYS_EAGER", True)
    with pytest.raises(ValueError, match="belongs to another application"):
        task.delay()


# ---------------------------------------------------------------------- definitions


def test_a_task_inherits_from_its_namespace_or_says_otherwise(mail: TaskNamespace) -> None:
    inherits = mail.register(name="a")(lambda: None)
    assert inherits.retry is mail.default_retry
    assert (inherits.expires, inherits.deadline_s) == (60, 10)
    own = Retry(times=2)
    says = mail.register(name="b", retry=own, expires=3, processing_deadline_duration=4)(
        lambda: None
    )
    assert (says.retry, says.expires, says.deadline_s) == (own, 3, 4)
    once = mail.register(name="c", at_most_once=True)(lambda: None)
    assert once.retry is None
    assert mail.get("a") is inherits
    assert mail.contains("a")
    assert not mail.contains("d")
    with pytest.raises(KeyError, match="has no task 'd'; was its module imported"):
        mail.get("d")


def test_at_most_once_with_a_policy_of_its_own_is_refused(mail: TaskNamespace) -> None:
    with pytest.raises(ConfigurationError, match="at most once"):
        mail.register(name="a", at_most_once=True, retry=Retry(times=2))(lambda: None)


@pytest.mark.parametrize(("given", "seconds"), [(5, 5), (timedelta(minutes=2), 120)])
def test_spans_are_seconds_or_timedeltas(mail: TaskNamespace, given: Any, seconds: int) -> None:
    task = mail.register(name="a", processing_deadline_duration=given, expires=given)(lambda: None)
    activation = task.create_activation((), {}, expires=given, countdown=given)
    assert activation.processing_deadline_duration == seconds
    assert (activation.expires, activation.delay) == (seconds, seconds)
    assert task.create_activation((), {}).expires == seconds


def test_a_call_that_expires_at_once_says_so(mail: TaskNamespace) -> None:
    activation = mail.register(name="a")(lambda: None).create_activation((), {}, expires=0)
    assert activation.HasField("expires")
    assert activation.expires == 0


@pytest.mark.parametrize("action", list(LastAction))
def test_the_first_message_says_the_policy(mail: TaskNamespace, action: LastAction) -> None:
    task = mail.register(name="a", retry=Retry(times=3, times_exceeded=action))(lambda: None)
    state = task.create_activation((), {}).retry_state
    assert (state.attempts, state.max_attempts) == (0, 3)
    assert state.on_attempts_exceeded == action.to_proto()
    assert not state.HasField("delay_on_retry")


def test_a_policy_is_asked_by_the_task(mail: TaskNamespace) -> None:
    task = mail.register(name="a", retry=Retry(times=2, on=(OSError,)))(lambda: None)
    state = messages.RetryState(attempts=0)
    assert task.should_retry(state, OSError())
    assert not task.should_retry(state, ValueError())
    state.attempts = 1
    assert not task.should_retry(state, OSError())


# ---------------------------------------------------------------------- headers


def takes_headers(n: int, headers: dict[str, str]) -> None: ...


def takes_any(headers: Any = None) -> None: ...


def takes_mapping(*, headers: Mapping[str, str]) -> None: ...


def takes_none(n: int) -> None: ...


def takes_text(headers: str) -> None: ...


def takes_it_by_place(headers: Any, /) -> None: ...


@pytest.mark.parametrize("function", [takes_headers, takes_any, takes_mapping])
def test_a_function_may_ask_for_its_headers(mail: TaskNamespace, function: Any) -> None:
    assert mail.register(name="a", pass_headers=True)(function).pass_headers


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (takes_none, "must have a parameter 'headers'"),
        (takes_it_by_place, "must have a parameter 'headers' that can be named"),
        (takes_text, "must be a dict or a Mapping"),
    ],
)
def test_a_function_that_cannot_take_headers_is_refused(
    mail: TaskNamespace, function: Any, words: str
) -> None:
    with pytest.raises(TypeError, match=words):
        mail.register(name="a", pass_headers=True)(function)


def test_headers_are_handed_to_the_function(
    mail: TaskNamespace, taskbroker: InMemoryBroker
) -> None:
    seen: list[Any] = []

    @mail.register(name="a", pass_headers=True)
    def a(n: int, headers: dict[str, str]) -> None:
        seen.append((n, headers))

    a.apply_async((1,), headers={"who": "me", "n": 2})
    taskbroker.run()
    assert seen == [(1, {"who": "me", "n": "2"})]


def test_a_call_may_not_pass_the_headers_itself(mail: TaskNamespace) -> None:
    task = mail.register(name="a", pass_headers=True)(takes_headers)
    with pytest.raises(TypeError, match="mail:a is given its headers by the worker"):
        task.apply_async((1,), {"headers": {}})
    activation = task.create_activation((1,), {})
    activation.parameters_bytes = parameters.encode([1], {"headers": {}})
    with pytest.raises(TypeError, match="mail:a is given its headers by the worker"):
        task.decode(activation)


def test_hooks_add_to_the_headers_of_a_call(taskbroker: InMemoryBroker) -> None:
    class Hook:
        def on_dispatch(self, headers: Any) -> None:
            headers["tenant"] = headers.pop("x") + 1

        def on_execute(self, headers: Any) -> Any: ...

    app = TaskbrokerApp("shop", no_producer, context_hooks=[Hook()])
    taskbroker.know(app)
    task = app.create_namespace("mail").register(name="a")(lambda: None)
    given = {"x": 6}
    task.apply_async((), headers=given)
    assert taskbroker.sent(task).one().headers == {"tenant": "7"}
    assert given == {"x": 6}  # the caller's own stay as they are


@pytest.fixture
def sentry(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    sdk = types.SimpleNamespace(
        is_initialized=lambda: True,
        get_traceparent=lambda: "a-b-1",
        get_baggage=lambda: None,
    )
    monkeypatch.setitem(sys.modules, "sentry_sdk", sdk)  # type: ignore[arg-type]
    return sdk


@pytest.mark.parametrize(
    ("given", "trace"),
    [
        ({}, {"sentry-trace": "a-b-1", "baggage": ""}),
        ({"sentry-trace": "mine"}, {"sentry-trace": "mine", "baggage": ""}),
        ({"sentry-propagate-traces": False}, {"sentry-propagate-traces": "False"}),
    ],
)
def test_a_trace_goes_with_a_call_where_sentry_is_set_up(
    mail: TaskNamespace, sentry: types.SimpleNamespace, given: Any, trace: dict[str, str]
) -> None:
    task = mail.register(name="a")(lambda: None)
    assert dict(task.create_activation((), {}, headers=given).headers) == trace
    sentry.is_initialized = lambda: False
    assert "baggage" not in task.create_activation((), {}, headers=given).headers


# ---------------------------------------------------------------------- sending


class Answering:
    """A transport that keeps what it is sent, and whose future ends as it is told."""

    def __init__(self, error: Exception | None) -> None:
        self.sent: list[messages.TaskActivation] = []
        self._error = error

    def send(self, topic: str, value: bytes, key: bytes | None) -> Future[None]:
        self.sent.append(messages.TaskActivation.FromString(value))
        done: Future[None] = Future()
        if self._error is None:
            done.set_result(None)
        else:
            done.set_exception(self._error)
        return done

    def flush(self, timeout: float) -> int:
        return 0


def test_a_delivery_that_is_awaited_and_fails_is_logged_and_not_raised(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refused = DeliveryError("topic taskworker: too large")
    for error, lines in ((None, 0), (refused, 1)):
        namespace = TaskNamespace("mail", "shop", Answering(error), Upper())
        task = namespace.register(name="a", wait_for_delivery=True)(lambda: None)
        with caplog.at_level(logging.ERROR):
            task.delay()
        assert caplog.messages == ["mail:a: topic taskworker: too large"][:lines]


def test_what_a_producer_raises_is_raised_to_the_caller() -> None:
    class Full(Answering):
        def send(self, topic: str, value: bytes, key: bytes | None) -> Future[None]:
            raise BufferError("the queue is full")

    task = TaskNamespace("mail", "shop", Full(None), Upper()).register(name="a")(lambda: None)
    with pytest.raises(BufferError):
        task.delay()


def test_the_start_time_of_old_clients_is_no_argument(mail: TaskNamespace) -> None:
    task = mail.register(name="a")(lambda n: None)
    activation = task.create_activation((1,), {})
    activation.parameters_bytes = parameters.encode([1], {"__start_time": 1.5})
    assert task.decode(activation) == ([1], {})


def test_a_message_for_tests_of_load_has_the_size_and_the_deadline_it_needs() -> None:
    kept = Answering(None)
    task = TaskNamespace("mail", "shop", kept, Upper()).register(name="a")(lambda: None)
    task.apply_async_testing(seconds=1.5)
    task.apply_async_testing(bytes=2000)
    long, large = kept.sent
    assert (long.processing_deadline_duration, large.processing_deadline_duration) == (12, 10)
    assert large.ByteSize() >= 2000


# ---------------------------------------------------------------------- in the task


def test_a_retry_helper_may_return_when_nothing_is_left() -> None:
    def state(is_left: bool) -> CurrentTaskState:
        return CurrentTaskState("1", "n", "t", 0, 10, is_left)

    try:
        set_current_task(state(False))
        assert retry_task(raise_on_no_retries=False) is None  # type: ignore[func-returns-value]
        with pytest.raises(NoRetriesRemainingError):
            retry_task()
        set_current_task(state(True))
        with pytest.raises(RetryTaskError):
            retry_task(raise_on_no_retries=False)
    finally:
        clear_current_task()


def test_a_deadline_is_no_news_if_the_task_says_so(app: TaskbrokerApp, mail: TaskNamespace) -> None:
    told = mail.register(name="a", silenced_exceptions=(OSError,))(lambda: None)
    untold = mail.register(name="b", report_timeout_errors=False)(lambda: None)
    assert silenced(app, told.create_activation((), {})) == (OSError,)
    assert silenced(app, untold.create_activation((), {})) == (DeadlineExceeded,)
