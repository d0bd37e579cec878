"""``taskworker tasks`` and ``taskworker decode``."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from taskbroker._wire import headers as wire_headers
from taskbroker._wire import messages, parameters, zstd
from taskbroker.counted import counted
from taskbroker.errors import ArgumentsError
from taskbroker.task import Task


def run(given: Namespace) -> int:
    if given.command.name == "decode":
        data = sys.stdin.buffer.read() if given.file == "-" else Path(given.file).read_bytes()
        print(json.dumps(decoded(data), indent=2, ensure_ascii=False))
        return 0
    from taskbroker.worker.loading import load

    app = load(given.app)
    rows: list[tuple[str, ...]] = [("TASK", "TOPIC", "TRIES", "DEADLINE", "EXPIRES", "KIND")]
    for namespace in app.taskregistry.namespaces():
        rows += [_row(task, namespace.topic) for task in namespace.tasks()]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())
    for entry in app.schedules:
        print(f"{entry.task.fullname} by {entry.schedule}, as {entry.key}")
    return 0


def _row(task: Task[Any, Any], topic: str) -> tuple[str, ...]:
    kinds = ["async"] if task.is_async else []
    kinds += ["at most once"] if task.at_most_once else []
    tries = task.retry.times if task.retry is not None else 1
    expires = "-" if task.expires is None else str(task.expires)
    deadline = f"{task.deadline_s} s"
    return (task.fullname, topic, str(tries), deadline, expires, ", ".join(kinds) or "-")


def decoded(data: bytes) -> dict[str, Any]:
    """The fields of a record, with its arguments.

    Raises :class:`ArgumentsError` if it is no task.
    """
    try:
        activation = messages.TaskActivation.FromString(data)
    except Exception as e:  # protobuf's own error differs from version to version
        raise ArgumentsError(f"a record of {counted(len(data), 'byte')} is no task: {e}") from None
    shown: dict[str, Any] = {
        "id": activation.id,
        "application": activation.application,
        "namespace": activation.namespace,
        "taskname": activation.taskname,
    }
    if activation.HasField("received_at"):
        at = datetime.fromtimestamp(activation.received_at.ToNanoseconds() / 1e9, UTC)
        shown["received_at"] = at.isoformat()
    for name in ("expires", "delay"):
        if activation.HasField(name):
            shown[name] = getattr(activation, name)
    shown["processing_deadline_duration"] = activation.processing_deadline_duration
    if activation.HasField("retry_state"):
        shown["retry_state"] = _state(activation.retry_state)
    shown["headers"] = dict(activation.headers)
    shown.update(_arguments(activation))
    return shown


def _state(state: messages.RetryState) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "attempts": state.attempts,
        "max_attempts": state.max_attempts,
        "on_attempts_exceeded": state.on_attempts_exceeded,
    }
    for name in ("at_most_once", "delay_on_retry"):
        if state.HasField(name):
            shown[name] = getattr(state, name)
    return shown


def _arguments(activation: messages.TaskActivation) -> dict[str, Any]:
    try:
        data = activation.parameters_bytes
        if activation.headers.get(wire_headers.COMPRESSION) == "zstd":
            data = zstd.decompress(data)
        args, kwargs = parameters.decode(data)
    except ArgumentsError as e:
        return {"unreadable": str(e)}
    return {"args": _plain(args), "kwargs": _plain(kwargs)}


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return {"bytes": value.hex()}
        case dict():
            return {str(k): _plain(v) for k, v in value.items()}
        case list():
            return [_plain(v) for v in value]
        case _:
            return value
