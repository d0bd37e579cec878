"""Namespaces, and the tasks in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Concatenate, Protocol, overload

from taskbroker import raw, tracing
from taskbroker._wire import headers as wire_headers
from taskbroker._wire import messages
from taskbroker.call import Call, P
from taskbroker.constants import (
    DEFAULT_PROCESSING_DEADLINE,
    INTERNAL_NAMESPACE,
    CompressionType,
)
from taskbroker.context import Context
from taskbroker.durations import Duration
from taskbroker.errors import ConfigurationError, DeliveryError
from taskbroker.producer import current
from taskbroker.producer.port import Sent, Transport
from taskbroker.retry import LastAction, Retry
from taskbroker.router import TaskRouter
from taskbroker.task import ExternalTask, R, Task
from taskbroker.types import ContextHook


class Decorate(Protocol):
    """Turns a function into a task; a context that it takes first is no part of the call."""

    @overload
    def __call__(self, func: Callable[Concatenate[Context, P], R], /) -> Task[P, R]: ...
    @overload
    def __call__(self, func: Callable[P, R], /) -> Task[P, R]: ...


class TaskNamespace:
    """A named group of tasks with defaults of its own."""

    _kind: type[Task[Any, Any]] = Task

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
        hooks: Sequence[ContextHook] = (),
        is_raw_mode: bool = False,
    ) -> None:
        if is_raw_mode:
            raw.check_namespace(name, retry, expires, processing_deadline_duration)
        self.name = name
        self.application = application
        self.is_raw_mode = is_raw_mode
        self._hooks = hooks
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

        ``retry`` is its policy; without one it has the namespace's, and without that it is tried
        once. ``then`` says what the broker does with a task that has failed for good. ``deadline``
        is the time that a worker has, in whole seconds, at least 1; ``expires`` the time in which
        one must begin it. A task that is ``at_most_once`` is never tried again, whatever the
        namespace says. ``compress`` compresses the arguments always, not only above 3 MB.

        Arguments are checked against the annotations at each call. Raises
        :class:`ConfigurationError` if the name is taken, or if there is a policy or a ``then``
        beside ``at_most_once``.
        """
        if at_most_once and then is not None:
            raise ConfigurationError(
                f"task {self.name}:{name} runs at most once and is discarded when it fails; it"
                " takes no 'then'"
            )
        policy = retry if at_most_once else retry or self.default_retry
        if then is not None:
            policy = _ending(policy or Retry(), then)
        compression = CompressionType.ZSTD if compress else CompressionType.PLAINTEXT

        def decorate(func: Callable[..., Any]) -> Task[Any, Any]:
            return self.add(
                Task(
                    name,
                    func,
                    self,
                    retry=policy,
                    expires=expires,
                    processing_deadline_duration=deadline,
                    at_most_once=at_most_once,
                    compression_type=compression,
                )
            )

        return decorate

    def register(
        self,
        *,
        name: str,
        retry: Retry | None = None,
        expires: Duration | None = None,
        processing_deadline_duration: Duration | None = None,
        at_most_once: bool = False,
        wait_for_delivery: bool = False,
        compression_type: CompressionType = CompressionType.PLAINTEXT,
        report_timeout_errors: bool = True,
        silenced_exceptions: tuple[type[BaseException], ...] | None = None,
        pass_headers: bool = False,
    ) -> Callable[[Callable[P, R]], Task[P, R]]:
        """Makes a task of a function, as taskbroker-client does.

        Its arguments are not held to the annotations. ``wait_for_delivery`` waits up to 10 s for
        Kafka at each call; what Kafka refuses is logged.
        """
        if self.is_raw_mode:
            raw.check_task(self, retry, expires, processing_deadline_duration, at_most_once)
            raw.check_compression(self, compression_type)

        def decorate(func: Callable[P, R]) -> Task[P, R]:
            made: Task[P, R] = self._kind(
                name,
                func,
                self,
                retry=retry,
                expires=expires or None,
                processing_deadline_duration=processing_deadline_duration or None,
                at_most_once=at_most_once,
                wait_for_delivery=wait_for_delivery,
                compression_type=compression_type,
                report_timeout_errors=report_timeout_errors,
                silenced_exceptions=silenced_exceptions,
                pass_headers=pass_headers,
                checked=False,
            )
            self.add(made)
            return made

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
        """Returns true if a task of this name is registered."""
        return name in self._tasks

    def tasks(self) -> list[Task[Any, Any]]:
        """All tasks, in the order of their registration."""
        return list(self._tasks.values())

    def headers_of(self, headers: Mapping[str, wire_headers.Value]) -> dict[str, str]:
        """The headers of a call as text, with those of hooks and of a trace that is under way."""
        found = {**tracing.headers(headers), **headers}
        for hook in self._hooks:
            hook.on_dispatch(found)
        return wire_headers.to_text(found)

    def send_call(self, call: Call) -> Sent:
        """Hands an encoded call to the transport in force."""
        return self.send_task(call.activation, key=call.key)

    def send_task(
        self,
        activation: messages.TaskActivation,
        wait_for_delivery: bool = False,
        *,
        key: bytes | None = None,
    ) -> Sent:
        """Hands a message to the transport in force.

        With ``wait_for_delivery`` it waits up to 10 s for Kafka, and logs what went wrong.
        """
        topic = self.topic
        value = activation.SerializeToString()
        stand_in = current.override.get()
        if stand_in is None:
            acknowledged = self._transport.send(topic, value, key)
        else:
            acknowledged = stand_in.send_from(self, topic, value, key)
        sent = Sent(activation.id, topic, acknowledged)
        if wait_for_delivery:
            try:
                sent.delivered(10)
            except DeliveryError as e:
                import logging  # few programs wait here, and fewer fail

                logging.getLogger("taskbroker.producer").error(
                    "%s:%s: %s", activation.namespace, activation.taskname, e
                )
        return sent


class ExternalNamespace(TaskNamespace):
    """Tasks of another application: they can be sent from here, and run there."""

    _kind = ExternalTask

    @property
    def topic(self) -> str:
        """Where the tasks go now; the router is asked for "application:namespace"."""
        return self._router.route_namespace(f"{self.application}:{self.name}")


def _ending(policy: Retry, then: LastAction) -> Retry:
    return Retry(policy.times, policy.on, policy.ignore, then, policy.delay, backoff=policy.backoff)


class TaskRegistry:
    """The namespaces of one application."""

    def __init__(
        self,
        application: str,
        transport: Transport,
        router: TaskRouter,
        hooks: Sequence[ContextHook] = (),
    ) -> None:
        self._application = application
        self._transport = transport
        self._router = router
        self._hooks = hooks
        self._namespaces: dict[str, TaskNamespace] = {}
        self._external: dict[tuple[str, str], ExternalNamespace] = {}
        self._internal = TaskNamespace(INTERNAL_NAMESPACE, application, transport, router)
        self._internal.task("canary_task")(_canary)

    def create_namespace(
        self,
        name: str,
        *,
        retry: Retry | None = None,
        expires: Duration | None = None,
        processing_deadline_duration: Duration = DEFAULT_PROCESSING_DEADLINE,
        app_feature: str | None = None,
        is_raw_mode: bool = False,
    ) -> TaskNamespace:
        """Adds a namespace. Raises :class:`ConfigurationError` if its name is taken.

        With ``is_raw_mode`` it is the namespace of a raw topic: it has one task, whose only
        argument is the bytes of a record, and the broker's settings say the rest.
        """
        if name == INTERNAL_NAMESPACE:
            raise ConfigurationError(f"namespace {name!r} belongs to the brokers")
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
            hooks=self._hooks,
            is_raw_mode=is_raw_mode,
        )
        self._namespaces[name] = namespace
        return namespace

    def create_external_namespace(
        self,
        name: str,
        application: str,
        *,
        retry: Retry | None = None,
        expires: Duration | None = None,
        processing_deadline_duration: Duration = DEFAULT_PROCESSING_DEADLINE,
    ) -> ExternalNamespace:
        """Adds a namespace of another application, to send tasks to.

        Raises :class:`ConfigurationError` if there is one of this name and application.
        """
        if (application, name) in self._external:
            raise ConfigurationError(f"namespace {application}:{name} exists already")
        namespace = ExternalNamespace(
            name,
            application,
            self._transport,
            self._router,
            retry=retry,
            expires=expires,
            processing_deadline_duration=processing_deadline_duration,
            hooks=self._hooks,
        )
        self._external[application, name] = namespace
        return namespace

    def get(self, name: str) -> TaskNamespace:
        """Returns the namespace; raises ``KeyError`` if there is none of this name."""
        if name == INTERNAL_NAMESPACE:
            return self._internal
        if name not in self._namespaces:
            raise KeyError(f"application {self._application} has no namespace {name!r}")
        return self._namespaces[name]

    def get_external(self, application: str, name: str) -> ExternalNamespace:
        """Returns the namespace of another application; raises ``KeyError`` if there is none."""
        if (application, name) not in self._external:
            raise KeyError(f"no namespace {name!r} of application {application} is known")
        return self._external[application, name]

    def contains(self, name: str) -> bool:
        return name in self._namespaces

    def has(self, namespace: object) -> bool:
        """Returns true for a namespace of this registry, whatever its name."""
        return any(namespace is own for own in (self._internal, *self._namespaces.values()))

    def get_task(self, namespace: str, task: str) -> Task[Any, Any]:
        return self.get(namespace).get(task)

    def namespaces(self) -> list[TaskNamespace]:
        """All namespaces of the application's own, in the order of their creation."""
        return list(self._namespaces.values())


def _canary() -> None:
    """Brokers send it to try the way to the workers."""
