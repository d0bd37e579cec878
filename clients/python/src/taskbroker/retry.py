"""When a failed task is tried again, after how long, and what follows the last try."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from taskbroker import durations
from taskbroker._wire import messages
from taskbroker.durations import Duration
from taskbroker.errors import ConfigurationError


class LastAction(Enum):
    """What the broker does with a task that has failed for good."""

    Discard = messages.ON_ATTEMPTS_EXCEEDED_DISCARD
    Deadletter = messages.ON_ATTEMPTS_EXCEEDED_DEADLETTER

    def to_proto(self) -> int:
        """Its number on the wire."""
        return self.value


DISCARD = LastAction.Discard
DEADLETTER = LastAction.Deadletter


class RetryTaskError(Exception):
    """Raised in a task: try it again, if the policy has a try left."""

    delay: int | None = None


class NoRetriesRemainingError(RetryTaskError):
    """A retry was asked for and none is left."""


class Fail(Exception):
    """Raised in a task: it has failed, whatever its policy says."""


class Snooze(Exception):
    """Raised in a task: run it again after a while, without using up a try."""

    def __init__(self, after: Duration) -> None:
        super().__init__(f"again in {after}")
        self.delay = durations.whole_seconds(after, "a snooze")


Backoff = Callable[[int], float]
"""Seconds between try number N, 1 for the first, and the next."""


def exponential(
    first: Duration,
    *,
    factor: float = 2.0,
    max: Duration = "1h",
    jitter: float = 0.0,
    draw: Callable[[], float] | None = None,
) -> Backoff:
    """Waits ``first`` after the first try and ``factor`` times as long after each further one.

    Never longer than ``max``. ``jitter`` 0.2 changes each wait by up to 20 % either way.
    ``draw`` returns a number from 0 to 1, by chance unless it is given; tests give their own.
    """
    chance = draw or _chance
    start = durations.seconds(first, "the first back-off")
    longest = durations.seconds(max, "the longest back-off")
    if not 0 <= jitter <= 1:
        raise ConfigurationError(f"jitter must be from 0 to 1, was {jitter}")
    if factor < 1:
        raise ConfigurationError(f"the factor of a back-off must be at least 1, was {factor}")

    def wait(tries: int) -> float:
        try:
            grown = start * factor ** (tries - 1)
        except OverflowError:
            grown = longest
        plain = min(grown, longest)
        return plain * (1 + jitter * (2 * chance() - 1))

    return wait


def _chance() -> float:
    from random import random  # most programs have no such policy

    return random()


@dataclass(frozen=True)
class Retry:
    """A retry policy.

    ``times`` counts all tries, the first included: 1 means no retry. ``on`` names the exceptions
    that are tried again, subclasses included; ``ignore`` names exceptions that never are, and wins.
    ``times_exceeded`` is what the broker does in the end. ``delay`` is a fixed wait between tries;
    ``backoff`` computes one and wins.
    """

    times: int = 1
    on: tuple[type[BaseException], ...] | None = None
    ignore: tuple[type[BaseException], ...] | None = None
    times_exceeded: LastAction = LastAction.Discard
    delay: int | None = None
    backoff: Backoff | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.times < 1:
            raise ConfigurationError(f"times counts all tries, at least 1; was {self.times}")
        if self.delay is not None and self.delay < 0:
            raise ConfigurationError(f"delay must not be negative, was {self.delay}")

    @staticmethod
    def now() -> RetryTaskError:
        """To be raised in a task: try it again without a wait."""
        return Retry.after(0)

    @staticmethod
    def after(wait: Duration) -> RetryTaskError:
        """To be raised in a task: try it again after this wait."""
        error = RetryTaskError(f"again in {wait}")
        error.delay = durations.whole_seconds(wait, "the wait before a retry")
        return error

    def initial_state(self) -> messages.RetryState:
        """What a new task says of its policy."""
        return messages.RetryState(
            attempts=0,
            max_attempts=self.times,
            on_attempts_exceeded=self.times_exceeded.value,
            delay_on_retry=self.delay,
        )

    def max_attempts_reached(self, state: messages.RetryState) -> bool:
        """Returns true if no try is left after this one."""
        return state.attempts >= self.times - 1

    def should_retry(self, state: messages.RetryState, exc: BaseException) -> bool:
        """Returns true if the exception of this try leads to another try."""
        if self.max_attempts_reached(state):
            return False
        if isinstance(exc, RetryTaskError):
            return True
        if isinstance(exc, self.ignore or ()):
            return False
        return isinstance(exc, (*(self.on or ()), *_pool_timeout()))

    def wait_after(self, tries: int, exc: BaseException) -> int | None:
        """Seconds before the next try, given how many there were; None for none of its own."""
        if isinstance(exc, RetryTaskError) and exc.delay is not None:
            return exc.delay
        if self.backoff is not None:
            return max(0, round(self.backoff(tries)))
        return self.delay


def _pool_timeout() -> tuple[type[BaseException], ...]:
    """The timeout of multiprocessing's pools; nobody can have raised it who has not loaded it."""
    loaded = sys.modules.get("multiprocessing.context")
    return () if loaded is None else (loaded.TimeoutError,)


def retry_task(exc: BaseException | None = None, raise_on_no_retries: bool = True) -> None:
    """Ends the running task's try and asks for another one.

    Raises :class:`RetryTaskError` while tries are left. Without one it raises
    :class:`NoRetriesRemainingError`, or returns if ``raise_on_no_retries`` is false.
    """
    from taskbroker.state import current_task

    current = current_task()
    if current is not None and not current.retries_remaining:
        if raise_on_no_retries:
            raise NoRetriesRemainingError("no try of this task is left")
        return None
    raise RetryTaskError("the task asks to be tried again") from exc
