"""One call of a task: its options, its arguments, and what goes on the wire."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypedDict

from taskbroker._wire import headers as wire_headers
from taskbroker.durations import Duration

if TYPE_CHECKING:
    from taskbroker.producer.port import Sent
    from taskbroker.task import Task

P = ParamSpec("P")


class CallOptions(TypedDict, total=False):
    """What one call may say beside its arguments."""

    countdown: Duration | None
    """Wait before it runs, in whole seconds. A broker may have a limit, and cut it to that."""
    expires: Duration | None
    """It is dropped if no worker has begun it by then."""
    headers: Mapping[str, wire_headers.Value] | None
    """Text that goes with the task; other values become text by ``str()``."""
    key: str | bytes | None
    """Tasks of one key go to one partition of Kafka."""


_OPTIONS = tuple(CallOptions.__annotations__)


def check_options(given: Mapping[str, Any]) -> None:
    """Raises ``TypeError`` for an option that does not exist, with the one that was meant.

    With TASKBROKER_LENIENT_OPTIONS=1 in the environment it is dropped, as taskbroker-client does.
    """
    for name in given:
        if name not in _OPTIONS and os.environ.get("TASKBROKER_LENIENT_OPTIONS") != "1":
            import difflib  # the program is wrong

            close = difflib.get_close_matches(name, _OPTIONS, 1)
            hint = (
                f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(_OPTIONS)}"
            )
            raise TypeError(f"a call has no option {name!r}{hint}")


class Call:
    """One call of a task, encoded and not sent yet."""

    __slots__ = ("activation", "args", "key", "kwargs", "task")

    def __init__(
        self,
        task: Task[Any, Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        options: CallOptions,
    ) -> None:
        check_options(options)
        self.task = task
        self.args = args
        self.kwargs = kwargs
        key = options.get("key")
        self.key = key.encode() if isinstance(key, str) else key
        self.activation = task.encode(args, kwargs, options)

    def send(self) -> Sent:
        """Hands it to Kafka's client; runs it here if ``taskbroker.task.ALWAYS_EAGER`` is set."""
        return self.task.hand_over(self)


class Bound(Generic[P]):
    """A task with the options of the next call. Its methods are those of :class:`Task`."""

    __slots__ = ("_options", "_task")

    def __init__(self, task: Task[P, Any], options: CallOptions) -> None:
        check_options(options)
        self._task = task
        self._options = options

    def call(self, *args: P.args, **kwargs: P.kwargs) -> Call:
        """Encodes a call for ``app.send_many``."""
        return Call(self._task, args, kwargs, self._options)

    def delay(self, *args: P.args, **kwargs: P.kwargs) -> Sent:
        """Hands a call to Kafka's client and returns at once."""
        return self.call(*args, **kwargs).send()

    async def send(self, *args: P.args, **kwargs: P.kwargs) -> Sent:
        """Sends a call and returns when Kafka has acknowledged it."""
        return await self.call(*args, **kwargs).send()
