"""The line to one broker: what the worker asks of it, and when it leaves it alone for a while."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from taskbroker._wire import exchange, messages

T = TypeVar("T")

#: Seconds for which a broker that failed is left alone: the first time, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 20.0

#: Seconds that a connection may take to stand.
CONNECT_TIMEOUT = 5.0


class RpcFailed(Exception):
    """A call that the broker, or the way to it, has refused. ``code`` is gRPC's name."""

    def __init__(self, address: str, method: str, code: str, details: str) -> None:
        super().__init__(f"{method} at {address}: {code}, {details}")
        self.address = address
        self.code = code
        self.details = details

    @property
    def is_refused(self) -> bool:
        """The broker did not accept the signature, or wants one."""
        return self.code == "UNAUTHENTICATED"

    @property
    def is_final(self) -> bool:
        """Asking again will not change the answer."""
        return self.code in ("INVALID_ARGUMENT", "NOT_FOUND", "UNIMPLEMENTED")


class NotOffered(Exception):
    """The broker does not have this method."""


FindToken = Callable[[], Awaitable[int]]


class Answer(NamedTuple):
    """What a broker said to a call that asks for a task. ``waited`` is the time that it has held
    the call, in seconds; None: it offers no long poll. ``draining``: it is about to stop.
    ``token`` names the attempt; 0: the broker has none, or ``find_token`` finds it, as few tasks
    ever need it."""

    task: messages.TaskActivation | None
    waited: float | None = None
    draining: bool = False
    token: int = 0
    find_token: FindToken | None = None


Attempt = tuple[str, int]
"""One hand-out of a task: its id, and its token; 0 if the broker told none."""


class StreamOver(Exception):
    """Nothing can be written any more; what is read last says why."""


class Stream(Protocol):
    """A stream of frames to a broker that has challenged this worker."""

    async def read(self) -> exchange.BrokerFrame | None:
        """The next frame; None after the last. Raises :class:`RpcFailed` if the stream breaks."""
        ...

    async def write(self, frame: exchange.WorkerFrame) -> None:
        """Sends a frame. Raises :class:`StreamOver`."""
        ...

    async def done_writing(self) -> None:
        """No more frames are written. Raises :class:`StreamOver`."""
        ...

    def cancel(self) -> None:
        """Ends the stream at once."""
        ...


class Broker(Protocol):
    """A broker, as the worker calls it. Every method raises :class:`RpcFailed`."""

    address: str

    async def connect(self, timeout: float) -> None:
        """Returns when the connection stands; fails with UNAVAILABLE if it does not in time."""
        ...

    async def get_task(self, request: messages.GetTaskRequest, wait: float) -> Answer:
        """Asks for a task; if there is none, the broker may hold the call for ``wait`` seconds."""
        ...

    async def set_status(self, update: messages.SetTaskStatusRequest) -> Answer:
        """Reports a task, and returns the next one if the update asks for one and it is there."""
        ...

    async def set_many(self, updates: Sequence[messages.SetTaskStatusRequest]) -> None:
        """Reports many tasks."""
        ...

    async def hand_back(self, attempts: Sequence[Attempt]) -> list[bool]:
        """Returns tasks that were not begun, at the cost of no attempt; says of each whether the
        broker has taken it.

        Raises :class:`NotOffered` if the broker cannot.
        """
        ...

    async def attach(self) -> Stream:
        """Opens a stream, and has the broker's challenge.

        Raises :class:`NotOffered` if the broker has none.
        """
        ...

    @property
    def is_renewed(self) -> bool:
        """The certificates have changed: a new stream would use others."""
        ...

    async def close(self) -> None: ...


class Link:
    """Calls one broker. After a failure it waits, longer each time, then tries one call alone.

    So a broker that refuses its workers is not asked more than once a second, however many results
    wait for it. Belongs to the loop's thread.
    """

    def __init__(self, broker: Broker, on_failure: Callable[[Link, RpcFailed], None]) -> None:
        self.broker = broker
        self.address = broker.address
        self.offers_hand_back: bool | None = None
        self.was_reached = False
        self.uses_stream = False
        self._on_failure = on_failure
        self._failures = 0
        self._opens = 0.0
        self._probe = asyncio.Lock()
        self._queued = 0

    @property
    def is_well(self) -> bool:
        """The last call was answered, or there was none yet."""
        return self._failures == 0

    @property
    def is_up(self) -> bool:
        """The broker was reached, and the last call was answered or still waits."""
        return self.was_reached and self._failures == 0

    async def ready(self) -> None:
        """Waits until the broker may be asked for tasks: it is connected, and no call waits that
        has failed before. Those are results, which come first."""
        while self._failures or not self.was_reached:
            now = asyncio.get_running_loop().time()
            if self._failures and now < self._opens:
                await asyncio.sleep(self._opens - now)
            if self._failures and self._queued:
                await asyncio.sleep(FIRST_PAUSE)
                continue
            try:
                await self.broker.connect(CONNECT_TIMEOUT)
                self.was_reached = True
                return
            except RpcFailed as e:
                self._failed()
                self._on_failure(self, e)

    async def call(self, make: Callable[[], Awaitable[T]]) -> T:
        """Makes one call when the broker may be called. Raises :class:`RpcFailed`."""
        if self._failures == 0:
            return await self._call(make)
        self._queued += 1
        try:
            async with self._probe:
                now = asyncio.get_running_loop().time()
                if self._failures and now < self._opens:
                    await asyncio.sleep(self._opens - now)
                return await self._call(make)
        finally:
            self._queued -= 1

    async def _call(self, make: Callable[[], Awaitable[T]]) -> T:
        try:
            result = await make()
        except RpcFailed as e:
            if not e.is_final:
                self._failed()
            self._on_failure(self, e)
            raise
        self._failures = 0
        self.was_reached = True
        return result

    def _failed(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._failures and now < self._opens:
            return  # one of several calls that failed together
        self._failures += 1
        pause = min(FIRST_PAUSE * 2 ** (self._failures - 1), LONGEST_PAUSE)
        self._opens = now + pause * random.uniform(1.0, 1.25)

    def broke(self, error: RpcFailed) -> None:
        """A stream has ended; the next one is tried after a pause."""
        self._failed()
        self._on_failure(self, error)

    async def hand_back(self, attempts: Sequence[Attempt]) -> list[bool]:
        """Says of each whether the broker has taken it back."""
        nothing = [False] * len(attempts)
        if self.offers_hand_back is False:
            return nothing
        try:
            async with asyncio.timeout(1):
                taken = await self.broker.hand_back(attempts)
        except NotOffered:
            self.offers_hand_back = False
            return nothing
        except (RpcFailed, TimeoutError):
            return nothing
        self.offers_hand_back = True
        return taken
