"""Tasks for Taskbroker: define them, call them, test them."""

from taskbroker.app import App
from taskbroker.constants import CompressionType
from taskbroker.context import Context
from taskbroker.errors import (
    ArgumentsError,
    ConfigurationError,
    DeliveryError,
    MissingExtra,
    TaskbrokerError,
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
    "CompressionType",
    "ConfigurationError",
    "Context",
    "CurrentTaskState",
    "DeliveryError",
    "Fail",
    "LastAction",
    "MissingExtra",
    "NoRetriesRemainingError",
    "Retry",
    "RetryTaskError",
    "Sent",
    "Snooze",
    "Task",
    "TaskNamespace",
    "TaskbrokerError",
    "current_task",
    "exponential",
    "retry_task",
]
