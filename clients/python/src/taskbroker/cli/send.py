"""``taskworker send``."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

from taskbroker.app import App, split_name
from taskbroker.call import CallOptions
from taskbroker.errors import ConfigurationError
from taskbroker.task import Task
from taskbroker.worker.loading import load


def run(given: Namespace) -> int:
    """Sends, and prints what was sent once Kafka has it."""
    args = _json(given.args, list, "ARGS", "a JSON list")
    kwargs = _json(given.kwargs or "{}", dict, "--kwargs", "a JSON object")
    options: CallOptions = {}
    if given.countdown is not None:
        options["countdown"] = given.countdown
    if given.expires is not None:
        options["expires"] = given.expires
    if given.key is not None:
        options["key"] = given.key
    if given.header:
        options["headers"] = dict(_header(text) for text in given.header)
    task = task_of(load(given.app), given.task)
    print(task.options(**options).delay(*args, **kwargs).delivered())
    return 0


def task_of(app: App, name: str) -> Task[Any, Any]:
    """The task of this name; raises :class:`ConfigurationError` if there is none."""
    try:
        return app.get_task(*split_name(name))
    except KeyError:
        known = [t.fullname for n in app.taskregistry.namespaces() for t in n.tasks()]
        raise ConfigurationError(
            f"the app {app.name} has no task {name!r}; it has {', '.join(known) or 'none'}"
        ) from None


def _json(text: str, kind: type, what: str, wanted: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError as e:
        raise ConfigurationError(f"{what} must be {wanted}: {e}") from None
    if not isinstance(value, kind):
        raise ConfigurationError(f"{what} must be {wanted}, was {text}")
    return value


def _header(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name:
        raise ConfigurationError(f"--header is NAME=VALUE, was {text!r}")
    return name, value
