"""A task that this worker has been handed, and what came of it."""

from __future__ import annotations

import math
import traceback
from typing import TYPE_CHECKING, Any, NamedTuple

from taskbroker._wire import messages
from taskbroker.errors import DeadlineExceeded, Stopping
from taskbroker.execute import Outcome
from taskbroker.retry import RetryTaskError, Snooze

if TYPE_CHECKING:
    from taskbroker.worker.link import FindToken, Link

#: What a task is told that is ended from outside, by :class:`~taskbroker.errors.Stopping`.
WORKER_STOPS, TAKEN_BACK = "the worker stops", "it was taken back"

#: Longest text of an error that is kept, in characters.
MAX_ERROR = 200

#: Longest traceback that is logged, in characters; its end is kept.
MAX_TRACE = 8_000


class Held:
    """One activation between its arrival and its report. Belongs to the engine's thread.

    ``deadline_s`` is how many seconds the task may run; 0: no limit. ``is_cancelled``: the broker
    has taken it from this worker, and wants to hear nothing of it.
    """

    __slots__ = (
        "activation",
        "begun",
        "deadline_s",
        "find_token",
        "from_link",
        "is_cancelled",
        "raw",
        "received",
        "token",
    )

    def __init__(
        self,
        activation: messages.TaskActivation,
        from_link: Link,
        received: float,
        token: int = 0,
        raw: bytes = b"",
        find_token: FindToken | None = None,
    ) -> None:
        self.activation = activation
        self.from_link = from_link
        self.received = received
        self.token = token
        self.raw = raw
        self.find_token = find_token
        self.begun: float | None = None
        self.is_cancelled = False
        self.deadline_s: int = activation.processing_deadline_duration

    async def attempt(self) -> tuple[str, int]:
        """The task's id and the token of its hand-out, as brokers name it."""
        if self.find_token is not None:
            self.token, self.find_token = await self.find_token(), None
        return self.activation.id, self.token

    @property
    def may_return(self) -> bool:
        """It has come by a stream, and its broker is there. One that was offered to a broker that
        does not answer could not be run any more."""
        return bool(self.raw) and self.from_link.is_well

    def serialized(self) -> bytes:
        """The activation as it came, if that is known."""
        return self.raw or self.activation.SerializeToString()

    @property
    def name(self) -> str:
        return f"{self.activation.namespace}.{self.activation.taskname}"

    def is_too_late(self, now: float) -> bool:
        """Returns true if the broker's clock leaves it less than half of its time."""
        return bool(self.deadline_s) and now - self.received > self.deadline_s / 2

    def broker_gives_up(self) -> float:
        """When the broker hands it out again, without its grace; seconds of the loop's clock."""
        return self.received + (self.deadline_s or math.inf)

    def __str__(self) -> str:
        return self.told(max(self.activation.retry_state.max_attempts, 1))

    def told(self, tries: int) -> str:
        """Its name, its id, and which of so many tries this is: "attempt 2 of 3".

        After a death there may be more tries than those: "attempt 4".
        """
        this = self.activation.retry_state.attempts + 1
        tried = f"attempt {this} of {tries}" if this <= tries else f"attempt {this}"
        return f"{self.name} {self.activation.id} {tried}"


class Done(NamedTuple):
    """How a try has ended: what to report, and what to tell people.

    ``status`` is as in :class:`~taskbroker.execute.Outcome`. ``max_attempts`` and ``delay`` are -1
    if they are not reported. ``error`` is one line, ``trace`` may be many. ``quiet``: the error is
    no news, as the task asked for what follows, or silences it. ``rss`` is the peak memory of the
    process that ran it, in bytes; 0 if nobody looked. ``tries`` is as in an outcome, 0 for none; it
    is known where deaths are judged, so a child says nothing of it.
    """

    status: int
    max_attempts: int = -1
    delay: int = -1
    seconds: float = 0.0
    rss: int = 0
    quiet: bool = False
    error: str = ""
    trace: str = ""
    tries: int = 0

    @property
    def name(self) -> str:
        return Outcome(self.status).name

    def update(self, task_id: str, fetch: messages.FetchNextTask | None = None) -> Any:
        """The message that reports it."""
        return messages.SetTaskStatusRequest(
            id=task_id,
            status=self.status,
            fetch_next_task=fetch,
            max_attempts=None if self.max_attempts < 0 else self.max_attempts,
            delay_on_retry=None if self.delay < 0 else self.delay,
        )


def done(
    outcome: Outcome,
    seconds: float = 0.0,
    *,
    silenced: tuple[type[BaseException], ...] = (),
    rss: int = 0,
) -> Done:
    """Turns an outcome into what can leave the process."""
    error = outcome.error
    if error is None:
        return Done(outcome.status, -1, -1, seconds, rss)
    return Done(
        outcome.status,
        max_attempts=-1 if outcome.max_attempts is None else outcome.max_attempts,
        delay=-1 if outcome.delay_on_retry is None else outcome.delay_on_retry,
        seconds=seconds,
        rss=rss,
        quiet=isinstance(error, (Snooze, Stopping, RetryTaskError, *silenced)),
        error=one_line(error),
        trace="" if isinstance(error, DeadlineExceeded | Snooze) else trace_of(error),
        tries=outcome.tries or 0,
    )


def one_line(error: BaseException) -> str:
    """The error's type and text, at most :data:`MAX_ERROR` characters."""
    text = " ".join(str(error).split())
    shown = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return shown if len(shown) <= MAX_ERROR else shown[: MAX_ERROR - 1] + "…"


def trace_of(error: BaseException) -> str:
    """The traceback without the frames of this package."""
    at = error.__traceback__
    while at is not None and at.tb_frame.f_globals.get("__name__", "").startswith("taskbroker."):
        at = at.tb_next
    if at is None:
        return ""
    return "".join(traceback.format_exception(error.with_traceback(at)))[-MAX_TRACE:]
