"""A broker in memory, with a clock of its own."""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
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
from taskbroker.producer.port import Transport
from taskbroker.task import Task, new_id


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
    """A call that was sent, as a worker would decode it.

    ``countdown`` and ``expires`` are in seconds, None if the call has none.
    """

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


#: Seconds beyond its deadline after which a task that nobody reports is handed out again.
GRACE = 3.0

#: A task is handed out so often without a report; then it has failed.
MAX_PROCESSING_ATTEMPTS = 5


@dataclass(frozen=True)
class Waiting:
    """A task that has not ended: its record, and what was sent."""

    value: bytes
    call: SentCall
    app: App
    hand_outs: int = 0


@dataclass(frozen=True)
class _HandedOut:
    waiting: Waiting
    activation: messages.TaskActivation
    until: float


class InMemoryBroker(Transport):
    """Takes what an app sends and runs it when told to, by the rules of the broker.

    Every call is encoded and decoded as on the wire. Delays, back-off and expiry follow a clock
    that stands still until :meth:`advance` moves it. Tasks run in the thread that calls
    :meth:`run`; all else is safe for all threads. ``lock`` is notified whenever a task comes.
    """

    def __init__(self, *apps: App, mode: Mode = Mode.RUN) -> None:
        self.mode = mode
        self.lock = threading.Condition(threading.RLock())
        self._apps = list(apps)
        self._now = datetime.now(UTC).timestamp()
        self._clock: Callable[[], float] | None = None
        self._order = itertools.count()
        self._due: list[tuple[float, int, Waiting]] = []
        self._sent: list[SentCall] = []
        self._ended: list[tuple[SentCall, Ended]] = []
        self._handed_out: dict[str, _HandedOut] = {}
        self.errors: list[BaseException] = []

    # ------------------------------------------------------------------ the clock

    def now(self) -> float:
        """The broker's time in Unix seconds."""
        if self._clock is not None:
            self._now = max(self._now, self._clock())
        return self._now

    def follow(self, clock: Callable[[], float]) -> None:
        """Takes the time from a clock from now on, in seconds; what waits keeps its distance."""
        shift = clock() - self.now()
        self._clock = clock
        self._now = clock()
        self._due = [(due + shift, number, waiting) for due, number, waiting in self._due]

    def advance(self, span: Duration) -> InMemoryBroker:
        """Moves the clock; nothing runs until :meth:`run`."""
        self._now += seconds(span, "the span to advance")
        return self

    # ------------------------------------------------------------------ what was seen

    def know(self, app: App) -> None:
        """Tells the broker of an app whose tasks it is to run.

        A task is run by the app that it was made in, if the broker knows it. One that was made
        elsewhere is run by the app of its application's name, and of several by the one that the
        broker was told of last.
        """
        self._apps = [*(a for a in self._apps if a is not app), app]

    def sent(self, task: Task[Any, Any] | None = None) -> SentCalls:
        """What callers have sent, retries apart; of one task, or of all."""
        return SentCalls([c for c in self._sent if task is None or c.task is task])

    def ended(self, how: Ended, task: Task[Any, Any] | None = None) -> SentCalls:
        """Tasks that have ended in this way."""
        found = [c for c, h in self._ended if h is how and (task is None or c.task is task)]
        return SentCalls(found)

    def completed(self, task: Task[Any, Any] | None = None) -> SentCalls:
        """Tasks that have run without an error in the end."""
        return self.ended(Ended.COMPLETED, task)

    def deadletters(self, task: Task[Any, Any] | None = None) -> SentCalls:
        """Tasks that have failed for good and become dead letters."""
        return self.ended(Ended.DEADLETTER, task)

    @property
    def waiting(self) -> int:
        """Tasks that have not ended."""
        with self.lock:  # a task on its way from the one to the other counts
            return len(self._due) + len(self._handed_out)

    # ------------------------------------------------------------------ a transport

    def send(self, topic: str, value: bytes, key: bytes | None) -> Future[None]:
        return self.send_from(None, topic, value, key)

    def send_from(
        self, namespace: object, topic: str, value: bytes, key: bytes | None
    ) -> Future[None]:
        """As :meth:`send`; ``namespace`` is the object that sends, which tells apps of one name
        apart."""
        with self.lock:
            waiting = self._received(namespace, topic, value, key)
        if self.mode is Mode.INLINE:
            activation = messages.TaskActivation.FromString(waiting.value)
            outcome = execute.run(waiting.call.task, activation, self.now)
            if outcome.error is not None:
                raise outcome.error
            self._ended.append((waiting.call, Ended.COMPLETED))
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def _received(self, namespace: object, topic: str, value: bytes, key: bytes | None) -> Waiting:
        activation = messages.TaskActivation.FromString(value)
        activation.received_at.FromDatetime(datetime.fromtimestamp(self.now(), UTC))
        app = self._app(activation, namespace)
        call = _decoded(app, activation, topic, key)
        self._sent.append(call)
        waiting = Waiting(activation.SerializeToString(), call, app)
        if self.mode is Mode.RUN:
            self.put(waiting, activation.delay if activation.HasField("delay") else 0)
        return waiting

    def flush(self, timeout: float) -> int:
        return 0

    def _app(self, activation: messages.TaskActivation, namespace: object) -> App:
        found = [app for app in self._apps if app.name == activation.application]
        if not found:
            known = sorted({app.name for app in self._apps}) or "none"
            raise AssertionError(
                f"a task of application {activation.application!r} was sent, which this broker does"
                f" not know; it knows {known}. Tell it by broker.know(app)"
            )
        made_in = (app for app in found if app.taskregistry.has(namespace))
        return next(made_in, found[-1])

    def put(self, waiting: Waiting, wait: float) -> None:
        """Keeps a task until it is due in ``wait`` seconds."""
        with self.lock:
            heapq.heappush(self._due, (self.now() + wait, next(self._order), waiting))
            self.lock.notify_all()

    # ------------------------------------------------------------------ for workers

    def claim(
        self, application: str | None = None, namespace: str | None = None
    ) -> messages.TaskActivation | None:
        """Hands out the oldest task that is due, of this application and namespace if given."""
        with self.lock:
            self._take_back_overdue()
            return self._claimed(application, namespace)

    def _claimed(
        self, application: str | None, namespace: str | None
    ) -> messages.TaskActivation | None:
        now = self.now()
        passed: list[tuple[float, int, Waiting]] = []
        found = None
        while found is None and self._due and self._due[0][0] <= now:
            entry = heapq.heappop(self._due)
            activation = messages.TaskActivation.FromString(entry[2].value)
            if application not in (None, activation.application) or (
                namespace not in (None, activation.namespace)
            ):
                passed.append(entry)
            elif self._is_expired(entry[2]):
                self._ended.append((entry[2].call, Ended.EXPIRED))
            else:
                until = now + activation.processing_deadline_duration + GRACE
                self._handed_out[activation.id] = _HandedOut(entry[2], activation, until)
                found = activation
        for entry in passed:
            heapq.heappush(self._due, entry)
        return found

    def report(
        self, task_id: str, status: int, max_attempts: int | None, delay_on_retry: int | None
    ) -> bool:
        """Takes a worker's result; false if no such task is handed out, which is no error."""
        with self.lock:
            handed_out = self._handed_out.pop(task_id, None)
            if handed_out is None:
                return False
            outcome = Outcome(status, max_attempts, delay_on_retry)
            self._conclude(handed_out.waiting, handed_out.activation, outcome)
            return True

    def hand_back(self, task_id: str) -> bool:
        """Takes back a task that was not begun; false if it is not handed out."""
        with self.lock:
            handed_out = self._handed_out.pop(task_id, None)
            if handed_out is not None:
                self.put(handed_out.waiting, 0)
            return handed_out is not None

    def next_due(self) -> float | None:
        """When something that waits becomes due, or is taken back, after now; None: nothing."""
        with self.lock:
            now = self.now()
            times = [due for due, _, _ in self._due if due > now]
            times += [h.until for h in self._handed_out.values()]
            return min(times, default=None)

    def _take_back_overdue(self) -> None:
        for task_id, handed_out in list(self._handed_out.items()):
            if handed_out.until > self.now():
                continue
            del self._handed_out[task_id]
            waiting = handed_out.waiting
            is_once = handed_out.activation.retry_state.at_most_once
            if is_once or waiting.hand_outs + 1 >= MAX_PROCESSING_ATTEMPTS:
                failure = Outcome(messages.TASK_ACTIVATION_STATUS_FAILURE)
                self._conclude(waiting, handed_out.activation, failure)
            else:
                self.put(dataclasses.replace(waiting, hand_outs=waiting.hand_outs + 1), 0)

    # ------------------------------------------------------------------ running

    def run(self) -> int:
        """Runs what is due, and what that sends, until nothing is due; returns how many tries.

        What tasks raise is kept in :attr:`errors` and judged by their policies.
        """
        tries = 0
        while (waiting := self._next()) is not None:
            tries += 1
            self._try(waiting)
        return tries

    def _next(self) -> Waiting | None:
        with self.lock:
            while self._due and self._due[0][0] <= self.now():
                _, _, waiting = heapq.heappop(self._due)
                if not self._is_expired(waiting):
                    return waiting
                self._ended.append((waiting.call, Ended.EXPIRED))
            return None

    def run_until_idle(self) -> int:
        """As :meth:`run`, and moves the clock over every wait until nothing is left."""
        tries = self.run()
        while self._due:
            self._now = max(self._now, self._due[0][0])
            tries += self.run()
        return tries

    def _is_expired(self, waiting: Waiting) -> bool:
        activation = messages.TaskActivation.FromString(waiting.value)
        if not activation.HasField("expires"):
            return False
        return activation.received_at.ToNanoseconds() / 1e9 + activation.expires <= self.now()

    def _try(self, waiting: Waiting) -> None:
        activation = messages.TaskActivation.FromString(waiting.value)
        outcome = execute.run(waiting.call.task, activation, self.now)
        if outcome.error is not None:
            self.errors.append(outcome.error)
        with self.lock:
            self._conclude(waiting, activation, outcome)

    def _conclude(
        self, waiting: Waiting, activation: messages.TaskActivation, outcome: Outcome
    ) -> None:
        if outcome.status == messages.TASK_ACTIVATION_STATUS_COMPLETE:
            self._ended.append((waiting.call, Ended.COMPLETED))
        elif outcome.status == messages.TASK_ACTIVATION_STATUS_RETRY:
            self._again(waiting, activation, outcome)
        else:
            dead = activation.retry_state.on_attempts_exceeded
            is_letter = dead == messages.ON_ATTEMPTS_EXCEEDED_DEADLETTER
            self._ended.append((waiting.call, Ended.DEADLETTER if is_letter else Ended.DISCARDED))

    def _again(
        self, waiting: Waiting, activation: messages.TaskActivation, outcome: Outcome
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
        activation.received_at.FromDatetime(datetime.fromtimestamp(self.now(), UTC))
        activation.id = new_id()
        self.put(Waiting(activation.SerializeToString(), waiting.call, waiting.app), wait)


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
