"""A task: a function with a name that travels."""

from __future__ import annotations

import inspect
import math
import os
import time
import typing
from collections.abc import Callable, Collection, Mapping, MutableMapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack

from taskbroker import durations
from taskbroker._wire import headers as wire_headers
from taskbroker._wire import messages, parameters, zstd
from taskbroker.call import Bound, Call, CallOptions, P
from taskbroker.constants import MAX_PARAMETER_BYTES_BEFORE_COMPRESSION, CompressionType
from taskbroker.context import Context
from taskbroker.convert import Parameters
from taskbroker.durations import Duration
from taskbroker.errors import ArgumentsError, ConfigurationError
from taskbroker.producer.port import Sent
from taskbroker.retry import Retry

if TYPE_CHECKING:
    from concurrent.futures import Future

    from taskbroker.registry import TaskNamespace

R = TypeVar("R")

#: Fills up messages that tests of load want to be large.
PADDING = "taskbroker-testing-activation-padding"

#: The context of the task that a worker, or a test, runs here now.
current_context: ContextVar[Context | None] = ContextVar("taskbroker_context", default=None)


#: The bits of a UUID that say what kind it is, and what they are in a random one.
_UUID_BITS, _UUID_VERSION_4 = 0xF000_C000 << 48, 0x4000_8000 << 48

#: Every call runs at once, where it is made, and raises what the task raises. For tests of programs
#: that were written for taskbroker-client; the fixture ``taskbroker`` does more.
ALWAYS_EAGER = False


class Task(Generic[P, R]):
    """A function that can be called here, or sent to a worker.

    Calling it runs it here. ``delay`` sends it and returns at once; ``await task.send(…)`` returns
    when Kafka has acknowledged it. Safe for all threads.
    """

    def __init__(
        self,
        name: str,
        func: Callable[..., Any],
        namespace: TaskNamespace,
        *,
        retry: Retry | None = None,
        expires: Duration | None = None,
        processing_deadline_duration: Duration | None = None,
        at_most_once: bool = False,
        wait_for_delivery: bool = False,
        compression_type: CompressionType = CompressionType.PLAINTEXT,
        report_timeout_errors: bool = True,
        silenced_exceptions: tuple[type[BaseException], ...] | None = None,
        pass_headers: bool = False,
        checked: bool = True,
    ) -> None:
        if at_most_once and retry is not None:
            raise ConfigurationError(
                f"task {namespace.name}:{name} cannot both run at most once and be tried again"
            )
        self.name = name
        self.func = func
        self.namespace = namespace
        self.at_most_once = at_most_once
        self.retry = None if at_most_once else (retry or namespace.default_retry)
        self.expires = expires if expires is not None else namespace.default_expires
        deadline = (
            processing_deadline_duration
            if processing_deadline_duration is not None
            else namespace.default_processing_deadline_duration
        )
        self.deadline_s = max(1, durations.whole_seconds(deadline, f"the deadline of task {name}"))
        self.wait_for_delivery = wait_for_delivery
        self.compression_type = compression_type
        self.report_timeout_errors = report_timeout_errors
        self.silenced_exceptions = silenced_exceptions or ()
        self.pass_headers = pass_headers
        self.is_async = inspect.iscoroutinefunction(func)
        self.takes_context, self._parameters = _looked_at(func, pass_headers)
        self._checked = checked
        self.__name__ = getattr(func, "__name__", name)
        self.__doc__ = func.__doc__
        self.__wrapped__ = func

    @property
    def fullname(self) -> str:
        return f"{self.namespace.name}:{self.name}"

    def __repr__(self) -> str:
        return f"<Task {self.fullname}>"

    # ------------------------------------------------------------------ here

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Runs the function here, with a context of its own if it takes one."""
        result: R = self.func(*self._with_context(args), **kwargs)
        return result

    def _with_context(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        if not self.takes_context:
            return args
        here = current_context.get() or Context(
            id=new_id(),
            name=self.fullname,
            attempt=1,
            attempts_left=0,
            deadline=time.monotonic() + self.deadline_s,
        )
        return (here, *args)

    # ------------------------------------------------------------------ sending

    def call(self, *args: P.args, **kwargs: P.kwargs) -> Call:
        """Encodes a call for ``app.send_many``."""
        return Call(self, args, kwargs, {})

    def delay(self, *args: P.args, **kwargs: P.kwargs) -> Sent:
        """Hands a call to Kafka's client and returns at once.

        Raises :class:`~taskbroker.errors.ArgumentsError` for arguments that no worker could take,
        :class:`~taskbroker.errors.ConfigurationError` if no Kafka is known, and
        :class:`~taskbroker.errors.DeliveryError` if the client's queue has been full for 5 s.
        """
        return self.call(*args, **kwargs).send()

    async def send(self, *args: P.args, **kwargs: P.kwargs) -> Sent:
        """Sends a call and returns when Kafka has acknowledged it.

        Raises what :meth:`delay` raises, and :class:`~taskbroker.errors.DeliveryError` with what
        Kafka said.
        """
        return await self.call(*args, **kwargs).send()

    def options(self, **options: Unpack[CallOptions]) -> Bound[P]:
        """The same task with options for the next call."""
        return Bound(self, options)

    def apply_async(
        self,
        args: Collection[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> Sent:
        """As ``options(…).delay(…)``, for callers that have their arguments in collections."""
        return Call(self, tuple(args or ()), dict(kwargs or {}), options).send()

    def apply_async_with_future(
        self,
        args: Collection[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> Future[None] | None:
        """As :meth:`apply_async`; returns what ends with Kafka's word, None if it ran here."""
        sent = self.apply_async(args, kwargs, **options)
        return None if ALWAYS_EAGER else sent.acknowledged

    def apply_async_testing(
        self,
        args: Collection[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        bytes: int | None = None,
        seconds: float | None = None,
        **options: Unpack[CallOptions],
    ) -> Sent:
        """For tests of load: sends at least so many bytes, for a task that takes so long."""
        call = Call(self, tuple(args or ()), dict(kwargs or {}), options)
        if seconds is not None:
            call.activation.processing_deadline_duration = 10 + math.ceil(seconds)
        missing = (bytes or 0) - call.activation.ByteSize()
        if missing > 0:
            call.activation.headers[PADDING] = "x" * missing
        return call.send()

    def hand_over(self, call: Call) -> Sent:
        """Hands an encoded call to Kafka's client; runs it here if ``ALWAYS_EAGER`` is set."""
        if ALWAYS_EAGER:
            return self._run_eagerly(call)
        if self.wait_for_delivery:
            return self.namespace.send_task(call.activation, True, key=call.key)
        return self.namespace.send_call(call)

    def _run_eagerly(self, call: Call) -> Sent:
        from concurrent.futures import Future  # the model needs neither otherwise

        from taskbroker import execute

        outcome = execute.run(self, call.activation)
        if outcome.error is not None:
            raise outcome.error
        done: Future[None] = Future()
        done.set_result(None)
        return Sent(call.activation.id, self.namespace.topic, done)

    # ------------------------------------------------------------------ wire

    def encode(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], options: CallOptions
    ) -> messages.TaskActivation:
        """Makes the message of one call.

        Raises :class:`~taskbroker.errors.ArgumentsError` for a call that no worker could run.
        """
        self._check_names(kwargs)
        if self._checked:
            plain_args, plain_kwargs = self._parameters.to_wire(args, kwargs)
        else:
            plain_args, plain_kwargs = list(args), kwargs
        data = parameters.encode(plain_args, plain_kwargs)
        headers = self.namespace.headers_of(options.get("headers") or {})
        large = len(data) > MAX_PARAMETER_BYTES_BEFORE_COMPRESSION
        if large or self.compression_type is CompressionType.ZSTD:
            data = zstd.compress(data)
            headers[wire_headers.COMPRESSION] = CompressionType.ZSTD.value
        expires = options.get("expires")
        if expires is None:
            expires = self.expires
        countdown = options.get("countdown")
        activation = messages.TaskActivation(
            id=new_id(),
            namespace=self.namespace.name,
            taskname=self.name,
            application=self.namespace.application,
            headers=headers,
            retry_state=self._initial_state(),
            processing_deadline_duration=self.deadline_s,
            expires=None if expires is None else durations.whole_seconds(expires, "expires"),
            delay=None if countdown is None else durations.whole_seconds(countdown, "countdown"),
            parameters_bytes=data,
        )
        activation.received_at.FromDatetime(datetime.now(UTC))
        return activation

    def _initial_state(self) -> messages.RetryState:
        if self.retry is not None:
            return self.retry.initial_state()
        return messages.RetryState(
            attempts=0,
            max_attempts=1,
            on_attempts_exceeded=messages.ON_ATTEMPTS_EXCEEDED_DISCARD,
            at_most_once=self.at_most_once,
        )

    def create_activation(
        self,
        args: Collection[Any],
        kwargs: Mapping[str, Any],
        headers: MutableMapping[str, Any] | None = None,
        expires: Duration | None = None,
        countdown: Duration | None = None,
    ) -> messages.TaskActivation:
        """The message of one call, unsent."""
        options: CallOptions = {"headers": headers or {}}
        if expires is not None:
            options["expires"] = expires
        if countdown is not None:
            options["countdown"] = countdown
        return self.encode(tuple(args), dict(kwargs), options)

    def decode(self, activation: messages.TaskActivation) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of a message of this task, as its annotations say."""
        data = activation.parameters_bytes
        if activation.headers.get(wire_headers.COMPRESSION) == CompressionType.ZSTD.value:
            data = zstd.decompress(data)
        args, kwargs = parameters.decode(data)
        kwargs.pop("__start_time", None)
        self._check_names(kwargs)
        if not self._checked:
            return args, kwargs
        return self._parameters.from_wire(args, kwargs)

    def _check_names(self, kwargs: Mapping[str, Any]) -> None:
        if self.pass_headers and "headers" in kwargs:
            raise ArgumentsError(
                f"{self.fullname} is given its headers by the worker; a call names them by"
                " apply_async(…, headers=…)"
            )

    def should_retry(self, state: messages.RetryState, exc: BaseException) -> bool:
        """Returns true if this exception of a worker's try leads to another one."""
        return self.retry is not None and self.retry.should_retry(state, exc)


class ExternalTask(Task[P, R]):
    """A task of another application: it can be sent and not be run here."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        raise ValueError(f"{self.fullname} belongs to {self.namespace.application}; it runs there")

    def _run_eagerly(self, call: Call) -> Sent:
        raise ValueError(f"{self.fullname} belongs to another application; replace it")


def new_id() -> str:
    """A new task's id: 32 lower-case hex digits, a random UUID."""
    number = int.from_bytes(os.urandom(16))
    return f"{number & ~_UUID_BITS | _UUID_VERSION_4:032x}"


def _looked_at(func: Callable[..., Any], pass_headers: bool) -> tuple[bool, Parameters]:
    """Whether the function takes a context first, and the parameters that callers pass."""
    signature = inspect.signature(func)
    try:
        hints = typing.get_type_hints(func)
    except Exception:
        hints = {}
    names = list(signature.parameters.values())
    takes_context = False
    if names:
        hint = hints.get(names[0].name, names[0].annotation)
        takes_context = hint is Context or hint in ("Context", "taskbroker.Context")
    if takes_context:
        names = names[1:]
    if pass_headers:
        names = _without_headers(func, names, hints)
    return takes_context, Parameters(signature.replace(parameters=names), hints)


def _without_headers(
    func: Callable[..., Any], names: list[inspect.Parameter], hints: dict[str, Any]
) -> list[inspect.Parameter]:
    found = next((p for p in names if p.name == "headers"), None)
    if found is None or found.kind is inspect.Parameter.POSITIONAL_ONLY:
        raise TypeError(f"{func.__name__} must have a parameter 'headers' that can be named")
    hint = hints.get("headers", Any)
    kind = typing.get_origin(hint) or hint
    allowed = kind is Any or (isinstance(kind, type) and issubclass(dict, kind))
    if not allowed:
        raise TypeError(f"'headers' of {func.__name__} must be a dict or a Mapping, not {hint}")
    return [p for p in names if p is not found]
