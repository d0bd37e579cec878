"""Runs one task that was handed out, and says what to report."""

from __future__ import annotations

import contextlib
import contextvars
import inspect
import math
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from taskbroker._wire import messages
from taskbroker.context import Context, never
from taskbroker.errors import ChildDied, DeadlineExceeded, Stopping, UnknownTask
from taskbroker.retry import Fail, RetryTaskError, Snooze
from taskbroker.state import CurrentTaskState, set_current_task_when_asked
from taskbroker.task import Task, current_context
from taskbroker.types import ContextHook

if TYPE_CHECKING:
    from taskbroker.app import App

#: A task whose process dies is tried so often in all, unless its policy names ``ChildDied``.
MAX_TRIES_OF_DYING = 5


@dataclass(frozen=True)
class Outcome:
    """What a worker reports of one try.

    ``status`` is COMPLETE, RETRY or FAILURE, or 0 if nothing is to be reported. The two numbers go
    with RETRY only, and replace those of the task. ``error`` is what the function raised.
    ``tries`` is how many there are in all, where the death of a process has made that another
    number than the policy's.
    """

    status: int
    max_attempts: int | None = None
    delay_on_retry: int | None = None
    error: BaseException | None = None
    tries: int | None = None

    @property
    def name(self) -> str:
        return _NAMES[self.status]


_NAMES = {
    0: "nothing",
    messages.TASK_ACTIVATION_STATUS_COMPLETE: "complete",
    messages.TASK_ACTIVATION_STATUS_RETRY: "retry",
    messages.TASK_ACTIVATION_STATUS_FAILURE: "failure",
}


COMPLETE = Outcome(messages.TASK_ACTIVATION_STATUS_COMPLETE)

#: An at-most-once task that has begun before: the broker ends it when its deadline is over.
NOTHING = Outcome(0)

Guard = Callable[[float], AbstractContextManager[None]]
"""Given the seconds that a task has, returns what raises :class:`DeadlineExceeded` in it."""


@dataclass(frozen=True)
class Surroundings:
    """What a task runs in: its clock, what guards its deadline, and what surrounds its function."""

    now: Callable[[], float] = time.monotonic
    guard: Guard | None = None
    hooks: Sequence[ContextHook] = ()
    is_stopping: Callable[[], bool] = never


def find(app: App, activation: messages.TaskActivation) -> Task[Any, Any]:
    """Returns the task of an activation; raises :class:`UnknownTask` if the app has none."""
    try:
        return app.get_task(activation.namespace, activation.taskname)
    except KeyError as e:
        raise UnknownTask(f"{e.args[0]} (application {app.name})") from None


def at_most_once_key(namespace: str, taskname: str, task_id: str) -> str:
    """The key in the user's store that says that an at-most-once task has begun."""
    return f"tw:amo:{namespace}:{taskname}:{task_id}"


def may_begin(app: App, task: Task[Any, Any], activation: messages.TaskActivation) -> bool:
    """Returns false for an at-most-once task that has begun before, here or elsewhere."""
    store = app.at_most_once_store
    if not task.at_most_once or store is None:
        return True
    key = at_most_once_key(activation.namespace, activation.taskname, activation.id)
    return store.add(key, "1", app.at_most_once_ttl)


def perform(app: App, activation: messages.TaskActivation, around: Surroundings) -> Outcome:
    """Finds the task, runs it unless it may not begin, and judges what came of it."""
    try:
        task = find(app, activation)
    except UnknownTask as e:
        return Outcome(messages.TASK_ACTIVATION_STATUS_FAILURE, error=e)
    try:
        if not may_begin(app, task, activation):
            return NOTHING
    except Exception as e:
        return judge(task, activation.retry_state, e)
    return run(task, activation, around.now, around)


def run(
    task: Task[Any, Any],
    activation: messages.TaskActivation,
    now: Callable[[], float] = time.monotonic,
    around: Surroundings | None = None,
) -> Outcome:
    """Decodes the arguments, runs the function to its end, and judges what it raised.

    A coroutine is run on an event loop of its own. Never raises what the function raises; only
    ``SystemExit`` and ``KeyboardInterrupt`` pass through.
    """
    try:
        contextvars.copy_context().run(_run, task, activation, around or Surroundings(now))
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as e:
        return judge(task, activation.retry_state, e)
    return COMPLETE


async def run_on_loop(
    task: Task[Any, Any], activation: messages.TaskActivation, around: Surroundings
) -> Outcome:
    """As :func:`run`, for a coroutine and on the loop that runs here.

    Whoever calls this cancels it when its time is over, and judges that by itself.
    """
    try:
        if around.hooks:
            with _hooks(activation, around):
                await _run_here(task, activation, around)
        else:
            await _run_here(task, activation, around)
    except (SystemExit, KeyboardInterrupt) as e:
        return judge(task, activation.retry_state, ChildDied(f"the task raised {e!r}"))
    except BaseException as e:
        return judge(task, activation.retry_state, e)
    return COMPLETE


async def _run_here(
    task: Task[Any, Any], activation: messages.TaskActivation, around: Surroundings
) -> None:
    args, kwargs, context = _prepared(task, activation, around)
    await task.func(*args, **kwargs)
    for future in context.awaited:
        await _ended(future)


def _run(task: Task[Any, Any], activation: messages.TaskActivation, around: Surroundings) -> None:
    if around.guard is None:
        _run_hooked(task, activation, around)
    else:
        with around.guard(activation.processing_deadline_duration):
            _run_hooked(task, activation, around)


def _run_hooked(
    task: Task[Any, Any], activation: messages.TaskActivation, around: Surroundings
) -> None:
    if around.hooks:
        with _hooks(activation, around):
            _run_function(task, activation, around)
    else:
        _run_function(task, activation, around)


def _run_function(
    task: Task[Any, Any], activation: messages.TaskActivation, around: Surroundings
) -> None:
    args, kwargs, context = _prepared(task, activation, around)
    result = task.func(*args, **kwargs)
    if inspect.iscoroutine(result):
        _to_its_end(_with_deadline(result, context))
    for future in context.awaited:
        try:
            future.result(None if math.isinf(context.deadline) else context.remaining())
        except TimeoutError:
            raise DeadlineExceeded(f"after {activation.processing_deadline_duration} s") from None
        except Exception as e:
            raise RetryTaskError(f"what the task waited for failed: {e}") from e


def _hooks(
    activation: messages.TaskActivation, around: Surroundings
) -> AbstractContextManager[Any]:
    stack = contextlib.ExitStack()
    with stack:
        for hook in around.hooks:
            stack.enter_context(hook.on_execute(dict(activation.headers)))
        return stack.pop_all()


def _prepared(
    task: Task[Any, Any], activation: messages.TaskActivation, around: Surroundings
) -> tuple[list[Any], dict[str, Any], Context]:
    args, kwargs = task.decode(activation)
    if task.pass_headers:
        kwargs["headers"] = dict(activation.headers)
    context = context_of(task, activation, around)
    current_context.set(context)
    set_current_task_when_asked(lambda: _state_of(activation, context))
    if task.takes_context:
        args = [context, *args]
    return args, kwargs, context


def _state_of(activation: messages.TaskActivation, context: Context) -> CurrentTaskState:
    return CurrentTaskState(
        id=activation.id,
        namespace=activation.namespace,
        taskname=activation.taskname,
        attempt=context.attempt - 1,
        processing_deadline_duration=activation.processing_deadline_duration,
        retries_remaining=context.attempts_left > 0,
        headers=dict(context.headers),
    )


def context_of(
    task: Task[Any, Any], activation: messages.TaskActivation, around: Surroundings
) -> Context:
    """The context of a try that begins now."""
    before = tries_before(task, activation.retry_state)
    times = task.retry.times if task.retry is not None else 1
    return Context(
        id=activation.id,
        name=task.fullname,
        attempt=before + 1,
        attempts_left=max(0, times - before - 1),
        deadline=around.now() + (activation.processing_deadline_duration or math.inf),
        headers=dict(activation.headers),
        now=around.now,
        is_stopping=around.is_stopping,
    )


def tries_before(task: Task[Any, Any], state: messages.RetryState) -> int:
    """Earlier tries that count: each snooze has raised ``max_attempts`` by one."""
    times = task.retry.times if task.retry is not None else 1
    snoozes = max(0, state.max_attempts - times)
    return max(0, state.attempts - snoozes)


def judge(task: Task[Any, Any], state: messages.RetryState, error: BaseException) -> Outcome:
    """What follows from an exception, by the task's policy."""
    if isinstance(error, Snooze):
        return _again_without_a_try(state, error.delay, error)
    if isinstance(error, Stopping):
        return NOTHING if task.at_most_once else _again_without_a_try(state, 0, error)
    before = tries_before(task, state)
    snoozes = state.attempts - before
    tries = MAX_TRIES_OF_DYING + snoozes if _is_death_alone(task, error) else None
    if not _is_tried_again(task, before, error):
        return Outcome(messages.TASK_ACTIVATION_STATUS_FAILURE, error=error, tries=tries)
    times = task.retry.times if task.retry is not None else 1
    return Outcome(
        messages.TASK_ACTIVATION_STATUS_RETRY,
        max_attempts=times + snoozes,
        delay_on_retry=task.retry.wait_after(before + 1, error) if task.retry else None,
        error=error,
        tries=tries,
    )


def _again_without_a_try(state: messages.RetryState, delay: int, error: BaseException) -> Outcome:
    return Outcome(
        messages.TASK_ACTIVATION_STATUS_RETRY,
        max_attempts=max(state.max_attempts, 1) + 1,
        delay_on_retry=delay,
        error=error,
    )


def _is_tried_again(task: Task[Any, Any], before: int, error: BaseException) -> bool:
    if isinstance(error, Fail):
        return False
    if _is_death_alone(task, error):
        return before + 1 < MAX_TRIES_OF_DYING
    policy = task.retry
    return policy is not None and task.should_retry(messages.RetryState(attempts=before), error)


def _is_death_alone(task: Task[Any, Any], error: BaseException) -> bool:
    """A dead process says nothing about the task, so a policy that does not name it is not asked:
    the task is tried again as if the broker had waited for its deadline."""
    if not isinstance(error, ChildDied) or task.at_most_once:
        return False
    policy = task.retry
    named = (*(policy.on or ()), *(policy.ignore or ())) if policy else ()
    return not isinstance(error, named)


async def _with_deadline(coroutine: Any, context: Context) -> None:
    """Awaits it; raises :class:`DeadlineExceeded` in it when the context's time is over."""
    import asyncio  # only coroutines need it, and each child would pay for it

    if math.isinf(context.deadline):
        await coroutine
        return
    scope = asyncio.timeout(context.remaining())
    try:
        async with scope:
            await coroutine
    except TimeoutError as e:
        if scope.expired():
            raise DeadlineExceeded("its time is over") from e
        raise


async def _ended(future: Any) -> None:
    import asyncio

    try:
        await asyncio.wrap_future(future)
    except Exception as e:
        raise RetryTaskError(f"what the task waited for failed: {e}") from e


def _to_its_end(coroutine: Any) -> None:
    import asyncio

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
