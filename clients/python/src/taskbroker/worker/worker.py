"""Workers as programs for taskbroker-client make them."""

from __future__ import annotations

import warnings
from typing import Any

from taskbroker.constants import (
    DEFAULT_REBALANCE_AFTER,
    DEFAULT_WORKER_DRAIN_FILE_PATH,
    DEFAULT_WORKER_HEALTH_CHECK_SEC_PER_TOUCH,
    DEFAULT_WORKER_QUEUE_SIZE,
    DEFAULT_WORKER_WARMUP_TIMEOUT_SEC,
)
from taskbroker.errors import ConfigurationError
from taskbroker.worker.main import Worker
from taskbroker.worker.options import WorkerOptions

#: Options that mean nothing here: what they are when they are left alone, and what to do instead.
_WITHOUT_MEANING: dict[str, tuple[Any, str]] = {
    "min_concurrency": (0, "a child is replaced by one that is ready"),
    "child_tasks_queue_maxsize": (DEFAULT_WORKER_QUEUE_SIZE, "use Worker(…, prefetch=N)"),
    "result_queue_maxsize": (DEFAULT_WORKER_QUEUE_SIZE, "results are kept until they are reported"),
    "rebalance_after": (DEFAULT_REBALANCE_AFTER, "tasks are fetched from all brokers at once"),
    "skip_awaiting_futures": (True, "nothing is awaited after a task has returned"),
    "future_checking_frequency": (0.1, "nothing is awaited after a task has returned"),
    "push_task_timeout": (5, "a worker without a free place refuses in a moment"),
    "warmup_timeout": (DEFAULT_WORKER_WARMUP_TIMEOUT_SEC, "a worker serves when it is ready"),
    "pod_name": (None, "numbers are told apart by the processing pool"),
    "drain_file_path": (DEFAULT_WORKER_DRAIN_FILE_PATH, "SIGTERM makes the worker leave"),
}

_START = {"fork": "fork", "forkserver": "fork", "spawn": "spawn"}


class _CompatibleWorker:
    """What both kinds of worker share."""

    def __init__(self, app_module: str, options: WorkerOptions, rest: dict[str, Any]) -> None:
        for name, value in rest.items():
            if value != _WITHOUT_MEANING[name][0]:
                warnings.warn(
                    f"{name} means nothing to this worker: {_WITHOUT_MEANING[name][1]}",
                    DeprecationWarning,
                    stacklevel=3,
                )
        self._worker = Worker(app_module, **options)

    def start(self) -> int:
        """Works until SIGTERM or SIGINT; returns the exit code."""
        return self._worker.run()

    def shutdown(self) -> None:
        """Tells the worker to stop; :meth:`start` returns when it has."""
        self._worker.stop()


def _start_method(process_type: str) -> Any:
    if process_type not in _START:
        raise ConfigurationError(
            f"process_type was {process_type!r}; it may be {', '.join(map(repr, _START))}"
        )
    return _START[process_type]


class TaskWorker(_CompatibleWorker):
    """Fetches tasks from brokers. Options that mean nothing here are taken with a warning."""

    def __init__(
        self,
        app_module: str,
        broker_hosts: list[str],
        max_child_task_count: int | None = None,
        namespace: str | None = None,
        concurrency: int = 1,
        min_concurrency: int = 0,
        child_tasks_queue_maxsize: int = DEFAULT_WORKER_QUEUE_SIZE,
        result_queue_maxsize: int = DEFAULT_WORKER_QUEUE_SIZE,
        rebalance_after: int = DEFAULT_REBALANCE_AFTER,
        processing_pool_name: str | None = None,
        process_type: str = "spawn",
        health_check_file_path: str | None = None,
        health_check_sec_per_touch: float = DEFAULT_WORKER_HEALTH_CHECK_SEC_PER_TOUCH,
        skip_awaiting_futures: bool = True,
        future_checking_frequency: float = 0.1,
    ) -> None:
        options: WorkerOptions = {
            "brokers": broker_hosts,
            "max_tasks": max_child_task_count,
            "namespace": namespace,
            "concurrency": concurrency,
            "processing_pool": processing_pool_name or "unknown",
            "start_method": _start_method(process_type),
            "health_file": health_check_file_path,
            "health_interval": health_check_sec_per_touch,
        }
        rest = {
            "min_concurrency": min_concurrency,
            "child_tasks_queue_maxsize": child_tasks_queue_maxsize,
            "result_queue_maxsize": result_queue_maxsize,
            "rebalance_after": rebalance_after,
            "skip_awaiting_futures": skip_awaiting_futures,
            "future_checking_frequency": future_checking_frequency,
        }
        super().__init__(app_module, options, rest)


class PushTaskWorker(_CompatibleWorker):
    """Serves a broker that sends tasks. ``namespace`` has no effect."""

    def __init__(
        self,
        app_module: str,
        broker_service: str,
        max_child_task_count: int | None = None,
        namespace: str | None = None,
        concurrency: int = 1,
        min_concurrency: int = 0,
        child_tasks_queue_maxsize: int = DEFAULT_WORKER_QUEUE_SIZE,
        result_queue_maxsize: int = DEFAULT_WORKER_QUEUE_SIZE,
        rebalance_after: int = DEFAULT_REBALANCE_AFTER,
        processing_pool_name: str | None = None,
        pod_name: str | None = None,
        process_type: str = "spawn",
        health_check_file_path: str | None = None,
        health_check_sec_per_touch: float = DEFAULT_WORKER_HEALTH_CHECK_SEC_PER_TOUCH,
        grpc_port: int = 50052,
        grpc_max_message_size: int = -1,
        push_task_timeout: float = 5,
        skip_awaiting_futures: bool = True,
        warmup_timeout: float = DEFAULT_WORKER_WARMUP_TIMEOUT_SEC,
        prometheus_port: int | None = None,
        future_checking_frequency: float = 0.1,
        drain_file_path: str | None = DEFAULT_WORKER_DRAIN_FILE_PATH,
    ) -> None:
        options: WorkerOptions = {
            "brokers": broker_service,
            "mode": "push",
            "max_tasks": max_child_task_count,
            "concurrency": concurrency,
            "processing_pool": processing_pool_name or "unknown",
            "start_method": _start_method(process_type),
            "health_file": health_check_file_path,
            "health_interval": health_check_sec_per_touch,
            "listen": f"[::]:{grpc_port}",
            "http": None if prometheus_port is None else f"0.0.0.0:{prometheus_port}",
        }
        if grpc_max_message_size > 0:
            options["max_message_bytes"] = grpc_max_message_size
        rest = {
            "min_concurrency": min_concurrency,
            "child_tasks_queue_maxsize": child_tasks_queue_maxsize,
            "result_queue_maxsize": result_queue_maxsize,
            "rebalance_after": rebalance_after,
            "pod_name": pod_name,
            "push_task_timeout": push_task_timeout,
            "skip_awaiting_futures": skip_awaiting_futures,
            "warmup_timeout": warmup_timeout,
            "future_checking_frequency": future_checking_frequency,
            "drain_file_path": drain_file_path,
        }
        super().__init__(app_module, options, rest)
