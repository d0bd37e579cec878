"""The application that tasks belong to."""

from __future__ import annotations

import os
import weakref
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from taskbroker.call import Call
from taskbroker.constants import (
    DEFAULT_AT_MOST_ONCE_TTL,
    DEFAULT_PROCESSING_DEADLINE,
    DEFAULT_TOPIC,
)
from taskbroker.durations import Duration, seconds
from taskbroker.errors import ConfigurationError
from taskbroker.metrics import MetricsBackend, NoOpMetricsBackend
from taskbroker.producer import current
from taskbroker.producer.chosen import KafkaWhenNeeded
from taskbroker.producer.port import Sent, Transport
from taskbroker.registry import Decorate, ExternalNamespace, TaskNamespace, TaskRegistry
from taskbroker.retry import LastAction, Retry
from taskbroker.router import DefaultRouter, TaskRouter
from taskbroker.task import Task
from taskbroker.types import AtMostOnceStore, ContextHook

if TYPE_CHECKING:
    from taskbroker.dropin import TaskbrokerApp as TaskbrokerApp
    from taskbroker.dropin import get_at_most_once_key as get_at_most_once_key
    from taskbroker.dropin import import_app as import_app
    from taskbroker.schedules import Entry
    from taskbroker.worker import Worker, WorkerOptions

DEFAULT_NAMESPACE = "default"

_apps: weakref.WeakSet[App] = weakref.WeakSet()


def known_apps() -> list[App]:
    """All apps of this process; for test kits."""
    return list(_apps)


class App:
    """Tasks, and how they get to workers.

    ``name`` is what workers and brokers know the application by. ``kafka`` is the address of a
    Kafka broker, or several with commas; without it the environment's ``TASKBROKER_KAFKA`` is
    asked when the first task is sent. Safe for all threads.

    Workers read the rest: ``brokers`` are their addresses, ``secrets`` the JSON list that calls are
    signed with, ``at_most_once_store`` remembers for ``at_most_once_ttl`` seconds which
    at-most-once tasks have begun, and ``context_hooks`` surround each task.
    """

    def __init__(
        self,
        name: str,
        *,
        kafka: str | None = None,
        topic: str | TaskRouter = DEFAULT_TOPIC,
        transport: Transport | None = None,
        brokers: str | Sequence[str] | None = None,
        secrets: str | None = None,
        at_most_once_store: AtMostOnceStore | None = None,
        at_most_once_ttl: int = DEFAULT_AT_MOST_ONCE_TTL,
        context_hooks: Iterable[ContextHook] = (),
        metrics: MetricsBackend | None = None,
    ) -> None:
        if not name:
            raise ConfigurationError("an application needs a name")
        self.name = name
        router = DefaultRouter(topic) if isinstance(topic, str) else topic
        self._transport = transport or KafkaWhenNeeded(name, kafka)
        self.context_hooks: list[ContextHook] = list(context_hooks)
        self.taskregistry = TaskRegistry(name, self._transport, router, self.context_hooks)
        self.schedules: list[Entry] = []
        self.brokers = brokers
        self.secrets = secrets
        self.at_most_once_store = at_most_once_store
        self.at_most_once_ttl = at_most_once_ttl
        self.metrics: MetricsBackend = metrics or NoOpMetricsBackend()
        _apps.add(self)

    def namespace(
        self,
        name: str,
        *,
        retry: Retry | None = None,
        deadline: Duration = DEFAULT_PROCESSING_DEADLINE,
        expires: Duration | None = None,
    ) -> TaskNamespace:
        """Adds a namespace with defaults for its tasks.

        Raises :class:`ConfigurationError` if the name is taken, or is the brokers' own.
        """
        return self.taskregistry.create_namespace(
            name, retry=retry, expires=expires, processing_deadline_duration=deadline
        )

    def external(self, application: str, namespace: str) -> ExternalNamespace:
        """The namespace of another application, whose tasks can be sent from here.

        Its functions need no body: their names and parameters count.
        """
        try:
            return self.taskregistry.get_external(application, namespace)
        except KeyError:
            return self.taskregistry.create_external_namespace(namespace, application)

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

        ``name`` is "namespace:task" or "namespace.task"; without a namespace it is "default".
        The namespace is made if it does not exist. See :meth:`TaskNamespace.task`.
        """
        namespace, task = split_name(name)
        if not self.taskregistry.contains(namespace):
            self.namespace(namespace)
        return self.taskregistry.get(namespace).task(
            task,
            retry=retry,
            then=then,
            deadline=deadline,
            expires=expires,
            at_most_once=at_most_once,
            compress=compress,
        )

    def get_task(self, namespace: str, task: str) -> Task[Any, Any]:
        """Returns a task by its names; raises ``KeyError`` if there is none."""
        return self.taskregistry.get_task(namespace, task)

    def every(
        self,
        span: Duration,
        task: Task[Any, Any],
        *,
        args: Collection[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Entry:
        """Has schedulers send a task again and again; the first time when one starts.

        ``span`` is whole seconds, at least 1. ``key`` tells several schedules of one task apart.
        """
        from taskbroker.schedules import Entry, Interval  # most apps have no schedule

        entry = Entry(key or task.name, task, Interval.of(span), tuple(args), dict(kwargs or {}))
        self.schedules.append(entry)
        return entry

    def cron(
        self,
        expression: str,
        task: Task[Any, Any],
        *,
        args: Collection[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        tz: str = "UTC",
        catch_up: bool = False,
        key: str | None = None,
    ) -> Entry:
        """Has schedulers send a task by the clock of the time zone ``tz``.

        ``expression`` is minute, hour, day of month, month and day of week, as Debian's cron has
        them, with ``L`` for the last day and ``MON#2`` for the second Monday. With ``catch_up`` an
        occurrence that no scheduler could run in time runs later, once. The expression is checked
        when a scheduler starts, and by ``taskworker check``.
        """
        from taskbroker.schedules import Cron, Entry  # most apps have no schedule

        when = Cron(expression, tz)
        entry = Entry(key or task.name, task, when, tuple(args), dict(kwargs or {}), catch_up)
        self.schedules.append(entry)
        return entry

    def worker(self, **options: Unpack[WorkerOptions]) -> Worker:
        """Makes a worker of this app; ``run`` of it works until it is told to stop.

        A worker whose children import the app anew is made of the app's name instead:
        ``Worker("shop:app")``.
        """
        from taskbroker.worker import Worker

        return Worker(self, **options)

    def send_many(self, calls: Iterable[Call]) -> list[Sent]:
        """Hands many calls over; what was handed over before one fails is on its way."""
        return [call.send() for call in calls]

    @property
    def kafka_servers(self) -> str | None:
        """The addresses of Kafka that the app is given, or the environment's; None for neither."""
        return getattr(self._transport, "servers", None) or os.environ.get("TASKBROKER_KAFKA")

    @property
    def has_own_transport(self) -> bool:
        """Returns true if the app was given something to send with."""
        return not isinstance(self._transport, KafkaWhenNeeded)

    def flush(self, timeout: Duration = "10s") -> int:
        """Waits for Kafka's acknowledgements; returns how many are missing then, those of tasks
        included that Kafka has refused since the last flush."""
        transport = current.override.get() or self._transport
        return transport.flush(seconds(timeout, "a timeout"))


def split_name(name: str) -> tuple[str, str]:
    """The namespace and the task that "namespace:task" or "namespace.task" names."""
    for separator in (":", "."):
        namespace, found, task = name.partition(separator)
        if found:
            if not namespace or not task:
                raise ConfigurationError(f"the name of a task is 'namespace:task', was {name!r}")
            return namespace, task
    if not name:
        raise ConfigurationError("a task needs a name")
    return DEFAULT_NAMESPACE, name


def __getattr__(name: str) -> Any:
    """What programs for taskbroker-client import from here; others need not load it."""
    if name in ("TaskbrokerApp", "get_at_most_once_key", "import_app"):
        from taskbroker import dropin

        return getattr(dropin, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
