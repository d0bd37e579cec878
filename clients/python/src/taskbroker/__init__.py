"""Tasks for Taskbroker: define them, call them, test them."""

from taskbroker.app import App
from taskbroker.constants import CompressionType
from taskbroker.context import Context
from taskbroker.errors import (
    ArgumentsError,
    ChildDied,
    ConfigurationError,
    DeadlineExceeded,
    DeliveryError,
    MissingExtra,
    Stopping,
    TaskbrokerError,
    UnknownTask,
    Unsupported,
)
from taskbroker.producer.port import Sent
from taskbroker.registry import TaskNamespace
from taskbroker.retry import (
    DEADLETTER,
    DISCARD,
    Fail,
    LastAction,
    NoRetriesRemainingError,
    Retry,
    RetryTaskError,
    Snooze,
    exponential,
    retry_task,
)
from taskbroker.state import CurrentTaskState, current_task
from taskbroker.task import Task

__all__ = [
    "DEADLETTER",
    "DISCARD",
    "App",
    "ArgumentsError",
    "ChildDied",
    "CompressionType",
    "ConfigurationError",
    "Context",
    "CurrentTaskState",
    "DeadlineExceeded",
    "DeliveryError",
    "Fail",
    "LastAction",
    "MissingExtra",
    "NoRetriesRemainingError",
    "Retry",
    "RetryTaskError",
    "Sent",
    "Snooze",
    "Stopping",
    "Task",
    "TaskNamespace",
    "TaskbrokerError",
    "UnknownTask",
    "Unsupported",
    "current_task",
    "exponential",
    "retry_task",
]
