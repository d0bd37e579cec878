"""Namespaces, and the tasks in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Concatenate, Protocol, overload

from taskbroker._wire import headers as wire_headers
from taskbroker.constants import DEFAULT_PROCESSING_DEADLINE, CompressionType
from taskbroker.context import Context
from taskbroker.durations import Duration
from taskbroker.errors import ConfigurationError
from taskbroker.producer import current
from taskbroker.producer.port import Sent, Transport
from taskbroker.retry import LastAction, Retry
from taskbroker.router import TaskRouter
from taskbroker.task import Call, P, R, Task


class Decorate(Protocol):
    """Turns a function into a task; a context that it takes first is no part of the call."""

    @overload
    def __call__(self, func: Callable[Concatenate[Context, P], R], /) -> Task[P, R]: ...
    @overload
    def __call__(self, func: Callable[P, R], /) -> Task[P, R]: ...


class TaskNamespace:
    """A named group of tasks with defaults of its own."""

    def __init__(
        self,
        name: str,
        application: str,
        transport: Transport,
        router: TaskRouter,
        *,
        retry: Retry | None = None,
        expires: Duration | None = None,
        processing_deadline_duration: Duration = DEFAULT_PROCESSING_DEADLINE,
        app_feature: str | None = None,
    ) -> None:
        self.name = name
        self.application = application
        self.default_retry = retry
        self.default_expires = expires
        self.default_processing_deadline_duration = processing_deadline_duration
        self.app_feature = app_feature or name
        self._transport = transport
        self._router = router
        self._tasks: dict[str, Task[Any, Any]] = {}

    @property
    def topic(self) -> str:
        """Where the tasks of this namespace go now."""
        return self._router.route_namespace(self.name)

    def task(
        self,
        name: str,
        *,
        retry: Retry | None = None,
        then: LastAction | None = None,
        deadline: Duration | None = None,
        expires: Duration | None = None,
        at_most_once: bool = False,
        compress: bool = False,
    ) -> Decorate:
        """Makes a task of a function.

        ``then`` says what the broker does with a task that has failed for good. ``deadline`` is the
        time that a worker has. Arguments are checked against the annotations at each call.
        """
        policy = retry or self.default_retry
        if then is not None and not at_most_once:
            policy = _ending(policy or Retry(), then)
        compression = CompressionType.ZSTD if compress else CompressionType.PLAINTEXT

        def decorate(func: Callable[..., Any]) -> Task[Any, Any]:
            return self.add(
                Task(
                    name,
                    func,
                    self,
                    retry=None if at_most_once else policy,
                    expires=expires,
                    processing_deadline_duration=deadline,
                    at_most_once=at_most_once,
                    compression_type=compression,
                )
            )

        return decorate

    def add(self, task: Task[Any, Any]) -> Task[Any, Any]:
        """Registers a task. Raises :class:`ConfigurationError` if its name is taken."""
        if task.name in self._tasks:
            raise ConfigurationError(f"task {task.fullname} is registered already")
        self._tasks[task.name] = task
        return task

    def get(self, name: str) -> Task[Any, Any]:
        """Returns the task of this name; raises ``KeyError`` if there is none."""
        if name not in self._tasks:
            raise KeyError(f"namespace {self.name} has no task {name!r}; was its module imported?")
        return self._tasks[name]

    def contains(self, name: str) -> bool:
        return name in self._tasks

    def tasks(self) -> list[Task[Any, Any]]:
        """All tasks, in the order of their registration."""
        return list(self._tasks.values())

    def headers_of(self, headers: Mapping[str, wire_headers.Value]) -> dict[str, str]:
        """The headers of a call as text."""
        return wire_headers.to_text(headers)

    def send_call(self, call: Call) -> Sent:
        """Hands an encoded call to the transport in force."""
        transport = current.override.get() or self._transport
        topic = self.topic
        acknowledged = transport.send(topic, call.activation.SerializeToString(), call.key)
        return Sent(call.activation.id, topic, acknowledged)


def _ending(policy: Retry, then: LastAction) -> Retry:
    return Retry(policy.times, policy.on, policy.ignore, then, policy.delay, backoff=policy.backoff)


class TaskRegistry:
    """The namespaces of one application."""

    def __init__(self, application: str, transport: Transport, router: TaskRouter) -> None:
        self._application = application
        self._transport = transport
        self._router = router
        self._namespaces: dict[str, TaskNamespace] = {}

    def create_namespace(
        self,
        name: str,
        *,
        retry: Retry | None = None,
        expires: Duration | None = None,
        processing_deadline_duration: Duration = DEFAULT_PROCESSING_DEADLINE,
        app_feature: str | None = None,
    ) -> TaskNamespace:
        """Adds a namespace. Raises :class:`ConfigurationError` if its name is taken."""
        if name in self._namespaces:
            raise ConfigurationError(f"namespace {name!r} exists already")
        namespace = TaskNamespace(
            name,
            self._application,
            self._transport,
            self._router,
            retry=retry,
            expires=expires,
            processing_deadline_duration=processing_deadline_duration,
            app_feature=app_feature,
        )
        self._namespaces[name] = namespace
        return namespace

    def get(self, name: str) -> TaskNamespace:
        """Returns the namespace; raises ``KeyError`` if there is none of this name."""
        if name not in self._namespaces:
            raise KeyError(f"application {self._application} has no namespace {name!r}")
        return self._namespaces[name]

    def contains(self, name: str) -> bool:
        return name in self._namespaces

    def get_task(self, namespace: str, task: str) -> Task[Any, Any]:
        return self.get(namespace).get(task)

    def namespaces(self) -> list[TaskNamespace]:
        """All namespaces, in the order of their creation."""
        return list(self._namespaces.values())
