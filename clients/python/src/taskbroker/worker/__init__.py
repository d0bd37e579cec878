"""Runs tasks: fetches them from brokers, or is sent them, and reports what has become of them.

The names are loaded when they are used, as the children of a worker need none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taskbroker.worker.main import Worker
    from taskbroker.worker.options import Options, WorkerOptions
    from taskbroker.worker.stop import Stopped
    from taskbroker.worker.worker import PushTaskWorker, TaskWorker

__all__ = ["Options", "PushTaskWorker", "Stopped", "TaskWorker", "Worker", "WorkerOptions"]

_MODULES = {
    "Options": "options",
    "PushTaskWorker": "worker",
    "Stopped": "stop",
    "TaskWorker": "worker",
    "Worker": "main",
    "WorkerOptions": "options",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
