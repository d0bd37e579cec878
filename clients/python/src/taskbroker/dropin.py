"""The app as programs for taskbroker-client make it.

Such a program runs once ``taskbroker_client`` is ``taskbroker`` in its imports. What differs is in
the guide to migrating.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any, cast

from taskbroker._wire import messages
from taskbroker.app import App
from taskbroker.constants import DEFAULT_AT_MOST_ONCE_TTL, DEFAULT_PROCESSING_DEADLINE
from taskbroker.durations import Duration
from taskbroker.execute import at_most_once_key
from taskbroker.imports import import_string
from taskbroker.metrics import MetricsBackend
from taskbroker.producer.arroyo import FactoryTransport
from taskbroker.registry import ExternalNamespace, TaskNamespace
from taskbroker.retry import Retry
from taskbroker.router import TaskRouter
from taskbroker.types import AtMostOnceStore, ContextHook, ProducerFactory

get_at_most_once_key = at_most_once_key

_SETTINGS = ("rpc_secret", "grpc_config", "at_most_once_timeout")


class SettableStore:
    """Remembers by a store that may be set later; without one every task may begin."""

    def __init__(self, store: AtMostOnceStore | None) -> None:
        self._store = store

    def __call__(self, backend: AtMostOnceStore | None) -> None:
        """Sets the store."""
        self._store = backend

    def add(self, key: str, value: str, timeout: int) -> bool:
        return self._store is None or self._store.add(key, value, timeout)


class TaskbrokerApp(App):
    """An app whose producers, router and metrics are given as objects or dotted names.

    ``producer_factory`` makes a producer of arroyo's kind for each topic. ``app.at_most_once_store(
    store)`` sets the store later.
    """

    def __init__(
        self,
        name: str,
        producer_factory: ProducerFactory,
        router_class: str | TaskRouter = "taskbroker.router.DefaultRouter",
        metrics_class: str | MetricsBackend = "taskbroker.metrics.NoOpMetricsBackend",
        at_most_once_store: AtMostOnceStore | None = None,
        context_hooks: list[ContextHook] | None = None,
    ) -> None:
        super().__init__(
            name,
            topic=cast(TaskRouter, _made(router_class)),
            transport=FactoryTransport(producer_factory),
            context_hooks=context_hooks or [],
            metrics=cast(MetricsBackend, _made(metrics_class)),
        )
        self.at_most_once_store: SettableStore = SettableStore(at_most_once_store)
        self._config: dict[str, Any] = dict.fromkeys(_SETTINGS)
        self._modules: list[str] = []

    @property
    def config(self) -> dict[str, Any]:
        """``rpc_secret``, ``grpc_config`` and ``at_most_once_timeout``; None is not set."""
        return self._config

    def set_config(self, config: dict[str, Any]) -> None:
        """Sets what it names of :attr:`config`; other keys are ignored."""
        self._config.update({k: v for k, v in config.items() if k in _SETTINGS})
        self.secrets = self._config["rpc_secret"]
        self.at_most_once_ttl = self._config["at_most_once_timeout"] or DEFAULT_AT_MOST_ONCE_TTL

    def set_modules(self, modules: Iterable[str]) -> None:
        """Names the modules that define tasks; workers and schedulers import them."""
        self._modules = list(modules)

    def load_modules(self) -> None:
        """Imports the modules that define tasks."""
        for module in self._modules:
            importlib.import_module(module)

    def create_namespace(
        self,
        name: str,
        *,
        retry: Retry | None = None,
        expires: Duration | None = None,
        processing_deadline_duration: Duration = DEFAULT_PROCESSING_DEADLINE,
        app_feature: str | None = None,
    ) -> TaskNamespace:
        """Adds a namespace; raises ``ValueError`` if its name is taken, or "internal"."""
        return self.taskregistry.create_namespace(
            name,
            retry=retry,
            expires=expires,
            processing_deadline_duration=processing_deadline_duration,
            app_feature=app_feature,
        )

    def create_external_namespace(
        self,
        name: str,
        application: str,
        *,
        retry: Retry | None = None,
        expires: Duration | None = None,
        processing_deadline_duration: Duration = DEFAULT_PROCESSING_DEADLINE,
    ) -> ExternalNamespace:
        """Adds a namespace of another application; raises ``ValueError`` if it is there."""
        return self.taskregistry.create_external_namespace(
            name,
            application,
            retry=retry,
            expires=expires,
            processing_deadline_duration=processing_deadline_duration,
        )

    def get_namespace(self, namespace: str) -> TaskNamespace:
        """Returns a namespace; raises ``KeyError`` if there is none of this name."""
        return self.taskregistry.get(namespace)

    def should_attempt_at_most_once(self, activation: messages.TaskActivation) -> bool:
        """Returns true the first time, for a while, that this activation is asked for."""
        key = at_most_once_key(activation.namespace, activation.taskname, activation.id)
        return self.at_most_once_store.add(key, "1", self.at_most_once_ttl)


def import_app(app_module: str) -> App:
    """Returns the app that "module:name" means.

    Raises :class:`~taskbroker.errors.ConfigurationError`, a ``ValueError``, if there is none.
    """
    from taskbroker.worker.loading import load

    return load(app_module)


def _made(given: str | object) -> object:
    return import_string(given)() if isinstance(given, str) else given
