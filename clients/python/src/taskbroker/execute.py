"""Runs one task that was handed out, and says what to report."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from taskbroker._wire import messages
from taskbroker.context import Context
from taskbroker.retry import Fail, Snooze
from taskbroker.state import CurrentTaskState, set_current_task
from taskbroker.task import Task, current_context


@dataclass(frozen=True)
class Outcome:
    """What a worker reports of one try.

    ``status`` is COMPLETE, RETRY or FAILURE. The two numbers go with RETRY only, and replace those
    of the task. ``error`` is what the function raised.
    """

    status: int
    max_attempts: int | None = None
    delay_on_retry: int | None = None
    error: BaseException | None = None

    @property
    def name(self) -> str:
        return {
            messages.TASK_ACTIVATION_STATUS_COMPLETE: "complete",
            messages.TASK_ACTIVATION_STATUS_RETRY: "retry",
            messages.TASK_ACTIVATION_STATUS_FAILURE: "failure",
        }[self.status]


COMPLETE = Outcome(messages.TASK_ACTIVATION_STATUS_COMPLETE)


def run(
    task: Task[Any, Any],
    activation: messages.TaskActivation,
    now: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Decodes the arguments, runs the function to its end, and judges what it raised.

    A coroutine is run on an event loop of its own. Never raises what the function raises; only
    ``SystemExit`` and ``KeyboardInterrupt`` pass through.
    """
    try:
        contextvars.copy_context().run(_run, task, activation, now)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as e:
        return judge(task, activation.retry_state, e)
    return COMPLETE


def _run(
    task: Task[Any, Any], activation: messages.TaskActivation, now: Callable[[], float]
) -> None:
    args, kwargs = task.decode(activation)
    if task.pass_headers:
        kwargs["headers"] = dict(activation.headers)
    context = context_of(task, activation, now)
    current_context.set(context)
    set_current_task(
        CurrentTaskState(
            id=activation.id,
            namespace=activation.namespace,
            taskname=activation.taskname,
            attempt=tries_before(task, activation.retry_state),
            processing_deadline_duration=activation.processing_deadline_duration,
            retries_remaining=context.attempts_left > 0,
            headers=dict(activation.headers),
        )
    )
    if task.takes_context:
        args = [context, *args]
    result = task.func(*args, **kwargs)
    if task.is_async:
        _to_its_end(result)


def context_of(
    task: Task[Any, Any], activation: messages.TaskActivation, now: Callable[[], float]
) -> Context:
    """The context of a try that begins now."""
    before = tries_before(task, activation.retry_state)
    times = task.retry.times if task.retry is not None else 1
    return Context(
        id=activation.id,
        name=task.fullname,
        attempt=before + 1,
        attempts_left=max(0, times - before - 1),
        deadline=now() + activation.processing_deadline_duration,
        headers=dict(activation.headers),
        now=now,
    )


def tries_before(task: Task[Any, Any], state: messages.RetryState) -> int:
    """Earlier tries that count: each snooze has raised ``max_attempts`` by one."""
    times = task.retry.times if task.retry is not None else 1
    snoozes = max(0, state.max_attempts - times)
    return max(0, state.attempts - snoozes)


def judge(task: Task[Any, Any], state: messages.RetryState, error: BaseException) -> Outcome:
    """What follows from an exception, by the task's policy."""
    if isinstance(error, Snooze):
        return Outcome(
            messages.TASK_ACTIVATION_STATUS_RETRY,
            max_attempts=max(state.max_attempts, 1) + 1,
            delay_on_retry=error.delay,
            error=error,
        )
    before = tries_before(task, state)
    counted = messages.RetryState(attempts=before)
    if isinstance(error, Fail) or task.retry is None or not task.should_retry(counted, error):
        return Outcome(messages.TASK_ACTIVATION_STATUS_FAILURE, error=error)
    snoozes = state.attempts - before
    return Outcome(
        messages.TASK_ACTIVATION_STATUS_RETRY,
        max_attempts=task.retry.times + snoozes,
        delay_on_retry=task.retry.wait_after(before + 1, error),
        error=error,
    )


def _to_its_end(coroutine: Any) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(coroutine)
        return
    failure: list[BaseException] = []
    context = contextvars.copy_context()

    def aside() -> None:
        try:
            context.run(asyncio.run, coroutine)
        except BaseException as e:
            failure.append(e)

    thread = threading.Thread(target=aside, name="taskbroker-coroutine")
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
