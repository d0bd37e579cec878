"""What follows from errors that a task did not raise itself, by its policy."""

from __future__ import annotations

from taskbroker import execute
from taskbroker._wire import messages
from taskbroker.app import App
from taskbroker.errors import DeadlineExceeded, UnknownTask
from taskbroker.execute import Outcome


def judged(app: App, activation: messages.TaskActivation, error: BaseException) -> Outcome:
    """What to report of a task that this error has ended."""
    try:
        task = execute.find(app, activation)
    except UnknownTask as e:
        return Outcome(messages.TASK_ACTIVATION_STATUS_FAILURE, error=e)
    return execute.judge(task, activation.retry_state, error)


def silenced(app: App, activation: messages.TaskActivation) -> tuple[type[BaseException], ...]:
    """The errors that the task does not want anybody to be told of."""
    try:
        task = execute.find(app, activation)
    except UnknownTask:
        return ()
    return task.silenced_exceptions + (() if task.report_timeout_errors else (DeadlineExceeded,))
