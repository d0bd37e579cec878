"""A broker in memory, with a clock of its own."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from taskbroker import execute
from taskbroker._wire import messages
from taskbroker.app import App
from taskbroker.durations import Duration, seconds
from taskbroker.execute import Outcome
from taskbroker.task import Task


class Mode(Enum):
    """What becomes of a task that is sent."""

    FAKE = "fake"
    """It is recorded, and never runs."""
    RUN = "run"
    """It runs when the test says so."""
    INLINE = "inline"
    """It runs at once, in the call that sends it, and what it raises is raised there."""


class Ended(Enum):
    """How a task has ended."""

    COMPLETED = "completed"
    DISCARDED = "discarded"
    DEADLETTER = "deadletter"
    EXPIRED = "expired"


@dataclass(frozen=True)
class SentCall:
    """A call that was sent, as a worker would decode it."""

    id: str
    task: Task[Any, Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    countdown: int | None
    expires: int | None
    headers: dict[str, str]
    topic: str
    key: bytes | None


class SentCalls(Sequence[SentCall]):
    """Calls in the order in which they were sent."""

    def __init__(self, calls: list[SentCall]) -> None:
        self._calls = calls

    def __getitem__(self, index: Any) -> Any:
        return self._calls[index]

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[SentCall]:
        return iter(self._calls)

    @property
    def count(self) -> int:  # type: ignore[override]
        return len(self._calls)

    def one(self) -> SentCall:
        """The only call; fails and shows all if there is not exactly one."""
        if len(self._calls) != 1:
            raise AssertionError(f"expected one call, there are {len(self._calls)}: {self._calls}")
        return self._calls[0]

    def __repr__(self) -> str:
        return f"SentCalls({self._calls!r})"


@dataclass(frozen=True)
class _Waiting:
    value: bytes
    call: SentCall
    app: App


class InMemoryBroker:
    """Takes what an app sends and runs it when told to, by the rules of the broker.

    Every call is encoded and decoded as on the wire. Delays, back-off and expiry follow a clock
    that stands still until :meth:`advance` moves it. Not safe for several threads at once.
    """

    def __init__(self, *apps: App, mode: Mode = Mode.RUN) -> None:
        self.mode = mode
        self._apps = {app.name: app for app in apps}
        self._now = datetime.now(UTC).timestamp()
        self._order = itertools.count()
        self._due: list[tuple[float, int, _Waiting]] = []
        self._sent: list[SentCall] = []
        self._ended: list[tuple[SentCall, Ended]] = []
        self.errors: list[BaseException] = []

    # ------------------------------------------------------------------ the clock

    def now(self) -> float:
        """The broker's time in Unix seconds."""
        return self._now

    def advance(self, span: Duration) -> InMemoryBroker:
        """Moves the clock; nothing runs until :meth:`run`."""
        self._now += seconds(span, "the span to advance")
        return self

    # ------------------------------------------------------------------ what was seen

    def know(self, app: App) -> None:
        """Tells the broker of an app whose tasks it is to run."""
        self._apps[app.name] = app

    def sent(self, task: Task[Any, Any] | None = None) -> SentCalls:
        """What callers have sent, retries apart; of one task, or of all."""
        return SentCalls([c for c in self._sent if task is None or c.task is task])

    def ended(self, how: Ended, task: Task[Any, Any] | None = None) -> SentCalls:
        """Tasks that have ended in this way."""
        found = [c for c, h in self._ended if h is how and (task is None or c.task is task)]
        return SentCalls(found)

    def completed(self, task: Task[Any, Any] | None = None) -> SentCalls:
        return self.ended(Ended.COMPLETED, task)

    def deadletters(self, task: Task[Any, Any] | None = None) -> SentCalls:
        return self.ended(Ended.DEADLETTER, task)

    @property
    def waiting(self) -> int:
        """Tasks that have not ended."""
        return len(self._due)

    # ------------------------------------------------------------------ a transport

    def send(self, topic: str, value: bytes, key: bytes | None) -> Future[None]:
        activation = messages.TaskActivation.FromString(value)
        activation.received_at.FromDatetime(datetime.fromtimestamp(self._now, UTC))
        app = self._app(activation)
        call = _decoded(app, activation, topic, key)
        self._sent.append(call)
        waiting = _Waiting(activation.SerializeToString(), call, app)
        if self.mode is Mode.INLINE:
            outcome = execute.run(call.task, activation, self.now)
            if outcome.error is not None:
                raise outcome.error
            self._ended.append((call, Ended.COMPLETED))
        elif self.mode is Mode.RUN:
            self._put(waiting, activation.delay if activation.HasField("delay") else 0)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def flush(self, timeout: float) -> int:
        return 0

    def _app(self, activation: messages.TaskActivation) -> App:
        app = self._apps.get(activation.application)
        if app is None:
            raise AssertionError(
                f"a task of application {activation.application!r} was sent, which this broker does"
                f" not know; it knows {sorted(self._apps) or 'none'}. Tell it by broker.know(app)"
            )
        return app

    def _put(self, waiting: _Waiting, wait: float) -> None:
        heapq.heappush(self._due, (self._now + wait, next(self._order), waiting))

    # ------------------------------------------------------------------ running

    def run(self) -> int:
        """Runs what is due, and what that sends, until nothing is due; returns how many tries.

        What tasks raise is kept in :attr:`errors` and judged by their policies.
        """
        tries = 0
        while self._due and self._due[0][0] <= self._now:
            _, _, waiting = heapq.heappop(self._due)
            if self._is_expired(waiting):
                self._ended.append((waiting.call, Ended.EXPIRED))
                continue
            tries += 1
            self._try(waiting)
        return tries

    def run_until_idle(self) -> int:
        """As :meth:`run`, and moves the clock over every wait until nothing is left."""
        tries = self.run()
        while self._due:
            self._now = max(self._now, self._due[0][0])
            tries += self.run()
        return tries

    def _is_expired(self, waiting: _Waiting) -> bool:
        activation = messages.TaskActivation.FromString(waiting.value)
        if not activation.HasField("expires"):
            return False
        return activation.received_at.ToNanoseconds() / 1e9 + activation.expires <= self._now

    def _try(self, waiting: _Waiting) -> None:
        activation = messages.TaskActivation.FromString(waiting.value)
        outcome = execute.run(waiting.call.task, activation, self.now)
        if outcome.error is not None:
            self.errors.append(outcome.error)
        if outcome.status == messages.TASK_ACTIVATION_STATUS_COMPLETE:
            self._ended.append((waiting.call, Ended.COMPLETED))
        elif outcome.status == messages.TASK_ACTIVATION_STATUS_RETRY:
            self._again(waiting, activation, outcome)
        else:
            dead = activation.retry_state.on_attempts_exceeded
            is_letter = dead == messages.ON_ATTEMPTS_EXCEEDED_DEADLETTER
            self._ended.append((waiting.call, Ended.DEADLETTER if is_letter else Ended.DISCARDED))

    def _again(
        self, waiting: _Waiting, activation: messages.TaskActivation, outcome: Outcome
    ) -> None:
        """The next try is a new record, as the broker makes it."""
        state = activation.retry_state
        state.attempts += 1
        if outcome.max_attempts is not None:
            state.max_attempts = outcome.max_attempts
        if outcome.delay_on_retry is not None:
            state.delay_on_retry = outcome.delay_on_retry
        wait = state.delay_on_retry if state.HasField("delay_on_retry") else 0
        activation.ClearField("delay")
        activation.received_at.FromDatetime(datetime.fromtimestamp(self._now, UTC))
        self._put(_Waiting(activation.SerializeToString(), waiting.call, waiting.app), wait)


def _decoded(
    app: App, activation: messages.TaskActivation, topic: str, key: bytes | None
) -> SentCall:
    task = app.get_task(activation.namespace, activation.taskname)
    args, kwargs = task.decode(activation)
    return SentCall(
        id=activation.id,
        task=task,
        args=tuple(args),
        kwargs=kwargs,
        countdown=activation.delay if activation.HasField("delay") else None,
        expires=activation.expires if activation.HasField("expires") else None,
        headers=dict(activation.headers),
        topic=topic,
        key=key,
    )
